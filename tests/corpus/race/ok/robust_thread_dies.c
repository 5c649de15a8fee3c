/* Right: a thread ends with a robust mutex held; another one repairs what it has left. */
#include "../u.h"

static struct {
    pthread_mutex_t mutex;
    int count;
} *room;

static void *run(void *unused)
{
    pthread_mutex_lock(&room->mutex);
    room->count = 1;
    return unused;
}

int main(void)
{
    room = shared(sizeof *room);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&room->mutex, &attributes);
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, run, NULL);
        pause();
    }
    for (int done = 0; !done;) {
        int error = pthread_mutex_lock(&room->mutex);
        if (error == EOWNERDEAD) {
            pthread_mutex_consistent(&room->mutex);
            room->count++;
        }
        done = room->count == 2;
        pthread_mutex_unlock(&room->mutex);
        usleep(200);
    }
    kill(child, SIGTERM);
    wait(NULL);
    return 0;
}
