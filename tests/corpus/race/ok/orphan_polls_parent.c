/* Right: the orphan looks at getppid() until its parent has ended. */
#include "../u.h"

int main(void)
{
    struct {
        int data;
        atomic_int failed;
    } *all = shared(sizeof *all);
    int ends[2];
    char byte;
    pipe(ends);
    if (fork() == 0) {
        pid_t parent = getpid();
        if (fork() == 0) {
            while (getppid() == parent)
                usleep(200);
            atomic_store(&all->failed, all->data != 42);
            _exit(0);
        }
        all->data = 42;
        _exit(0);
    }
    close(ends[1]);
    int status = reap();
    read(ends[0], &byte, 1);
    return status || atomic_load(&all->failed);
}
