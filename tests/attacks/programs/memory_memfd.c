/* Anonymous files (memfd_create): memory without a mapping and without a file system of limited
 * size.
 *
 * @row memory
 * @exercise roomy
 * @fails-some output exit memory-limit crash
 */
#include "attack.h"

int main(void)
{
    static char block[1 << 20];
    size_t got = 0;

    signal(SIGXFSZ, SIG_IGN);
    for (int n = 0; n < 60; n++) {
        int fd = memfd_create(TAG, 0);
        while (fd != -1 && got < 1024 && write(fd, block, sizeof block) > 0)
            got++;
    }
    printf("%zu MiB\n", got);
    held(got <= 512, "more than 512 MiB in anonymous files");
    return done();
}
