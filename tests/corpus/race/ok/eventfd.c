/* Right: the eventfd's count tells that the data are there. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), event = eventfd(0, 0);
    uint64_t number = 1;
    if (fork() == 0) {
        *data = 42;
        write(event, &number, sizeof number);
        _exit(0);
    }
    read(event, &number, sizeof number);
    return *data != 42 || reap();
}
