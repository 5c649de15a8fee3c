/* Parent and child each open for reading what the other would open for writing second. */
#include "case.h"

int main(void)
{
    check(mkfifo("a.fifo", 0600), "mkfifo");
    check(mkfifo("b.fifo", 0600), "mkfifo");
    if (check(fork(), "fork") == 0) {
        check(open("b.fifo", O_RDONLY), "open");
        check(open("a.fifo", O_WRONLY), "open");
        _exit(0);
    }
    check(open("a.fifo", O_RDONLY), "open");
    check(open("b.fifo", O_WRONLY), "open");
    check(wait(NULL), "wait");
    return 0;
}
