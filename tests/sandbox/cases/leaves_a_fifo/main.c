/* Makes a FIFO and forgets unlink(). */
#include <err.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(void)
{
    if (mkfifo("jobs.fifo", 0600) == -1)
        err(EXIT_FAILURE, "mkfifo(jobs.fifo)");
    return 0;
}
