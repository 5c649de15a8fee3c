/* Includes one hidden file only (HOME_CANARY), where no other error can come before.
 *
 * @row include
 * @fails build
 * @says does not compile
 */
#include "attack.h"
#include HOME_CANARY

int main(void)
{
    return 0;
}
