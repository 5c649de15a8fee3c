/* Two processes lock two files in opposite order with flock(). */
#include "case.h"

#include <sys/file.h>

static void lock(const char *path)
{
    int descriptor = checked(open(path, O_RDWR | O_CREAT, 0600), "open");
    check(flock(descriptor, LOCK_EX), "flock");
}

int main(void)
{
    struct meeting meeting;
    meeting_make(&meeting);
    int child = check(fork(), "fork") == 0;
    lock(child ? "b.dat" : "a.dat");
    meet(&meeting, child);
    lock(child ? "a.dat" : "b.dat");
    return 0;
}
