/* table.c

   A round table, at which philosophers share forks with their neighbours.
*/
#include <stdlib.h>

#include "table.h"

struct table {
    int n;
    /* TODO: the forks; how many are there, and what is a fork? */
};

struct table *table_make(int n)
{
    /* TODO: all philosophers must see the same forks (mmap(2), sem_init(3); or semget(2)) */
    struct table *table = calloc(1, sizeof(*table));
    if (table != NULL)
        table->n = n;
    return table;
}

bool table_take_forks(struct table *table, int i)
{
    /* TODO: which two forks are it, and which of them first? What if all do this at once? */
    return i < table->n;
}

bool table_put_forks(struct table *table, int i)
{
    /* TODO: put both forks down */
    return i < table->n;
}

void table_destroy(struct table *table)
{
    free(table);
}
