/* Wrong: ftok() looks at 8 bits of its number, so both keys and both semaphores are one. */
#include "../u.h"

int main(void)
{
    int first = semget(ftok("/", 1), 1, IPC_CREAT | 0600),
        second = semget(ftok("/", 257), 1, IPC_CREAT | 0600);
    set_to(first, 0, 1);
    set_to(second, 0, 1);
    P(first, 0);
    P(second, 0);
    V(second, 0);
    V(first, 0);
    remove_set(first);
    remove_set(second);
    return 0;
}
