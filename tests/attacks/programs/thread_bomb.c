/* Threads that start threads, and go on trying when no more are to be had.
 *
 * @row bombs
 * @fails-some busy-loop memory-limit
 * @says CPU time
 */
#include "attack.h"
#include <pthread.h>

static void *more(void *unused)
{
    pthread_attr_t small;
    pthread_t thread;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (;;)
        pthread_create(&thread, &small, more, unused);
    return NULL;
}

int main(void)
{
    more(NULL);
    return 0;
}
