/* Right: the child of vfork() tells its parent in a variable why exec has failed. */
#include "../u.h"

static void note(int number)
{
    (void)number;
}

int main(void)
{
    volatile int error = 0;
    handle(SIGINT, note);
    pid_t child = vfork();
    if (child == 0) {
        signal(SIGINT, SIG_DFL);
        execl("/nowhere/at/all", "all", NULL);
        error = errno;
        _exit(127);
    }
    raise(SIGINT);
    int status;
    waitpid(child, &status, 0);
    return error != ENOENT || WEXITSTATUS(status) != 127;
}
