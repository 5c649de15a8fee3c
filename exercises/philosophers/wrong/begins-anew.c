/* MISTAKE: who is interrupted begins anew, and then waits for what it has taken itself. */
#include <errno.h>
#include <stdlib.h>
#include <sys/sem.h>

#include "table.h"

struct table {
    int sem_id, n; /* Semaphores 0 to n - 1 are the forks, semaphore n is for the seats */
};

struct table *table_make(int n)
{
    union {
        unsigned short *array;
    } values;
    struct table *table = malloc(sizeof(*table));
    values.array = calloc((size_t)n + 1, sizeof(unsigned short));
    if (table == NULL || values.array == NULL)
        return NULL;
    for (int i = 0; i < n; i++)
        values.array[i] = 1;
    values.array[n] = (unsigned short)(n - 1);
    table->n = n;
    table->sem_id = semget(IPC_PRIVATE, n + 1, IPC_CREAT | 0600);
    if (table->sem_id == -1)
        return NULL;
    if (semctl(table->sem_id, 0, SETALL, values) == -1) {
        table_destroy(table);
        return NULL;
    }
    free(values.array);
    return table;
}

static bool change(const struct table *table, int which, short by)
{
    struct sembuf operation = {.sem_num = (unsigned short)which, .sem_op = by};
    return semop(table->sem_id, &operation, 1) == 0;
}

bool table_take_forks(struct table *table, int i)
{
    while (!change(table, table->n, -1) || !change(table, i, -1) ||
           !change(table, (i + 1) % table->n, -1))
        if (errno != EINTR)
            return false;
    return true;
}

bool table_put_forks(struct table *table, int i)
{
    return change(table, i, 1) && change(table, (i + 1) % table->n, 1) &&
           change(table, table->n, 1);
}

void table_destroy(struct table *table)
{
    semctl(table->sem_id, 0, IPC_RMID);
    free(table);
}
