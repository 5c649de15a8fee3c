/* Has the assembler put what the compiler's own /proc shows into the program, and looks for secrets
 * in it.
 *
 * @row include
 * @fails-some output build
 */
#include "attack.h"

__asm__(".section .rodata\nenvironment: .incbin \"/proc/self/environ\"\n.byte 0\nmounts: .incbin "
        "\"/proc/self/mountinfo\"\n.byte 0\narguments: .incbin \"/proc/self/cmdline\"\n.byte "
        "0\n.text\n");
extern const char environment[], mounts[], arguments[];

int main(void)
{
    static const char *const words[] = {"grader", "driver", "SECRET",
                                        "/root",  "/home",  "exercises"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        held(memmem(environment, (size_t)(mounts - environment), words[i], strlen(words[i])) ==
                 NULL,
             words[i]);
        held(memmem(mounts, strlen(mounts), words[i], strlen(words[i])) == NULL, words[i]);
        held(memmem(arguments, strlen(arguments), words[i], strlen(words[i])) == NULL, words[i]);
    }
    puts(environment);
    puts(arguments);
    return done();
}
