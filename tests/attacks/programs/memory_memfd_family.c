/* Anonymous files again, in as many processes as there may be: 24 processes, 60 files, 8 MiB each.
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
    static char block[1 << 20];
    size_t *got = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    signal(SIGXFSZ, SIG_IGN);
    for (int i = 0; i < 10; i++)
        if (fork() == 0) {
            for (int n = 0; n < 60; n++) {
                int fd = memfd_create(TAG, 0);
                while (fd != -1 && *got < 1024 && write(fd, block, sizeof block) > 0)
                    __atomic_add_fetch(got, 1, __ATOMIC_SEQ_CST);
            }
            _exit(0);
        }
    while (wait(NULL) > 0)
        ;
    printf("%zu MiB\n", *got);
    held(*got <= 768, "more than 768 MiB in anonymous files");
    done();
    return 0;
}
