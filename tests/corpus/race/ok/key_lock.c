/* Right: a key is the lock; whoever makes the queue that has it may write, and then removes it. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    key_t key = 0x4b000000 | (getpid() & 0xffffff);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int lock;
            while ((lock = msgget(key, IPC_CREAT | IPC_EXCL | 0600)) == -1)
                usleep(500);
            *value += 1;
            _exit(msgctl(lock, IPC_RMID, NULL) == -1);
        }
    return reap() || *value != 2;
}
