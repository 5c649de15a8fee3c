/* Right: the child stops itself, the parent sees that and lets it go on. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), status;
    pid_t child = fork();
    if (child == 0) {
        *data = 41;
        raise(SIGSTOP);
        _exit(*data != 42);
    }
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WSTOPPED);
    ++*data;
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    return status;
}
