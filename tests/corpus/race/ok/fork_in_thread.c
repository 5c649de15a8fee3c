/* Right: a thread forks, and waits for its child; the program joins the thread. */
#include "../u.h"

static void *work(void *room)
{
    int *data = room;
    pid_t child = fork();
    if (child == 0) {
        *data = 42;
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return NULL;
}

int main(void)
{
    int *slots = shared(2 * sizeof *slots);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, &slots[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return slots[0] + slots[1] != 84;
}
