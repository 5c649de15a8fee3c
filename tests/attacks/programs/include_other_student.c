/* Includes one hidden file only (OTHER), where no other error can come before.
 *
 * @row include
 * @fails build
 * @says No such file
 */
#include "attack.h"
#include OTHER

int main(void)
{
    return 0;
}
