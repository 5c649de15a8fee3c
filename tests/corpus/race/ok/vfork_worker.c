/* Right: vfork() and exec at once. */
#include "../u.h"

int main(int argc, char **argv)
{
    if (argc > 1)
        return 7;
    int status = 0;
    pid_t child = vfork();
    if (child == 0) {
        execl("/proc/self/exe", argv[0], "worker", NULL);
        _exit(9);
    }
    waitpid(child, &status, 0);
    return WEXITSTATUS(status) != 7;
}
