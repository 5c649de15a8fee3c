/* Right: pthread_once() in threads, and a value that is made in it. */
#include "../u.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int *value;

static void make(void)
{
    *value = 42;
}

static void *work(void *unused)
{
    pthread_once(&once, make);
    return *value == 42 ? unused : value;
}

int main(void)
{
    pthread_t threads[2];
    void *failed = NULL, *result;
    value = shared(sizeof *value);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &result);
        failed = failed != NULL ? failed : result;
    }
    return failed != NULL;
}
