/* Right: mkdir() makes it or fails, in one step. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count);
    char name[64];
    snprintf(name, sizeof name, "/tmp/corpus_lock_%d", (int)getpid());
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            while (mkdir(name, 0700) == -1)
                usleep(200);
            ++*count;
            rmdir(name);
            _exit(0);
        }
    return reap() || *count != 2;
}
