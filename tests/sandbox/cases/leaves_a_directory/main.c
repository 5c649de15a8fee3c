/* Makes a directory and forgets rmdir(). */
#include <err.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(void)
{
    if (mkdir("spool", 0700) == -1)
        err(EXIT_FAILURE, "mkdir(spool)");
    return 0;
}
