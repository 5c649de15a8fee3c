/* A recursion that never ends. */
#include <stdio.h>

static volatile int depth;

static int deeper(int n)
{
    volatile char room[1024];

    room[0] = (char)n;
    return n < 0 ? 0 : deeper(n + depth) + room[0];
}

int main(void)
{
    printf("%d\n", deeper(1));
    return 0;
}
