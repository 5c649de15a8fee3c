/* Dead: nobody opens the FIFO's other end. */
#include "../../race/u.h"

int main(void)
{
    char name[64];
    snprintf(name, sizeof name, "/tmp/corpus_dead_%d", (int)getpid());
    mkfifo(name, 0600);
    if (fork() == 0)
        _exit(open(name, O_RDONLY) == -1);
    return reap();
}
