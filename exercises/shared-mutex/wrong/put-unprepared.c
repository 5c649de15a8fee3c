/* MISTAKE: only who takes is prepared for a holder that has died; for who puts that is a failure.

   A shelf in shared memory, under a mutex that is shared between processes and that survives the
   death of whoever holds it, and a condition variable for those who wait until more is there.
*/
#define _GNU_SOURCE /* For MAP_ANONYMOUS */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>

#include "warehouse.h"

struct warehouse {
    pthread_mutex_t mutex; /* Guards the shelf */
    pthread_cond_t more;   /* Something has been put on it */
    struct shelf shelf;
};

static int init_mutex(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t attributes;
    int error = pthread_mutexattr_init(&attributes);
    if (error == 0)
        error = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    if (error == 0)
        error = pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    return error == 0 ? pthread_mutex_init(mutex, &attributes) : error;
}

static int init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (error == 0)
        error = pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    return error == 0 ? pthread_cond_init(condition, &attributes) : error;
}

struct warehouse *warehouse_make(void)
{
    struct warehouse *warehouse =
        mmap(NULL, sizeof(*warehouse), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (warehouse == MAP_FAILED)
        return NULL;
    errno = init_mutex(&warehouse->mutex); /* These calls return the error */
    if (errno == 0)
        errno = init_condition(&warehouse->more);
    return errno == 0 ? warehouse : NULL;
}

/* Whoever gets the mutex after its holder has died gets it with EOWNERDEAD, and has to see to what
   is guarded by it, and to those whom the dead has not woken; without pthread_mutex_consistent()
   nobody would ever get it again. */
static bool got_mutex(struct warehouse *warehouse, int error)
{
    if (error == EOWNERDEAD) {
        shelf_repair(&warehouse->shelf);
        pthread_cond_broadcast(&warehouse->more);
        error = pthread_mutex_consistent(&warehouse->mutex);
    }
    errno = error;
    return error == 0;
}

static bool enter(struct warehouse *warehouse)
{
    return got_mutex(warehouse, pthread_mutex_lock(&warehouse->mutex));
}

/* All are woken: for whom there is enough only they know themselves. */
bool warehouse_put(struct warehouse *warehouse, long quantity)
{
    if (pthread_mutex_lock(&warehouse->mutex) != 0)
        return false;
    shelf_change(&warehouse->shelf, quantity);
    pthread_cond_broadcast(&warehouse->more);
    return pthread_mutex_unlock(&warehouse->mutex) == 0;
}

/* Waiting, too, gives the mutex away and takes it again. */
bool warehouse_take(struct warehouse *warehouse, long quantity)
{
    if (!enter(warehouse))
        return false;
    while (warehouse->shelf.quantity < quantity)
        if (!got_mutex(warehouse, pthread_cond_wait(&warehouse->more, &warehouse->mutex)))
            return false;
    shelf_change(&warehouse->shelf, -quantity);
    return pthread_mutex_unlock(&warehouse->mutex) == 0;
}

long warehouse_look(struct warehouse *warehouse)
{
    if (!enter(warehouse))
        return -1;
    long quantity = warehouse->shelf.quantity;
    return pthread_mutex_unlock(&warehouse->mutex) == 0 ? quantity : -1;
}

void warehouse_destroy(struct warehouse *warehouse)
{
    munmap(warehouse, sizeof(*warehouse));
}
