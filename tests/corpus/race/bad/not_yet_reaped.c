/* Wrong: waitpid() with WNOHANG, and nobody looks what it says. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    pid_t p = fork();
    if (p == 0) {
        *n = 7;
        _exit(0);
    }
    int st;
    waitpid(p, &st, WNOHANG);
    printf("%d\n", *n);
    waitpid(p, &st, 0);
    return 0;
}
