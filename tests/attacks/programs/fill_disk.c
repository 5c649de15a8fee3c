/* Fills every place that can be written, in files as large as they may be.
 *
 * /build may be one of them where there is one uid for all: nothing lies there while a case runs.
 *
 * @row filling
 * @fails output no-leftover-files no-leftover-ipc
 */
#include "attack.h"

int main(void)
{
    static const char *const places[] = {".",         "/tmp", "/var/tmp",   "/dev/shm", "/build",
                                         "/programs", "/",    "/etc",       "/dev",     "/usr",
                                         "/proc",     "/run", "/dev/mqueue"};
    static char block[1 << 16];
    char path[100];

    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        size_t got = 0;
        for (int n = 0; n < 100; n++) {
            snprintf(path, sizeof path, "%s/" TAG "%d", places[i], n);
            int fd = open(path, O_CREAT | O_WRONLY, 0600);
            if (fd == -1)
                break;
            if (i > 4 && i != 12)
                printf("BREACH: %s can be written\n", places[i]);
            for (ssize_t wrote; got < 256 << 20 && (wrote = write(fd, block, sizeof block)) > 0;)
                got += (size_t)wrote;
            close(fd);
        }
        held(got < 128 << 20, places[i]);
    }
    return done();
}
