/* Right: mtx_, cnd_ and thrd_ of C11. */
#include "../u.h"
#include <threads.h>

static mtx_t lock;
static cnd_t changed;
static int *data, ready;

static int work(void *unused)
{
    (void)unused;
    mtx_lock(&lock);
    *data = 42;
    ready = 1;
    cnd_signal(&changed);
    mtx_unlock(&lock);
    return 7;
}

int main(void)
{
    thrd_t thread;
    int result = 0;
    data = shared(sizeof *data);
    mtx_init(&lock, mtx_plain);
    cnd_init(&changed);
    thrd_create(&thread, work, NULL);
    mtx_lock(&lock);
    while (!ready)
        cnd_wait(&changed, &lock);
    int got = *data;
    mtx_unlock(&lock);
    thrd_join(thread, &result);
    *data = 0;
    return got != 42 || result != 7;
}
