/* Right: one fence behind two relaxed loads. */
#include "../u.h"

typedef struct {
    atomic_int ready[2];
    int data[2];
} All;
int main(void)
{
    All *all = shared(sizeof *all);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (i == 1)
                usleep(3000);
            all->data[i] = 21;
            atomic_store_explicit(&all->ready[i], 1, memory_order_release);
            _exit(0);
        }
    for (int i = 0; i < 2; i++)
        while (!atomic_load_explicit(&all->ready[i], memory_order_relaxed))
            usleep(100);
    atomic_thread_fence(memory_order_acquire);
    int sum = all->data[0] + all->data[1];
    return reap() || sum != 42;
}
