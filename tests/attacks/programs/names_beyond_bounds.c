/* Objects with the longest and oddest names that there may be, of each kind that has a name.
 *
 * @row hostile-files
 * @row escapes
 * @row tables
 * @points 6
 * @fails no-leftover-ipc no-leftover-files
 */
#include "attack.h"
#include <mqueue.h>
#include <semaphore.h>

int main(int argc, char *argv[])
{
    static const char *const starts[] = {"sem.", "sem.\n",      "\xff\xfe", " (deleted)",
                                         "[*]?", "%{main.pid}", "..."};
    char name[300], path[400];

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        memset(name, 'x', sizeof name);
        memcpy(name, starts[i], strlen(starts[i]));
        name[i % 2 ? 255 : 200] = '\0';
        snprintf(path, sizeof path, "/%s", name);
        shm_open(path, O_CREAT | O_RDWR, 0);
        mq_open(path, O_CREAT | O_RDWR, 0, NULL);
        name[240] = '\0';
        snprintf(path, sizeof path, "/%s", name);
        sem_open(path, O_CREAT, 0, 1);
        snprintf(path, sizeof path, "/dev/shm/%s/", starts[i]);
        mkdir(path, 0);
        snprintf(path, sizeof path, "/dev/mqueue/%s", starts[i]);
        mkdir(path, 0);
        symlink("/proc/self/fd/0", path);
        close(open(starts[i], O_CREAT | O_WRONLY, 0));
    }
    mkfifo("/dev/shm/sem.fifo", 0600);
    symlink("/dev/zero", "/dev/shm/sem.link");
    int sparse = open("/dev/shm/sem.sparse", O_CREAT | O_RDWR, 0600);
    ftruncate(sparse, 8 << 20);
    int leased = open("/dev/shm/sem.leased", O_CREAT | O_RDWR, 0600);
    ftruncate(leased, 32);
    signal(SIGIO, SIG_IGN);
    fcntl(leased, F_SETLEASE, F_WRLCK);
    if (fork() == 0) { /* keeps the lease; waited for when all else has been said */
        close(sparse);
        _exit(0);
    }
    wait(NULL);
    return answer(argc, argv);
}
