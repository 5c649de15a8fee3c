/* Kernel memory again: socket pairs filled by as many processes as there may be.
 *
 * @row memory
 * @exercise roomy
 * @not-on local
 * Without a control group nobody counts what the kernel holds for a process (sandbox/README.md).
 * @fails-some output exit memory-limit crash busy-loop
 */
#include "attack.h"

int main(void)
{
    static char block[65536];
    size_t *got = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int ends[2], size = 64 << 20, go[2];
    char byte;

    if (pipe(go) == -1)
        return 1;
    for (int i = 0; i < 10; i++)
        if (fork() == 0) {
            close(go[1]);
            while (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0)
                for (int side = 0; side < 2; side++) {
                    setsockopt(ends[side], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
                    for (ssize_t wrote; *got < (size_t)1024 << 20 &&
                                        (wrote = write(ends[side], block, sizeof block)) > 0;)
                        __atomic_add_fetch(got, (size_t)wrote, __ATOMIC_SEQ_CST);
                }
            _exit(read(go[0], &byte, 1) != 0);
        }
    close(go[1]);
    while (wait(NULL) > 0)
        ;
    printf("%zu MiB\n", *got >> 20);
    held(*got < (size_t)768 << 20, "more than 768 MiB of kernel memory");
    done();
    return 0;
}
