/* Has the compiler start programs: through the assembler's and linker's own options in the source.
 *
 * @row compiler
 * @fails-some build output
 */
#include "attack.h"
#pragma comment(linker, "/usr/bin/id")
#pragma comment(lib, "evil")
#ident "@/etc/shadow"

__asm__(".file \"@/etc/shadow\"\n");
__asm__(".include \"/etc/shadow\"\n");

int main(void)
{
    return 0;
}
