/* Right: the lock by flock() was left to the child, and goes when that is killed. */
#include "../u.h"
int main(void)
{
    int *data = shared(4096);
    char name[] = "/tmp/left_XXXXXX";
    int file = mkstemp(name), ready[2];
    pipe(ready);
    if (fork() == 0) {
        int own = open(name, O_RDWR);
        char byte;
        close(file);
        read(ready[0], &byte, 1);
        flock(own, LOCK_EX);
        int ok = *data == 7;
        _exit(!ok);
    }
    flock(file, LOCK_EX);
    pid_t worker = fork();
    if (worker == 0) {
        *data = 7;
        signal(SIGABRT, SIG_DFL);
        abort();
    }
    close(file); /* The child has it still */
    write(ready[1], "x", 1);
    int status, failed = 0;
    for (int i = 0; i < 2; i++)
        if (wait(&status) != worker)
            failed |= status != 0;
    unlink(name);
    return failed;
}
