/* Right: kill(pid, 0) fails with ESRCH when the child has ended and was reaped elsewhere. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    pid_t *grandchild = shared(sizeof *grandchild);
    if (fork() == 0) {
        pid_t made = fork();
        if (made == 0) {
            *data = 42;
            _exit(0);
        }
        *grandchild = made;
        waitpid(made, NULL, 0);
        _exit(0);
    }
    int failed = reap();
    return failed || kill(*grandchild, 0) == 0 || *data != 42;
}
