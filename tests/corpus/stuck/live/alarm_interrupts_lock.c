/* Live: an alarm interrupts the wait for a lock. */
#include "../../race/u.h"

static void h(int s)
{
    (void)s;
}
int main(void)
{
    struct sigaction a = {.sa_handler = h};
    sigaction(SIGALRM, &a, NULL);
    int f = scratch_file();
    int g[2];
    if (pipe(g))
        return 3;
    pid_t c = fork();
    if (c == 0) {
        record_lock(f, F_WRLCK, 0, 1);
        if (write(g[1], "x", 1) != 1)
            _exit(1);
        pause();
    }
    char x;
    if (read(g[0], &x, 1) != 1)
        return 3;
    ualarm(300000, 0);
    record_lock(f, F_WRLCK, 0, 1);
    kill(c, 9);
    while (wait(NULL) > 0)
        ;
    return 0;
}
