/* Wrong: two threads change one page at two addresses. */
#include "../u.h"

static int *a, *b;
static void *run(void *x)
{
    (void)x;
    for (int i = 0; i < 100; i++)
        ++*b;
    return NULL;
}
int main(void)
{
    int f = scratch_file();
    if (ftruncate(f, 4096))
        return 3;
    a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
    b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
    pthread_t t;
    pthread_create(&t, NULL, run, NULL);
    for (int i = 0; i < 100; i++)
        ++*a;
    pthread_join(t, NULL);
    return 0;
}
