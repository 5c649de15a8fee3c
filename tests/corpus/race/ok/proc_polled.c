/* Right: its directory in /proc is gone when a process has ended and was reaped. */
#include "../u.h"

int main(void)
{
    char path[32];
    int *data = shared(2 * sizeof *data);
    pid_t child = fork();
    if (child == 0) {
        *data = 42;
        _exit(0);
    }
    snprintf(path, sizeof path, "/proc/%d", (int)child);
    pid_t looker = fork();
    if (looker == 0) {
        while (access(path, F_OK) == 0)
            usleep(200);
        _exit(*data != 42);
    }
    waitpid(child, NULL, 0);
    return reap();
}
