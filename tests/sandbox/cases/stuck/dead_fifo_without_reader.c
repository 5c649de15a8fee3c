/* Opens a FIFO for writing; nobody will ever read it. */
#include "case.h"

int main(void)
{
    check(mkfifo("jobs.fifo", 0600), "mkfifo");
    check(open("jobs.fifo", O_WRONLY), "open");
    return 0;
}
