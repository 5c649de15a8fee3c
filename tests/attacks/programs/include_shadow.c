/* Includes /etc/shadow: compiler messages would quote what stands in it.
 *
 * @row include
 * @fails build
 * @says does not compile
 */
#include "/etc/shadow"

int main(void)
{
    return 0;
}
