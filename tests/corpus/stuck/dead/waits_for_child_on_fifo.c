/* Dead: it waits for a child that waits for a writer. */
#include "../../race/u.h"

int main(void)
{
    mkfifo("/tmp/ff", 0600);
    if (fork() == 0) {
        int f = open("/tmp/ff", O_RDONLY);
        close(f);
        _exit(0);
    }
    reap();
    unlink("/tmp/ff");
    return 0;
}
