/* Live: a child reads its own pipe, and its handler writes there when a file is made (F_NOTIFY). */
#include "../../race/u.h"

static int own[2];

static void handler(int number)
{
    (void)number;
    write(own[1], "x", 1);
}

int main(void)
{
    int ready[2];
    char byte;
    if (pipe(ready) || mkdir("inbox", 0700))
        return 3;
    pid_t worker = fork();
    if (worker == 0) {
        int folder = open("inbox", O_RDONLY);
        if (pipe(own))
            _exit(3);
        handle(SIGIO, handler);
        if (fcntl(folder, F_NOTIFY, DN_CREATE))
            _exit(3);
        write(ready[1], "x", 1);
        _exit(read(own[0], &byte, 1) != 1);
    }
    if (fork() == 0) {
        read(ready[0], &byte, 1);
        usleep(700000);
        close(open("inbox/job", O_CREAT | O_WRONLY, 0600));
        _exit(0);
    }
    int status;
    waitpid(worker, &status, 0);
    return reap() || status;
}
