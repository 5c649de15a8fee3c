/* warehouse.c

   A warehouse whose shelf several processes fill and empty.
*/
#include <stdlib.h>

#include "warehouse.h"

struct warehouse {
    /* TODO: a mutex and a condition variable */
    struct shelf shelf;
};

struct warehouse *warehouse_make(void)
{
    /* TODO: all processes must see the same shelf (mmap(2)); which attributes must a mutex have
       that they share, and that one of them may die with? (pthread_mutexattr_init(3)) */
    return calloc(1, sizeof(struct warehouse));
}

bool warehouse_put(struct warehouse *warehouse, long quantity)
{
    /* TODO: under the mutex; and who has to hear of it? */
    shelf_change(&warehouse->shelf, quantity);
    return true;
}

bool warehouse_take(struct warehouse *warehouse, long quantity)
{
    /* TODO: wait until there are so many (pthread_cond_wait(3)) */
    shelf_change(&warehouse->shelf, -quantity);
    return true;
}

long warehouse_look(struct warehouse *warehouse)
{
    return warehouse->shelf.quantity;
}

void warehouse_destroy(struct warehouse *warehouse)
{
    free(warehouse);
}
