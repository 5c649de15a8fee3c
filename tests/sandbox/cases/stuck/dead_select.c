/* Selects on a pipe of its own, without a time-out. */
#include "case.h"

#include <sys/select.h>

int main(void)
{
    int ends[2];
    fd_set wanted;
    check(pipe(ends), "pipe");
    FD_ZERO(&wanted);
    FD_SET(ends[0], &wanted);
    check(select(ends[0] + 1, &wanted, NULL, NULL, NULL), "select");
    return 0;
}
