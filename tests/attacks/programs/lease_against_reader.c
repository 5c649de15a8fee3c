/* Files with a lease, watched by poll(): whoever opens one to see what it is must wait until the
 * lease is broken, 45 seconds for each.
 *
 * @row timing
 * @row hostile-files
 * @fails-some stuck steps output
 */
#include "attack.h"
#include <poll.h>

int main(void)
{
    struct pollfd watched[40];
    char name[32];

    signal(SIGIO, SIG_IGN);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "leased%d", i);
        int fd = open(name, O_CREAT | O_RDWR, 0600);
        if (fd == -1 || fcntl(fd, F_SETLEASE, F_WRLCK) == -1) {
            perror("lease");
            return 1;
        }
        watched[i] = (struct pollfd){.fd = fd};
    }
    return poll(watched, 40, -1); /* for no event at all, which even a regular file never has */
}
