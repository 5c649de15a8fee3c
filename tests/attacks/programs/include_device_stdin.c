/* Includes /dev/stdin, which never ends, or is no text.
 *
 * @row compiler
 * @fails-some build output
 */
#include "/dev/stdin"

int main(void)
{
    return 0;
}
