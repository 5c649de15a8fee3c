/* Wrong: waitpid() in the handler leaves ECHILD in errno, which belongs to the program. */
#include "../u.h"

static void handler(int number)
{
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

int main(void)
{
    handle(SIGCHLD, handler);
    if (fork() == 0)
        _exit(0);
    usleep(20000);
    while (wait(NULL) > 0)
        ;
    return 0;
}
