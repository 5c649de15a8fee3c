/* Commands and escapes from the assembler alone, on lines of their own.
 *
 * @row escapes
 * @row compiler
 * @fails build
 */
__asm__(".print \"::error::pwned\"\n.print \"##[error]pwned\"\n.print "
        "\"\\033[2J\\033]0;pwned\\007\"\n");
__asm__(".print \"\xc2\x9b"
        "31m\\377\\376 <script>&]]>\"\n.print \"=cmd|'calc'!A0\"\n");
__asm__(".print \"main.c:1:1: error: =cmd|'calc'!A0 \\033[2J\"\n.err\n");

int main(void)
{
    return 0;
}
