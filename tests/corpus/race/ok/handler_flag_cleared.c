/* Right: the handler sets flags, the program tests and clears them; a counter only the handler
 * changes. */
#include "../u.h"

static volatile sig_atomic_t flag, counter, progress;

static void handler(int number)
{
    (void)number;
    flag = 1;
    counter++;
    if (progress > 100)
        flag = 2;
}

int main(void)
{
    sigset_t only, before;
    handle(SIGUSR1, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, &before);
    pid_t parent = getpid();
    if (fork() == 0) {
        for (int i = 0; i < 5; i++) {
            kill(parent, SIGUSR1);
            usleep(1000);
        }
        _exit(0);
    }
    while (flag == 0)
        sigsuspend(&before);
    flag = 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    int seen = 0;
    for (int i = 0; i < 20; i++) {
        progress++;
        if (flag)
            flag = 0;
        if (counter != seen)
            seen = counter;
    }
    int failed = reap();
    return failed || counter < 1;
}
