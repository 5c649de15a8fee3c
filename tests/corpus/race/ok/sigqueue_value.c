/* Right: the value that comes with the signal is the index of the slot. */
#include "../u.h"

int main(void)
{
    sigset_t only;
    siginfo_t info;
    int *slots = shared(4 * sizeof *slots), sum = 0;
    sigemptyset(&only);
    sigaddset(&only, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &only, NULL);
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            slots[i] = i + 1;
            sigqueue(getppid(), SIGRTMIN, (union sigval){.sival_int = i});
            _exit(0);
        }
    for (int i = 0; i < 4; i++) {
        while (sigwaitinfo(&only, &info) == -1)
            ;
        sum += slots[info.si_value.sival_int];
    }
    return reap() || sum != 10;
}
