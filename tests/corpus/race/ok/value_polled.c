/* Right: sem_getvalue() until it is posted. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    sem_t *s = shared(4096);
    sem_init(s, 1, 0);
    if (fork() == 0) {
        *n = 3;
        sem_post(s);
        _exit(0);
    }
    int v;
    do
        sem_getvalue(s, &v);
    while (v == 0);
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
