/* Right: when a process was killed none of its threads does anything. */
#include "../u.h"

static int *data;

static void *run(void *ends)
{
    *data = 42;
    write(*(int *)ends, "x", 1);
    pause();
    return NULL;
}

int main(void)
{
    int ends[2];
    data = shared(sizeof *data);
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        char byte;
        pthread_create(&thread, NULL, run, &ends[1]);
        read(ends[0], &byte, 1);
        kill(getpid(), SIGKILL);
    }
    wait(NULL);
    return *data != 42;
}
