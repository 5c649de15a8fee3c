/* Wrong: a detached thread that nobody waits for. */
#include "../u.h"

static void *run(void *a)
{
    int *n = a;
    for (int i = 0; i < 10; i++)
        ++*n;
    return NULL;
}
int main(void)
{
    int *n = shared(4096);
    pthread_t t;
    pthread_create(&t, NULL, run, n);
    pthread_detach(t);
    for (int i = 0; i < 10; i++)
        ++*n;
    printf("%d\n", *n);
    pthread_exit(NULL);
}
