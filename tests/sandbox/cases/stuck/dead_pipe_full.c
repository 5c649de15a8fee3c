/* Fills a pipe that only it could read. */
#include "case.h"

int main(void)
{
    int ends[2];
    char page[4096] = {0};
    check(pipe(ends), "pipe");
    for (int i = 0; i < 1000; i++)
        check(write(ends[1], page, sizeof page), "write");
    return 0;
}
