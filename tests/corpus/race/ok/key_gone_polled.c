/* Right: the child asks for the key until no segment has it any more, and then takes the result. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    key_t key = 0x5b000000 | (getpid() & 0xffffff);
    int segment = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
    if (fork() == 0) {
        while (shmget(key, 0, 0) != -1)
            usleep(500);
        _exit(*value != 7);
    }
    *value = 7;
    if (segment == -1 || shmctl(segment, IPC_RMID, NULL) == -1)
        return 4;
    return reap();
}
