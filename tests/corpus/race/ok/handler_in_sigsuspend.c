/* Right: the signal comes only within sigsuspend(); all else is plain. */
#include "../u.h"

static struct {
    int number, times;
    char text[24];
} got;
static int turn, turns[64];

static void handler(int number)
{
    got.number = number;
    got.times++;
    strcpy(got.text, "has come");
    turn = turns[turn] + 1;
}

int main(void)
{
    sigset_t only, before;
    handle(SIGUSR1, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    sigprocmask(SIG_BLOCK, &only, &before);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        int peer = getppid();
        for (int i = 0; i < 5; i++) {
            kill(peer, SIGUSR1);
            while (got.times <= i)
                sigsuspend(&before);
        }
        _exit(0);
    }
    (void)parent;
    for (int i = 0; i < 5; i++) {
        while (got.times <= i)
            sigsuspend(&before);
        got.number = 0;
        turns[i] = turn;
        kill(child, SIGUSR1);
    }
    return reap() || got.times != 5;
}
