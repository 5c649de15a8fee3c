/* Wrong: an instruction that is not atomic, and plain code. */
#include "../u.h"

static void inc(int *p)
{
    __asm__ volatile("incl %0" : "+m"(*p));
}
int main(void)
{
    int *n = shared(4096);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 10; k++)
                ++*n;
            _exit(0);
        }
    inc(n);
    reap();
    return 0;
}
