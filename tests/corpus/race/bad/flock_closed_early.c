/* Wrong: close() lets the lock go, before the new value is written. */
#include "../u.h"

int main(void)
{
    int *count = segment(sizeof *count);
    char name[] = "/tmp/corpus_XXXXXX";
    close(mkstemp(name));
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int file = open(name, O_RDWR);
            flock(file, LOCK_EX);
            int seen = *count;
            close(file);
            *count = seen + 1;
            _exit(0);
        }
    reap();
    unlink(name);
    return 0;
}
