/* Right: each mapping of /dev/zero is memory of its own. */
#include "../u.h"

static int *mapped(void)
{
    int file = open("/dev/zero", O_RDWR);
    int *start = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return start;
}

int main(void)
{
    int *both = mapped();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int *own = mapped();
            for (int k = 0; k < 3; k++)
                ++*own;
            both[i] = *own;
            _exit(0);
        }
    return reap() || both[0] != 3 || both[1] != 3;
}
