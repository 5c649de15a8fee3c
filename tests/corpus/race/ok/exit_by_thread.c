/* Right: a thread ends its process, and with it what it has done is done. */
#include "../u.h"

static int *data;

static void *run(void *unused)
{
    (void)unused;
    *data = 42;
    _exit(0);
}

int main(void)
{
    data = shared(sizeof *data);
    if (fork() == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, run, NULL);
        pause();
    }
    return reap() || *data != 42;
}
