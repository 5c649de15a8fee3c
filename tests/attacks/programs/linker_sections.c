/* Tells the linker what to do from inside the object: libraries, exports, entry points, a stack
 * that is executable.
 *
 * Sections like these are a matter of the program alone; it answers right, and gets its points.
 *
 * @row compiler
 * @right
 */
#include "attack.h"

__asm__(".section .note.GNU-stack, \"x\", @progbits\n.text\n");
__asm__(".section .gnu.warning.main, \"a\"\n.ascii \"INPUT(/etc/shadow)\"\n.byte 0\n.text\n");
__asm__(".section .interp.not, \"a\"\n.ascii \"/proc/1/exe\"\n.byte 0\n.text\n");

int main(int argc, char *argv[])
{
    return answer(argc, argv);
}
