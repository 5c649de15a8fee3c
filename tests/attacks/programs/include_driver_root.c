/* Includes /proc/1/root/etc/shadow: compiler messages would quote what stands in it.
 *
 * @row include
 * @fails build
 * @says does not compile
 */
#include "/proc/1/root/etc/shadow"

int main(void)
{
    return 0;
}
