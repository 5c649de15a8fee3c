/* Right: pthread_atfork() keeps a lock over fork(), and its functions come in their order. */
#include "../u.h"

static int *count, order, before[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void take(void)
{
    pthread_mutex_lock(&lock);
    *count += 1;
    before[1] = ++order;
}

static void first(void)
{
    before[0] = ++order;
}

static void let_go(void)
{
    pthread_mutex_unlock(&lock);
}

static void in_child(void)
{
    if (before[0] != 1 || before[1] != 2 || *count != 1)
        _exit(4);
    pthread_mutex_unlock(&lock);
}

int main(void)
{
    count = shared(sizeof *count);
    pthread_atfork(take, let_go, in_child);
    pthread_atfork(first, NULL, NULL);
    if (fork() == 0)
        _exit(*count != 1);
    return reap() || *count != 1;
}
