/* Each of 20 children uses less than the limit, all together far more. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    const size_t size = 40 << 20;

    for (int i = 0; i < 20; i++) {
        if (fork() == 0) {
            char *block = malloc(size);
            if (block != NULL)
                memset(block, 1, size);
            pause();
            _exit(block == NULL);
        }
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
