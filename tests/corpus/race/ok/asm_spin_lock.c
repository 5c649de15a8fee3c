/* Right: a spin lock of inline assembly, into which nobody can see. */
#include "../u.h"

struct s {
    volatile int lock;
    int n;
};
static int xchg(volatile int *p, int v)
{
    __asm__ volatile("xchgl %0,%1" : "+r"(v), "+m"(*p)::"memory");
    return v;
}
int main(void)
{
    struct s *s = shared(sizeof *s);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 50; k++) {
                while (xchg(&s->lock, 1))
                    sched_yield();
                s->n++;
                xchg(&s->lock, 0);
            }
            _exit(0);
        }
    int r = reap();
    return r || s->n != 100;
}
