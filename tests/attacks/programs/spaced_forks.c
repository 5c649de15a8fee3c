/* Hides behind a change of name, image and session between any two looks: each of a pair forks,
 * runs itself anew under another name, and ends.
 *
 * @row daemons
 * @row detect
 * @points 0..7
 * @fails-some no-stray-processes busy-loop exit steps
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    static const char *const names[] = {"(sd-pam)",    "init",        "launch",
                                        "main) R 1 (", "kworker/0:0", ""};
    char number[16];
    int at = argc > 3 ? atoi(argv[3]) : 0;

    if (at == 0)
        answer(argc, argv);
    prctl(PR_SET_NAME, names[at % 6]);
    snprintf(number, sizeof number, "%d", at + 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (i == 1)
                _exit(0);
            setsid();
            execl("/proc/self/exe", names[at % 6], "1", "2", number, NULL);
        }
    return 0;
}
