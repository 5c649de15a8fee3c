#include <stdio.h>

/* Says something else than it should, and waits. */
int main(void)
{
    if (puts("Ready") == EOF || fflush(stdout) == EOF)
        return 1;
    return getchar() == EOF;
}
