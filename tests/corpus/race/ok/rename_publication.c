/* Right: the file gets its name when all is done. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    char name[64], file[64];
    snprintf(file, sizeof file, "/tmp/corpus_new_%d", (int)getpid());
    snprintf(name, sizeof name, "/tmp/corpus_done_%d", (int)getpid());
    if (fork() == 0) {
        *data = 42;
        close(creat(file, 0600));
        rename(file, name);
        _exit(0);
    }
    while (access(name, F_OK) == -1)
        usleep(200);
    unlink(name);
    return *data != 42 || reap();
}
