/* A program of 60 MiB out of one line for the assembler.
 *
 * @row compiler
 * @fails build
 */
__asm__(".section .rodata\n.fill 60000000, 1, 7\n.text\n");

int main(void)
{
    return 0;
}
