/* Right: two hundred real-time signals are queued while the receiver adds in shared memory. */
#include "../u.h"
enum { COUNT = 200 };
static volatile sig_atomic_t got, sum;
static void counts(int number, siginfo_t *info, void *context)
{
    got++;
    sum += info->si_value.sival_int;
}
int main(void)
{
    atomic_int *turns = shared(4096);
    struct sigaction action = {.sa_sigaction = counts, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGRTMIN, &action, NULL);
    pid_t receiver = getpid();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int n = 0; n < COUNT / 2; n++)
                while (sigqueue(receiver, SIGRTMIN, (union sigval){.sival_int = 2}) == -1)
                    sched_yield();
            _exit(0);
        }
    while (got < COUNT)
        atomic_fetch_add(turns, 1);
    return reap() || sum != 2 * COUNT;
}
