/* Chains of processes that live for a moment each and whose CPU time is added to nobody's, beside
 * one that hardly gets any: to look as if the machine, not the program, were to blame.
 *
 * @row timing
 * @row bombs
 * @fails-some busy-loop steps output stuck
 */
#include "attack.h"

int main(void)
{
    struct sched_param none = {0};

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    signal(SIGCHLD, SIG_IGN);
    if (fork() == 0) { /* wants to run, and is not let */
        sched_setscheduler(0, SCHED_IDLE, &none);
        for (;;)
            ;
    }
    for (int chain = 0; chain < 8; chain++)
        if (fork() == 0)
            for (;;) {
                pid_t next = fork();
                if (next > 0)
                    _exit(0);
            }
    for (;;)
        pause();
}
