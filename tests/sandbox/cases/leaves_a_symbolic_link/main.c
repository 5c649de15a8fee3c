/* Makes a symbolic link, here to nothing, and forgets unlink(). */
#include <err.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    if (symlink("log.1", "log.latest") == -1)
        err(EXIT_FAILURE, "symlink(log.latest)");
    return 0;
}
