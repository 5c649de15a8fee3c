/* Uses nearly all the CPU time that it may, then answers: allowed, and no more than that.
 *
 * @row timing
 * @right
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    while (clock() < CLOCKS_PER_SEC / 10)
        ;
    return answer(argc, argv);
}
