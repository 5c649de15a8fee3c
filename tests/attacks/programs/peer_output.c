/* Writes into the output of a partner, by way of its descriptors in /proc, so that the partner is
 * wrong.
 *
 * A partner has the submission's uid where the grader is root, and the case may be lost by that;
 * but only the attacker's own, and no program of the grader.
 *
 * @row output
 * @exercise three-cases
 * @fails-some output steps
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    char path[64];

    for (int pid = 1; pid < 200; pid++)
        for (int fd = 0; fd < 20; fd++) {
            snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
            if (pid == getpid())
                continue;
            int peer = open(path, O_WRONLY | O_NONBLOCK);
            held(peer == -1 || write(peer, "told\n", 5) == -1, path);
        }
    (void)argc;
    (void)argv;
    return done();
}
