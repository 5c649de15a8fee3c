/* Dead: the second child has inherited the write end of the first one's pipe. */
#include "../../race/u.h"

int main(void)
{
    int first[2], second[2];
    char byte;
    pipe(first);
    pipe(second);
    if (fork() == 0) {
        close(first[1]);
        close(second[0]);
        close(second[1]);
        while (read(first[0], &byte, 1) > 0)
            ;
        _exit(0);
    }
    if (fork() == 0) {
        close(second[1]);
        while (read(second[0], &byte, 1) > 0)
            ;
        _exit(0);
    }
    close(first[1]);
    wait(NULL);
    close(second[1]);
    return reap();
}
