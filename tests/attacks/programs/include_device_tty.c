/* Includes /dev/tty, which never ends, or is no text.
 *
 * @row compiler
 * @fails build
 */
#include "/dev/tty"

int main(void)
{
    return 0;
}
