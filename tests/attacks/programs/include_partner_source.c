/* Includes teller.c: compiler messages would quote what stands in it.
 *
 * @row include
 * @exercise three-cases
 * @fails build
 * @says does not compile
 */
#include "teller.c"

int main(void)
{
    return 0;
}
