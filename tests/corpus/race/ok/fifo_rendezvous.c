/* Right: open() of a FIFO returns when the other side has come to it. */
#include "../u.h"

int main(void)
{
    char name[64];
    int *slots = shared(2 * sizeof *slots);
    snprintf(name, sizeof name, "/tmp/corpus_fifo_%d", (int)getpid());
    mkfifo(name, 0600);
    int child = fork() == 0;
    slots[child] = child + 1;
    close(open(name, child ? O_WRONLY : O_RDONLY));
    int other = slots[1 - child];
    if (child)
        _exit(other != 1);
    int failed = reap();
    unlink(name);
    return failed || other != 2;
}
