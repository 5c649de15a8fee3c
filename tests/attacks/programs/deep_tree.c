/* A tree of directories so deep that no path names its end, with 1,000 levels, in each place.
 *
 * @row hostile-files
 * @points 7
 * @fails no-leftover-files
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    static const char *const places[] = {"/work", "/tmp", "/var/tmp"};
    int home = open(".", O_RDONLY);

    for (size_t i = 0; i < 3; i++) {
        if (chdir(places[i]) == -1)
            continue;
        for (int depth = 0; depth < 1000; depth++)
            if (mkdir(TAG, 0700) == -1 || chdir(TAG) == -1)
                break;
    }
    if (home == -1 || fchdir(home) == -1)
        return 1;
    return answer(argc, argv);
}
