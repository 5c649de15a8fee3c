/* Sleeps for ever, with a timer pending, so that it is never stuck: it meets the limit of the
 * clock.
 *
 * @row timing
 * @fails-some steps stuck
 * @says time
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    sleep(1000);
    return answer(argc, argv);
}
