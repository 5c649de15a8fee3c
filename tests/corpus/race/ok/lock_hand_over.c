/* Right: along a list hand over hand, the next lock before the last is given up. */
#include "../u.h"

struct node {
    pthread_mutex_t m;
    int v;
};
int main(void)
{
    struct node *n = shared(5 * sizeof *n);
    for (int i = 0; i < 5; i++)
        shared_mutex(&n[i].m);
    for (int c = 0; c < 3; c++)
        if (fork() == 0) {
            for (int k = 0; k < 10; k++) {
                pthread_mutex_lock(&n[0].m);
                for (int i = 0; i < 5; i++) {
                    n[i].v++;
                    if (i < 4)
                        pthread_mutex_lock(&n[i + 1].m);
                    pthread_mutex_unlock(&n[i].m);
                }
            }
            _exit(0);
        }
    int r = reap(), b = 0;
    for (int i = 0; i < 5; i++)
        b |= n[i].v != 30;
    return r || b;
}
