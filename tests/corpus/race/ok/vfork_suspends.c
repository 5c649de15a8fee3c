/* Right: the parent of vfork() goes on when the child has ended, or has begun another program. */
#include "../u.h"

int main(int argc, char **argv)
{
    int *data = shared(sizeof *data);
    if (argc > 1)
        return 0;
    if (vfork() == 0) {
        *data = 41;
        execl("/proc/self/exe", argv[0], "worker", NULL);
        _exit(9);
    }
    ++*data;
    return *data != 42 || reap();
}
