/* Also right: System V shared memory; one function that takes the mutex by whatever way it comes;
   who waits is counted, and woken only if there is somebody. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/shm.h>

#include "warehouse.h"

struct warehouse {
    struct shelf shelf;
    int waiting;
    pthread_mutex_t mutex;
    pthread_cond_t enough;
};

struct warehouse *warehouse_make(void)
{
    int id = shmget(IPC_PRIVATE, sizeof(struct warehouse), IPC_CREAT | 0600);
    if (id == -1)
        return NULL;
    struct warehouse *warehouse = shmat(id, NULL, 0);
    shmctl(id, IPC_RMID, NULL); /* It goes when the last process has gone */
    if (warehouse == (void *)-1)
        return NULL;
    pthread_mutexattr_t mutex;
    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_settype(&mutex, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_condattr_t enough;
    pthread_condattr_init(&enough);
    pthread_condattr_setpshared(&enough, PTHREAD_PROCESS_SHARED);
    if ((errno = pthread_mutex_init(&warehouse->mutex, &mutex)) != 0 ||
        (errno = pthread_cond_init(&warehouse->enough, &enough)) != 0) {
        shmdt(warehouse);
        return NULL;
    }
    return warehouse;
}

static bool enter(struct warehouse *warehouse, bool by_waiting)
{
    errno = by_waiting ? pthread_cond_wait(&warehouse->enough, &warehouse->mutex)
                       : pthread_mutex_lock(&warehouse->mutex);
    if (errno == EOWNERDEAD) {
        errno = pthread_mutex_consistent(&warehouse->mutex);
        shelf_repair(&warehouse->shelf);
        pthread_cond_broadcast(&warehouse->enough);
    }
    return errno == 0;
}

static bool leave(struct warehouse *warehouse)
{
    return (errno = pthread_mutex_unlock(&warehouse->mutex)) == 0;
}

bool warehouse_put(struct warehouse *warehouse, long quantity)
{
    if (!enter(warehouse, false))
        return false;
    shelf_change(&warehouse->shelf, quantity);
    if (warehouse->waiting > 0)
        pthread_cond_broadcast(&warehouse->enough);
    return leave(warehouse);
}

bool warehouse_take(struct warehouse *warehouse, long quantity)
{
    if (!enter(warehouse, false))
        return false;
    warehouse->waiting++;
    while (warehouse->shelf.quantity < quantity)
        if (!enter(warehouse, true))
            return false;
    warehouse->waiting--;
    shelf_change(&warehouse->shelf, -quantity);
    return leave(warehouse);
}

long warehouse_look(struct warehouse *warehouse)
{
    if (!enter(warehouse, false))
        return -1;
    long quantity = warehouse->shelf.quantity;
    return leave(warehouse) ? quantity : -1;
}

void warehouse_destroy(struct warehouse *warehouse)
{
    shmdt(warehouse);
}
