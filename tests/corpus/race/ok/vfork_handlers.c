/* Right: what the child of vfork() does to its handlers and mask is its own. */
#include "../u.h"

static volatile sig_atomic_t count;

static void note(int number)
{
    (void)number;
    count++;
}

int main(int argc, char **argv)
{
    int *data = shared(sizeof *data);
    sigset_t set, now;
    if (argc > 1)
        return signal(SIGUSR1, SIG_DFL) != SIG_IGN;
    handle(SIGUSR1, note);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    for (volatile int i = 0; i < 2; i++) {
        pid_t child = vfork();
        if (child == 0) {
            signal(SIGUSR1, SIG_IGN);
            sigprocmask(SIG_BLOCK, &set, NULL);
            execl("/proc/self/exe", argv[0], "worker", NULL);
            _exit(9);
        }
        kill(getpid(), SIGUSR1);
    }
    sigprocmask(SIG_BLOCK, NULL, &now);
    *data = count;
    return reap() || *data != 2 || sigismember(&now, SIGUSR2);
}
