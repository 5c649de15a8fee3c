/* Dead: main has left; its other thread is in recv(), and who would send waits for a semaphore. */
#include "../../race/u.h"

static int ends[2], set;

static void *work(void *unused)
{
    char byte;
    recv(ends[0], &byte, 1, 0);
    V(set, 0);
    exit(reap());
    return unused;
}

int main(void)
{
    pthread_t thread;
    set = semaphores(1, 0);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
        return 3;
    if (fork() == 0) {
        P(set, 0);
        send(ends[1], "x", 1, 0);
        _exit(0);
    }
    pthread_create(&thread, NULL, work, NULL);
    pthread_exit(NULL);
}
