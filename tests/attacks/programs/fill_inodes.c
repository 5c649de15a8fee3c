/* 100,000 empty files in every place, and does not remove them.
 *
 * @row filling
 * @fails no-leftover-files
 * @points 7
 * @says left behind
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    static const char *const places[] = {".", "/tmp", "/var/tmp"};
    char path[100];

    for (int n = 0; n < 100000; n++) {
        int fd = -1;
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            snprintf(path, sizeof path, "%s/" TAG "%d", places[i], n);
            fd = open(path, O_CREAT | O_WRONLY, 0600);
            close(fd);
        }
        if (fd == -1 && n > 20000)
            break;
    }
    return answer(argc, argv);
}
