/* Wrong: atoi() reads a text in shared memory that the child is printing. */
#include "../u.h"

int main(void)
{
    char *text = shared(32);
    if (fork() == 0) {
        sprintf(text, "%d", 42);
        _exit(0);
    }
    int number = atoi(text);
    return reap() + (number > 42);
}
