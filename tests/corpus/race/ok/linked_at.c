/* Right: symlinkat() as a lock. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    char d[] = "/tmp/atXXXXXX";
    if (!mkdtemp(d))
        return 3;
    int h = open(d, O_DIRECTORY | O_RDONLY);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 8; k++) {
                while (symlinkat("x", h, "l"))
                    usleep(100);
                ++*n;
                unlinkat(h, "l", 0);
            }
            _exit(0);
        }
    int r = reap();
    rmdir(d);
    return r || *n != 16;
}
