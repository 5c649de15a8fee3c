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
            char *volatile block = malloc(size);
            for (int value = 0; block != NULL; value++)
                memset(block, value, size);
            _exit(1);
        }
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
