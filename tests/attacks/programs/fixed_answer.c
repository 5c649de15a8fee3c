/* Prints the sum of numbers that it has seen once, whatever it is asked.
 *
 * @row hard-coded
 * @exercise three-cases
 * @fails-some output steps
 */
#include "attack.h"

int main(void)
{
    puts("1234567");
    return 0;
}
