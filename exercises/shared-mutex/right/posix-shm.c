/* Also right: POSIX shared memory that has lost its name at once; those who wait are woken when the
   mutex is free again, and each time the mutex is taken the shelf is looked after. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "warehouse.h"

struct warehouse {
    struct shelf shelf;
    pthread_cond_t changed;
    pthread_mutex_t mutex;
};

struct warehouse *warehouse_make(void)
{
    char name[64];
    snprintf(name, sizeof(name), "/warehouse.%ld", (long)getpid());
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (fd == -1)
        return NULL;
    shm_unlink(name);
    if (ftruncate(fd, sizeof(struct warehouse)) == -1)
        return NULL;
    struct warehouse *warehouse =
        mmap(NULL, sizeof(*warehouse), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (warehouse == MAP_FAILED)
        return NULL;

    pthread_mutexattr_t for_mutex;
    pthread_condattr_t for_condition;
    pthread_mutexattr_init(&for_mutex);
    pthread_mutexattr_setpshared(&for_mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&for_mutex, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&warehouse->mutex, &for_mutex);
    pthread_condattr_init(&for_condition);
    pthread_condattr_setpshared(&for_condition, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&warehouse->changed, &for_condition);
    return warehouse;
}

static void look_after(struct warehouse *warehouse, int result)
{
    shelf_repair(&warehouse->shelf);
    if (result == EOWNERDEAD) {
        pthread_cond_broadcast(&warehouse->changed);
        pthread_mutex_consistent(&warehouse->mutex);
    }
}

bool warehouse_put(struct warehouse *warehouse, long quantity)
{
    look_after(warehouse, pthread_mutex_lock(&warehouse->mutex));
    shelf_change(&warehouse->shelf, quantity);
    pthread_mutex_unlock(&warehouse->mutex);
    pthread_cond_broadcast(&warehouse->changed);
    return true;
}

bool warehouse_take(struct warehouse *warehouse, long quantity)
{
    look_after(warehouse, pthread_mutex_lock(&warehouse->mutex));
    while (warehouse->shelf.quantity < quantity)
        look_after(warehouse, pthread_cond_wait(&warehouse->changed, &warehouse->mutex));
    shelf_change(&warehouse->shelf, -quantity);
    pthread_mutex_unlock(&warehouse->mutex);
    return true;
}

long warehouse_look(struct warehouse *warehouse)
{
    look_after(warehouse, pthread_mutex_lock(&warehouse->mutex));
    long quantity = warehouse->shelf.quantity;
    pthread_mutex_unlock(&warehouse->mutex);
    return quantity;
}

void warehouse_destroy(struct warehouse *warehouse)
{
    munmap(warehouse, sizeof(*warehouse));
}
