/* Right: eventfd_write() and eventfd_read(). */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int e = eventfd(0, 0);
    if (fork() == 0) {
        *n = 3;
        eventfd_write(e, 1);
        _exit(0);
    }
    eventfd_t v;
    if (eventfd_read(e, &v))
        return 3;
    int r = *n != 3;
    *n = 4;
    return reap() || r;
}
