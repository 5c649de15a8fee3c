/* Wrong: one writes eight bytes, the other the last four of them. */
#include "../u.h"

int main(void)
{
    uint64_t *wide = shared(sizeof *wide);
    if (fork() == 0) {
        *wide = 42;
        _exit(0);
    }
    ((uint32_t *)wide)[1] = 7;
    return reap();
}
