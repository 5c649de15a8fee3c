/* Includes what lies on the host: the reference, the specification, canaries, another student's
 * work.
 *
 * @row include
 * @fails build
 * @says does not compile
 */
#include "attack.h"
#include HOME_CANARY
#include TMP_CANARY
#include COURSE_CANARY
#include REFERENCE
#include SPEC
#include OTHER

int main(void)
{
    return 0;
}
