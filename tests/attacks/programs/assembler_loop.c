/* A loop in the assembler: .rept inside .rept.
 *
 * @row compiler
 * @fails build
 * @says the compiler
 */
__asm__(".rept 1000000\n.rept 1000000\nnop\n.endr\n.endr\n");

int main(void)
{
    return 0;
}
