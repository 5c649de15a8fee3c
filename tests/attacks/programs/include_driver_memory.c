/* Includes /proc/1/mem: compiler messages would quote what stands in it.
 *
 * @row include
 * @fails build
 * @says does not compile
 */
#include "/proc/1/mem"

int main(void)
{
    return 0;
}
