/* The same in what the compiler says: through the assembler, which prints what the source tells it
 * to.
 *
 * @row escapes
 * @row compiler
 * @fails build
 */
__asm__(".print \"::error::pwned\"\n.print \"##[error]pwned\"\n.print "
        "\"\\033[2J\\033]0;pwned\\007\"\n");
__asm__(".print \"\xc2\x9b"
        "31m\\377\\376 <script>&]]>\"\n.print \"=cmd|'calc'!A0\"\n");
__asm__(".error \"::error::pwned\"\n");
#error "\033[2J ::error::pwned"

int main(void)
{
    return 0;
}
