/* Wrong: each child initialises the mutex anew. */
#include "../u.h"

struct s {
    pthread_mutex_t m;
    int n;
};
int main(void)
{
    struct s *s = shared(sizeof *s);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            shared_mutex(&s->m);
            for (int k = 0; k < 20; k++) {
                pthread_mutex_lock(&s->m);
                s->n++;
                pthread_mutex_unlock(&s->m);
            }
            _exit(0);
        }
    reap();
    return 0;
}
