/* Wrong: sscanf() writes to memory, too. */
#include "../u.h"

int main(void)
{
    int *number = shared(sizeof *number);
    if (fork() == 0) {
        sscanf("42", "%d", number);
        _exit(0);
    }
    int got = *number;
    return reap() + (got != 0 && got != 42);
}
