/* Right: a poll() loop over two pipes until both are at their end. */
#include "../u.h"

int main(void)
{
    struct pollfd watched[2];
    int *slots = shared(2 * sizeof *slots), ends[2], open = 2;
    char byte;
    for (int i = 0; i < 2; i++) {
        pipe(ends);
        if (fork() == 0) {
            slots[i] = i + 1;
            write(ends[1], "x", 1);
            _exit(0);
        }
        close(ends[1]);
        watched[i] = (struct pollfd){ends[0], POLLIN, 0};
    }
    while (open > 0) {
        poll(watched, 2, -1);
        for (int i = 0; i < 2; i++)
            if (watched[i].revents != 0 && read(watched[i].fd, &byte, 1) <= 0) {
                watched[i].fd = -1;
                open--;
            }
    }
    return slots[0] + slots[1] != 3 || reap();
}
