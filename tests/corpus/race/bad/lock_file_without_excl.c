/* Wrong: looks whether the lock file is there, then makes it: two steps. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count);
    char name[64];
    snprintf(name, sizeof name, "/tmp/lock_%d", (int)getpid());
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            while (access(name, F_OK) == 0)
                usleep(100);
            close(open(name, O_CREAT | O_RDWR, 0600));
            ++*count;
            unlink(name);
            _exit(0);
        }
    return reap();
}
