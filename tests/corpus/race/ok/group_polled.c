/* Right: getpgid() until the child has a group of its own. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    pid_t child = fork();
    if (child == 0) {
        *data = 42;
        setpgid(0, 0);
        pause();
    }
    while (getpgid(child) != child)
        usleep(200);
    int seen = *data;
    kill(child, SIGTERM);
    wait(NULL);
    return seen != 42;
}
