/* Right: the handler reaps all that are there and keeps errno; the program waits in sigsuspend().
 */
#include "../u.h"

static volatile sig_atomic_t reaped;

static void handler(int number)
{
    int error = errno;
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped++;
    errno = error;
}

int main(void)
{
    sigset_t only, before;
    int *slots = shared(3 * sizeof *slots);
    handle(SIGCHLD, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGCHLD);
    sigprocmask(SIG_BLOCK, &only, &before);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            slots[i] = 1;
            _exit(0);
        }
    while (reaped < 3)
        sigsuspend(&before);
    return slots[0] + slots[1] + slots[2] != 3;
}
