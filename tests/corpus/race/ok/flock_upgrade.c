/* Right: shared locks to read, an exclusive one to write, each on an own open file. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    char name[] = "/tmp/corpus_XXXXXX";
    close(mkstemp(name));
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int file = open(name, O_RDWR), sum = 0;
            for (int k = 0; k < 2; k++) {
                flock(file, LOCK_SH);
                sum += *data;
                flock(file, LOCK_EX);
                ++*data;
                flock(file, LOCK_UN);
            }
            _exit(sum < 0);
        }
    int failed = reap() || *data != 4;
    unlink(name);
    return failed;
}
