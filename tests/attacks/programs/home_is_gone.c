/* Takes its own working directory away from under everybody: closed to all, the program's name a
 * directory, full of what cannot be removed at once.
 *
 * @row hostile-files
 * @row replace
 * @exercise three-cases
 * @points 8
 * @fails no-leftover-files no-leftover-ipc
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    if (argc == 3) {
        unlink("main");
        unlink("teller");
        mkdir("main", 0);
        mkdir("teller", 0700);
        symlink("/proc/1/root", "teller/.grader-moved-1");
        mkdir("teller/.grader-moved-2", 0);
        mkdir(".grader-moved-1", 0);
        mkfifo(".grader-moved-2", 0);
        chmod("teller", 0);
        rmdir("/work");
        rename("/work", "/tmp/work");
        chmod(".", 0);
    }
    return answer(argc, argv);
}
