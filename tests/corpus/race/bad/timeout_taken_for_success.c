/* Wrong: sem_timedwait() has timed out, and nobody looks. */
#include "../u.h"

struct s {
    sem_t t;
    int n;
};
int main(void)
{
    struct s *s = shared(sizeof *s);
    sem_init(&s->t, 1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            struct timespec e;
            clock_gettime(CLOCK_REALTIME, &e);
            for (int k = 0; k < 5; k++) {
                e.tv_nsec = 0;
                sem_timedwait(&s->t, &e);
                s->n++;
                sem_post(&s->t);
            }
            _exit(0);
        }
    reap();
    return 0;
}
