/* An array of 2 GiB with an initial value at its end: an object file of that size.
 *
 * @row compiler
 * @fails build
 */
volatile char huge[2000000000] = {[1999999999] = 1};

int main(void)
{
    return huge[0];
}
