/* Wrong: one of two is waited for. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int e = eventfd(0, 0);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            n[i] = 4;
            uint64_t one = 1;
            if (write(e, &one, 8) != 8)
                _exit(1);
            _exit(0);
        }
    uint64_t v;
    if (read(e, &v, 8) != 8)
        return 3;
    printf("%d\n", n[0] + n[1]);
    reap();
    return 0;
}
