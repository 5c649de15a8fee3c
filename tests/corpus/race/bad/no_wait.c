/* Wrong: the parent reads the answer before it has waited for the child. */
#include "../u.h"

int main(void)
{
    int *answer = shared(sizeof *answer);
    if (fork() == 0) {
        *answer = 42;
        _exit(0);
    }
    int got = *answer;
    wait(NULL);
    return got != 0 && got != 42;
}
