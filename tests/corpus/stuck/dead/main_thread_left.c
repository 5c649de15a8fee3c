/* Dead: main has left by pthread_exit(), a thread waits for a condition, a child in msgrcv(). */
#include "../../race/u.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready;

static void *work(void *unused)
{
    pthread_mutex_lock(&lock);
    while (!ready)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    exit(0);
    return unused;
}

int main(void)
{
    pthread_t thread;
    int q = msgget(IPC_PRIVATE, 0600);
    struct {
        long type;
        char text[8];
    } m;
    if (fork() == 0) {
        msgrcv(q, &m, sizeof m.text, 5, 0);
        _exit(0);
    }
    pthread_create(&thread, NULL, work, NULL);
    pthread_exit(NULL);
}
