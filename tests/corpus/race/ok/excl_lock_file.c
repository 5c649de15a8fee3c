/* Right: a lock file made with O_EXCL. */
#include "../u.h"

static const char *L = "/tmp/excl.lock";
int main(void)
{
    int *n = shared(4096);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 10; k++) {
                int f;
                while ((f = open(L, O_CREAT | O_EXCL | O_WRONLY, 0600)) < 0)
                    usleep(200);
                close(f);
                ++*n;
                unlink(L);
            }
            _exit(0);
        }
    int r = reap();
    return r || *n != 20;
}
