/* Right: an eventfd with EFD_SEMAPHORE as a mutex. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), event = eventfd(1, EFD_SEMAPHORE);
    uint64_t unit = 1;
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            read(event, &unit, sizeof unit);
            ++*count;
            write(event, &unit, sizeof unit);
            _exit(0);
        }
    return reap() || *count != 3;
}
