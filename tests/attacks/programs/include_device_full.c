/* Includes /dev/full, which never ends, or is no text.
 *
 * @row compiler
 * @fails build
 */
#include "/dev/full"

int main(void)
{
    return 0;
}
