/* Live: the self-pipe trick: a child reads its own pipe, into which its SIGIO handler writes. */
#include "../../race/u.h"

static int own[2];

static void handler(int number)
{
    (void)number;
    write(own[1], "x", 1);
}

int main(void)
{
    int jobs[2], ready[2];
    char byte;
    if (pipe(jobs) || pipe(ready))
        return 3;
    pid_t worker = fork();
    if (worker == 0) {
        if (pipe(own))
            _exit(3);
        handle(SIGIO, handler);
        fcntl(jobs[0], F_SETOWN, getpid());
        fcntl(jobs[0], F_SETFL, O_ASYNC | O_NONBLOCK);
        write(ready[1], "x", 1);
        if (read(own[0], &byte, 1) != 1 || read(jobs[0], &byte, 1) != 1)
            _exit(3);
        _exit(0);
    }
    if (fork() == 0) {
        read(ready[0], &byte, 1);
        usleep(700000);
        _exit(write(jobs[1], "j", 1) != 1);
    }
    int status;
    waitpid(worker, &status, 0);
    return reap() || status;
}
