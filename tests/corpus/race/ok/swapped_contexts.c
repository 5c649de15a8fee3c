/* Right: a coroutine takes a semaphore on a stack of its own. */
#include "../u.h"
#include <ucontext.h>

static ucontext_t m, c;
static int *n;
static sem_t *s;
static char st[65536];
static void co(void)
{
    for (int i = 0; i < 5; i++) {
        sem_wait(s);
        ++*n;
        sem_post(s);
        swapcontext(&c, &m);
    }
}
int main(void)
{
    n = shared(4096);
    s = shared(4096);
    sem_init(s, 1, 1);
    if (fork() == 0) {
        for (int i = 0; i < 5; i++) {
            sem_wait(s);
            ++*n;
            sem_post(s);
        }
        _exit(0);
    }
    getcontext(&c);
    c.uc_stack.ss_sp = st;
    c.uc_stack.ss_size = sizeof st;
    c.uc_link = &m;
    makecontext(&c, co, 0);
    for (int i = 0; i < 5; i++)
        swapcontext(&m, &c);
    int r = reap();
    return r || *n != 10;
}
