/* Includes /dev/zero, which never ends, or is no text.
 *
 * @row compiler
 * @fails build
 */
#include "/dev/zero"

int main(void)
{
    return 0;
}
