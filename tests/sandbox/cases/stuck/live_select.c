/* Selects with a time-out. */
#include "case.h"

#include <sys/select.h>

int main(void)
{
    struct timeval limit = {.tv_sec = 0, .tv_usec = 200000};
    check(select(0, NULL, NULL, NULL, &limit), "select");
    return 0;
}
