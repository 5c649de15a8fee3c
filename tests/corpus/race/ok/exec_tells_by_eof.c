/* Right: the pipe that exec closes tells that the child has come so far. */
#include "../u.h"

int main(int argc, char **argv)
{
    int *data = shared(sizeof *data), ends[2], back[2];
    char byte;
    if (argc > 1)
        return read(STDIN_FILENO, &byte, 1) != 0;
    pipe2(ends, O_CLOEXEC);
    pipe2(back, O_CLOEXEC);
    if (fork() == 0) {
        dup2(back[0], STDIN_FILENO);
        *data = 42;
        execlp("/proc/self/exe", argv[0], "again", NULL);
        _exit(9);
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 0)
        return 1;
    int got = *data;
    close(back[1]);
    return got != 42 || reap();
}
