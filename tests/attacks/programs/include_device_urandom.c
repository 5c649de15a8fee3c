/* Includes /dev/urandom, which never ends, or is no text.
 *
 * @row compiler
 * @fails build
 */
#include "/dev/urandom"

int main(void)
{
    return 0;
}
