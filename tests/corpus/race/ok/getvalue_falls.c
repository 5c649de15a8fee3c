/* Right: sem_getvalue() until the other one has taken the last unit. */
#include "../u.h"

int main(void)
{
    struct {
        sem_t semaphore;
        int data;
    } *room = shared(sizeof *room);
    sem_init(&room->semaphore, 1, 1);
    pid_t child = fork();
    if (child == 0) {
        room->data = 42;
        sem_wait(&room->semaphore);
        pause();
    }
    int value;
    while (sem_getvalue(&room->semaphore, &value) == 0 && value > 0)
        usleep(200);
    int seen = room->data;
    kill(child, SIGTERM);
    wait(NULL);
    return seen != 42;
}
