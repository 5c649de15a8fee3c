/* Includes /, which never ends, or is no text.
 *
 * @row compiler
 * @fails build
 */
#include "/"

int main(void)
{
    return 0;
}
