/* Right: the waits of pthreads that take a clock. */
#include "../u.h"

struct s {
    pthread_mutex_t m;
    pthread_cond_t c;
    sem_t t;
    int n, ready;
};
int main(void)
{
    struct s *s = shared(sizeof *s);
    shared_mutex(&s->m);
    shared_condition(&s->c);
    sem_init(&s->t, 1, 1);
    struct timespec e;
    clock_gettime(CLOCK_MONOTONIC, &e);
    e.tv_sec += 30;
    struct timespec r;
    clock_gettime(CLOCK_REALTIME, &r);
    r.tv_sec += 30;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 20; k++) {
                if (pthread_mutex_timedlock(&s->m, &r))
                    _exit(1);
                s->n++;
                pthread_mutex_unlock(&s->m);
                if (pthread_mutex_clocklock(&s->m, CLOCK_MONOTONIC, &e))
                    _exit(1);
                s->n++;
                pthread_mutex_unlock(&s->m);
            }
            pthread_mutex_lock(&s->m);
            s->ready++;
            pthread_cond_signal(&s->c);
            pthread_mutex_unlock(&s->m);
            if (sem_clockwait(&s->t, CLOCK_MONOTONIC, &e))
                _exit(1);
            sem_post(&s->t);
            _exit(0);
        }
    pthread_mutex_lock(&s->m);
    while (s->ready < 2)
        if (pthread_cond_clockwait(&s->c, &s->m, CLOCK_MONOTONIC, &e))
            return 3;
    int bad = s->n != 80;
    pthread_mutex_unlock(&s->m);
    return reap() || bad;
}
