/* Wrong: the name is the lock, and it is given back before the value is written. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    char name[64];
    snprintf(name, sizeof name, "/lock.%d", (int)getpid());
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int lock;
            while ((lock = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0600)) == -1)
                usleep(500);
            close(lock);
            if (shm_unlink(name) == -1)
                _exit(1);
            *value += 1;
            _exit(0);
        }
    return reap() || *value != 2;
}
