/* Children and threads that call themselves by escapes and commands, and are left behind; so does
 * argv[0].
 *
 * @row escapes
 * @row daemons
 * @points 7
 * @fails no-stray-processes
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    static const char *const names[] = {"\033[2J\033]0;x\007",
                                        "\n::error::x\n",
                                        "=cmd|'c'!A0",
                                        "\xff\xfe<&]]>",
                                        ") R 1 1 1 (",
                                        "\xc2\x9b"
                                        "31m\r"};

    answer(argc, argv);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (fork() == 0) {
            setsid();
            prctl(PR_SET_NAME, names[i]);
            memset(argv[0], 0, strlen(argv[0]));
            strncpy(argv[0], names[i], 6);
            for (;;)
                pause();
        }
    return 0;
}
