/* Right: no environment, no PATH, and an exec with an empty one. */
#include "../u.h"

int main(int argc, char **argv)
{
    char *none[] = {NULL}, *arguments[] = {argv[0], "again", NULL};
    int *data = shared(sizeof *data);
    clearenv();
    if (argc > 1) {
        *data = 1;
        return 0;
    }
    if (fork() == 0) {
        close_range(3, 100, 0);
        execve("/proc/self/exe", arguments, none);
        _exit(9);
    }
    return reap();
}
