/* A child wants the record lock that its parent keeps while it waits for the child. */
#include "case.h"

int main(void)
{
    int descriptor = checked(open("data.dat", O_RDWR | O_CREAT, 0600), "open");
    struct flock record = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 5};
    check(fcntl(descriptor, F_SETLKW, &record), "fcntl");
    if (check(fork(), "fork") == 0) {
        check(fcntl(descriptor, F_SETLKW, &record), "fcntl");
        _exit(0);
    }
    check(wait(NULL), "wait");
    return 0;
}
