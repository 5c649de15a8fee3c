/* Right: more pipes and semaphores, one after the other, than there is room to remember. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2];
    char byte;
    for (int i = 0; i < 600; i++) {
        int set = semaphores(1, 1);
        pipe(ends);
        P(set, 0);
        write(ends[1], "x", 1);
        read(ends[0], &byte, 1);
        V(set, 0);
        remove_set(set);
        close(ends[0]);
        close(ends[1]);
    }
    int set = semaphores(2, 1);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            P(set, i % 2);
            V(set, i % 2);
            P(set, 1);
            ++*data;
            V(set, 1);
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status || *data != 3;
}
