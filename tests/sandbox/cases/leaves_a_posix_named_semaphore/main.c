/* Makes a named semaphore of value 3, closes it, and forgets sem_unlink(). */
#include <err.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdlib.h>

int main(void)
{
    sem_t *slots = sem_open("/slots", O_CREAT | O_EXCL, 0600, 3);
    if (slots == SEM_FAILED)
        err(EXIT_FAILURE, "sem_open(/slots)");
    if (sem_close(slots) == -1)
        err(EXIT_FAILURE, "sem_close(/slots)");
    return 0;
}
