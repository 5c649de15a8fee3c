/* Functions and variables with names that the runtime has, too, and one of the C library's. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int region = 1, inside, handlers, points_wanted;

int lock(int by)
{
    return region += by;
}

int unlock(int by)
{
    return inside += by;
}

int release(int by)
{
    return handlers += by;
}

int take(int by)
{
    return points_wanted += by;
}

int sem_post(int by)
{
    return by + 1;
}

int main(void)
{
    int *counter =
        mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counter == MAP_FAILED)
        return 1;
    if (fork() == 0) {
        *counter = lock(1) + unlock(2) + release(3) + take(4) + sem_post(5);
        _exit(0);
    }
    wait(NULL);
    printf("%d\n", *counter);
    return 0;
}
