/* Includes /proc/1/cmdline: compiler messages would quote what stands in it.
 *
 * @row include
 * @fails-some build output
 */
#include "/proc/1/cmdline"

int main(void)
{
    return 0;
}
