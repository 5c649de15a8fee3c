/* Right: one thread takes the record lock, another one of the process lets it go. */
#include "../u.h"

static int file, *count;
static void *finish(void *unused)
{
    (void)unused;
    ++*count;
    record_lock(file, F_UNLCK, 0, 0);
    return NULL;
}
int main(void)
{
    file = scratch_file();
    count = shared(sizeof *count);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            pthread_t thread;
            record_lock(file, F_WRLCK, 0, 0);
            ++*count;
            pthread_create(&thread, NULL, finish, NULL);
            pthread_join(thread, NULL);
            _exit(0);
        }
    int failed = reap();
    return failed || *count != 4;
}
