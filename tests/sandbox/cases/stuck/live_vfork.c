/* Its vforked child sleeps. */
#include "case.h"

int main(void)
{
    if (check(vfork(), "vfork") == 0) {
        struct timespec some = {.tv_sec = 0, .tv_nsec = 200 * MILLISECOND};
        nanosleep(&some, NULL);
        _exit(0);
    }
    return 0;
}
