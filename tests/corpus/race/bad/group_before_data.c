/* Wrong: the group is made before the data is there. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        *data = 42;
        pause();
    }
    while (getpgid(child) != child)
        usleep(200);
    int seen = *data;
    kill(child, SIGTERM);
    wait(NULL);
    return seen > 42;
}
