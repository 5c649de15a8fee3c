/* Gives the right answer, then tries to kill the driver before the checks: nothing more, nothing
 * less to earn.
 *
 * @row kill
 * @right
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    answer(argc, argv);
    for (int number = 1; number <= 64; number++) {
        kill(1, number);
        kill(getppid(), number);
    }
    return 0;
}
