/* Which descriptors are open? */
#include <fcntl.h>
#include <stdio.h>

int main(void)
{
    for (int fd = 0; fd < 4096; fd++)
        if (fcntl(fd, F_GETFD) != -1)
            printf("%d ", fd);
    putchar('\n');
    return 0;
}
