/* The parent adds to a counter that its child changes under a lock, before it waits for the child.
 */
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct shared {
    sem_t lock;
    int counter;
};

int main(void)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || sem_init(&shared->lock, 1, 1) == -1)
        return 1;
    if (fork() == 0) {
        sem_wait(&shared->lock);
        shared->counter++;
        sem_post(&shared->lock);
        _exit(0);
    }
    shared->counter++;
    wait(NULL);
    printf("%d\n", shared->counter);
    return 0;
}
