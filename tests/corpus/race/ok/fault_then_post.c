/* Right: a handler of SIGSEGV opens the page of the atomic; what was written before is posted. */
#include "../u.h"
enum { PAGE = 4096 };
static char *base;
static void open_page(int number)
{
    mprotect(base, PAGE, PROT_READ | PROT_WRITE);
}
int main(void)
{
    base = shared(PAGE);
    int *data = shared(PAGE);
    sem_t *done = (sem_t *)(data + 64);
    sem_init(done, 1, 0);
    handle(SIGSEGV, open_page);
    if (fork() == 0) {
        int none = 0;
        mprotect(base, PAGE, PROT_NONE);
        data[0] = 5;
        atomic_compare_exchange_strong((atomic_int *)base, &none, 1);
        data[1] = 6;
        sem_post(done);
        _exit(0);
    }
    while (sem_wait(done) == -1 && errno == EINTR)
        ;
    int ok = data[0] + data[1] == 11;
    return reap() || !ok;
}
