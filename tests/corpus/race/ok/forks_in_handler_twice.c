/* Right: children of a handler by _Fork(); the reader waits for the end of the pipe only. */
#include "../u.h"
static int *data;
static void makes_child(int number)
{
    int error = errno;
    if (_Fork() == 0)
        _exit(0);
    errno = error;
}
int main(void)
{
    data = shared(4096);
    int ends[2];
    pipe(ends);
    if (fork() == 0) {
        handle(SIGUSR1, makes_child);
        raise(SIGUSR1);
        wait(NULL);
        raise(SIGUSR1);
        wait(NULL);
        data[0] = 3;
        _exit(0);
    }
    close(ends[1]);
    char byte;
    if (read(ends[0], &byte, 1) != 0)
        return 2;
    int ok = data[0] == 3;
    return reap() || !ok;
}
