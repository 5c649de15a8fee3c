/* MISTAKE: one semop() takes both forks when both are free at the same moment, which need never
   be. */
#include <errno.h>
#include <stdlib.h>
#include <sys/sem.h>

#include "table.h"

struct table {
    int sem_id, n;
};

struct table *table_make(int n)
{
    union {
        unsigned short *array;
    } values;
    struct table *table = malloc(sizeof(*table));
    values.array = calloc((size_t)n, sizeof(unsigned short));
    if (table == NULL || values.array == NULL)
        return NULL;
    for (int i = 0; i < n; i++)
        values.array[i] = 1;
    table->n = n;
    table->sem_id = semget(IPC_PRIVATE, n, IPC_CREAT | 0600);
    if (table->sem_id == -1)
        return NULL;
    if (semctl(table->sem_id, 0, SETALL, values) == -1) {
        table_destroy(table);
        return NULL;
    }
    free(values.array);
    return table;
}

static bool change(const struct table *table, int i, short by)
{
    struct sembuf operations[] = {
        {.sem_num = (unsigned short)i, .sem_op = by},
        {.sem_num = (unsigned short)((i + 1) % table->n), .sem_op = by},
    };
    while (semop(table->sem_id, operations, 2) == -1)
        if (errno != EINTR)
            return false;
    return true;
}

bool table_take_forks(struct table *table, int i)
{
    return change(table, i, -1);
}

bool table_put_forks(struct table *table, int i)
{
    return change(table, i, 1);
}

void table_destroy(struct table *table)
{
    semctl(table->sem_id, 0, IPC_RMID);
    free(table);
}
