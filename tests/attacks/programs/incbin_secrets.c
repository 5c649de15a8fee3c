/* Has the assembler put files of the host into the program, and prints what came.
 *
 * @row include
 * @fails build
 * @says file not found: /etc/shadow
 */
#include "attack.h"

__asm__(".section .rodata\nstolen: .incbin "
        "\""
        "/etc/shadow"
        "\""
        "\n.byte 0\n.text\n");
__asm__(".section .rodata\nother: .incbin \"/proc/1/environ\"\n.byte 0\n.text\n");
extern const char stolen[], other[];

int main(void)
{
    puts(stolen);
    puts(other);
    return 0;
}
