/* Includes /proc/1/fd/3: compiler messages would quote what stands in it.
 *
 * @row include
 * @fails build
 * @says does not compile
 */
#include "/proc/1/fd/3"

int main(void)
{
    return 0;
}
