/* Right: a mutex made of an atomic and futex(2), as Drepper describes it. */
#include "../u.h"
#include <linux/futex.h>
#include <sys/syscall.h>

struct s {
    atomic_int lock;
    int n;
};
static void lock(atomic_int *a)
{
    int c = 0;
    if (atomic_compare_exchange_strong(a, &c, 1))
        return;
    if (c != 2)
        c = atomic_exchange(a, 2);
    while (c) {
        syscall(SYS_futex, a, FUTEX_WAIT, 2, NULL, NULL, 0);
        c = atomic_exchange(a, 2);
    }
}
static void unlock(atomic_int *a)
{
    if (atomic_fetch_sub(a, 1) != 1) {
        atomic_store(a, 0);
        syscall(SYS_futex, a, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}
int main(void)
{
    struct s *s = shared(sizeof *s);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            for (int k = 0; k < 50; k++) {
                lock(&s->lock);
                s->n++;
                unlock(&s->lock);
            }
            _exit(0);
        }
    int f = reap();
    return f || s->n != 150;
}
