/* Includes one hidden file only (SPEC), where no other error can come before.
 *
 * @row include
 * @fails build
 * @says No such file
 */
#include "attack.h"
#include SPEC

int main(void)
{
    return 0;
}
