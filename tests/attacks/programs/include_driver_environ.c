/* Includes /proc/1/environ: compiler messages would quote what stands in it.
 *
 * @row include
 * @fails build
 * @says does not compile
 */
#include "/proc/1/environ"

int main(void)
{
    return 0;
}
