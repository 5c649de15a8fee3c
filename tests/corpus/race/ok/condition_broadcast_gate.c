/* Right: a gate that is opened for all by a broadcast. */
#include "../u.h"

struct s {
    pthread_mutex_t m;
    pthread_cond_t c;
    int open, n;
};
int main(void)
{
    struct s *s = shared(sizeof *s);
    shared_mutex(&s->m);
    shared_condition(&s->c);
    for (int i = 0; i < 5; i++)
        if (fork() == 0) {
            pthread_mutex_lock(&s->m);
            while (!s->open)
                pthread_cond_wait(&s->c, &s->m);
            s->n++;
            pthread_mutex_unlock(&s->m);
            _exit(0);
        }
    pthread_mutex_lock(&s->m);
    s->open = 1;
    pthread_cond_broadcast(&s->c);
    pthread_mutex_unlock(&s->m);
    int r = reap();
    return r || s->n != 5;
}
