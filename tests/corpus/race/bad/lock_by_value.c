/* Wrong: the pid of the holder is the lock; two may find it 0. */
#include "../u.h"

int main(void)
{
    struct {
        volatile pid_t holder;
        int count;
    } *all = shared(sizeof *all);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            while (all->holder != getpid())
                if (all->holder == 0)
                    all->holder = getpid();
            all->count++;
            all->holder = 0;
            _exit(0);
        }
    return reap();
}
