/* Right: a thread waits in semop() while the main one forks; SIGCHLD is ignored by default, so it
 * interrupts nothing. */
#include "../u.h"

static int set;

static void *waiter(void *argument)
{
    struct sembuf take = {0, -1, 0};
    for (int i = 0; i < 8; i++)
        if (semop(set, &take, 1) == -1)
            return "interrupted";
    return argument;
}

int main(void)
{
    pthread_t thread;
    void *result;
    set = semaphores(1, 0);
    if (pthread_create(&thread, NULL, waiter, NULL))
        return 3;
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            V(set, 0);
            _exit(0);
        }
    pthread_join(thread, &result);
    int failed = reap();
    remove_set(set);
    return failed || result != NULL;
}
