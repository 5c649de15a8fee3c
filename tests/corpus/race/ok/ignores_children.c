/* Right: SIGCHLD ignored, so that wait() returns when all have ended, with ECHILD. */
#include "../u.h"

int main(void)
{
    int *slots = shared(3 * sizeof *slots);
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            slots[i] = 1;
            _exit(0);
        }
    while (wait(NULL) != -1 || errno != ECHILD)
        ;
    return slots[0] + slots[1] + slots[2] != 3;
}
