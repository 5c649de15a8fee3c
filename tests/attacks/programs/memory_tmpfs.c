/* Memory that belongs to no process: /dev/shm, /tmp, /work, memfd and SysV segments, all written
 * full.
 *
 * @row memory
 * @fails-some output no-leftover-files no-leftover-ipc memory-limit
 * @exercise roomy
 */
#include "attack.h"
#include <sys/shm.h>

static size_t fill(int fd, const char *name)
{
    static char block[1 << 20];
    size_t got = 0;

    if (fd == -1)
        return 0;
    signal(SIGXFSZ, SIG_IGN);
    while (got < 512 && write(fd, block, sizeof block) == (ssize_t)sizeof block)
        got++;
    printf("%s took %zu MiB\n", name, got);
    return got;
}

int main(void)
{
    static const char *const places[] = {"/dev/shm", "/tmp", "/var/tmp", "."};
    size_t all = 0;
    char path[100];

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        for (int n = 0; n < 40; n++) {
            snprintf(path, sizeof path, "%s/" TAG "%d", places[i], n);
            all += fill(open(path, O_CREAT | O_WRONLY, 0600), places[i]);
        }
    for (int n = 0; n < 100; n++) {
        int id = shmget(IPC_PRIVATE, 8 << 20, IPC_CREAT | 0600);
        char *at = id == -1 ? (void *)-1 : shmat(id, NULL, 0);
        if (at == (void *)-1)
            break;
        memset(at, 1, 8 << 20);
        shmdt(at);
        all += 8;
    }
    held(all <= 200, "more than 200 MiB that belong to no process");
    return done();
}
