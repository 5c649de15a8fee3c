/* Right: four MiB, cleared by one after the other. */
#include "../u.h"

int main(void)
{
    size_t size = (size_t)4 << 20;
    char *room = shared(size);
    int set = semaphores(1, 1);
    for (int i = 1; i <= 2; i++)
        if (fork() == 0) {
            P(set, 0);
            memset(room, i, size);
            V(set, 0);
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status || room[0] != room[size - 1];
}
