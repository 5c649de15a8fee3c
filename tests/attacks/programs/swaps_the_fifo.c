/* The driver is about to open its FIFO, and it is a directory by then; and a FIFO again, and a
 * directory.
 *
 * @row hostile-files
 * @exercise its-own-fifo
 * @fails-some steps output busy-loop
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    mkdir("other", 0777);
    mkfifo(argc > 1 ? argv[1] : "fifo", 0666);
    for (;;)
        syscall(SYS_renameat2, AT_FDCWD, "other", AT_FDCWD, argv[1], 1U << 1 /* RENAME_EXCHANGE */);
}
