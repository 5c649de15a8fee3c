/* Wrong: two threads count in a variable of their process without a lock. */
#include "../u.h"

static int count;

static void *work(void *unused)
{
    count++;
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return count > 2;
}
