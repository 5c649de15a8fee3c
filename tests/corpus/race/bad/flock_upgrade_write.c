/* Wrong: who has only a shared lock writes before the lock is one to write. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    char name[] = "/tmp/corpus_XXXXXX";
    close(mkstemp(name));
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int file = open(name, O_RDWR);
            flock(file, LOCK_SH);
            ++*data;
            flock(file, LOCK_EX);
            flock(file, LOCK_UN);
            _exit(0);
        }
    int failed = reap();
    unlink(name);
    return failed;
}
