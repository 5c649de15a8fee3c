/* Includes one hidden file only (REFERENCE), where no other error can come before.
 *
 * @row include
 * @fails build
 * @says No such file
 */
#include "attack.h"
#include REFERENCE

int main(void)
{
    return 0;
}
