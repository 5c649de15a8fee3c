/* Kernel memory: pipes and socket pairs, each made as large as it may be, and filled.
 *
 * @row memory
 * @exercise roomy
 * @fails-some output memory-limit
 */
#include "attack.h"

int main(void)
{
    static char block[65536];
    size_t got = 0;
    int ends[2];

    while (pipe2(ends, O_NONBLOCK) == 0) {
        fcntl(ends[1], F_SETPIPE_SZ, 64 << 20);
        fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
        for (ssize_t wrote; (wrote = write(ends[1], block, sizeof block)) > 0;)
            got += (size_t)wrote;
    }
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    while (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0) {
        int size = 64 << 20;
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        for (ssize_t wrote; (wrote = write(ends[0], block, sizeof block)) > 0;)
            got += (size_t)wrote;
    }
    printf("%zu MiB\n", got >> 20);
    held(got < 512 << 20, "more than 512 MiB of kernel memory");
    return done();
}
