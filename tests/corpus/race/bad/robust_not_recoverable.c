/* Wrong: whoever got EOWNERDEAD unlocks an inconsistent mutex: then nobody has it any more. */
#include "../u.h"

struct box {
    pthread_mutex_t mutex;
    int count;
};

static void add(struct box *box)
{
    pthread_mutex_lock(&box->mutex);
    box->count++;
    pthread_mutex_unlock(&box->mutex);
}

int main(void)
{
    struct box *box = shared(sizeof *box);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&box->mutex, &attributes);
    if (fork() == 0) {
        pthread_mutex_lock(&box->mutex);
        _exit(0);
    }
    reap();
    add(box);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            add(box);
            _exit(0);
        }
    reap();
    return 0;
}
