/* Includes /proc/self/environ: compiler messages would quote what stands in it.
 *
 * @row include
 * @fails-some build output
 */
#include "/proc/self/environ"

int main(void)
{
    return 0;
}
