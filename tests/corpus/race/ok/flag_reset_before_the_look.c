/* Right: the flag is set back before the look at what it stands for. */
#include "../u.h"

static volatile sig_atomic_t told;

static void note(int number)
{
    (void)number;
    told = 1;
}

int main(void)
{
    int bytes[2];
    char byte;
    long total = 0;
    sigset_t blocked, open;
    handle(SIGUSR1, note);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_SETMASK, NULL, &open);
    if (pipe2(bytes, O_NONBLOCK) == -1)
        return 1;
    if (fork() == 0) {
        for (int i = 0; i < 2; i++)
            if (write(bytes[1], "x", 1) != 1 || kill(getppid(), SIGUSR1) == -1)
                _exit(1);
        _exit(0);
    }
    while (total < 2) {
        sigprocmask(SIG_BLOCK, &blocked, NULL);
        while (!told)
            sigsuspend(&open);
        sigprocmask(SIG_SETMASK, &open, NULL);
        told = 0;
        while (read(bytes[0], &byte, 1) == 1)
            total++;
    }
    wait(NULL);
    return 0;
}
