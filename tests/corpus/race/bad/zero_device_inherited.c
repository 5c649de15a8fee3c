/* Wrong: a mapping of /dev/zero that was made before fork() is shared, and nobody locks. */
#include "../u.h"

int main(void)
{
    int file = open("/dev/zero", O_RDWR);
    int *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            ++*count;
            _exit(0);
        }
    return reap();
}
