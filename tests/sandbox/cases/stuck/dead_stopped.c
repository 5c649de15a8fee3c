/* Stops itself. */
#include "case.h"

int main(void)
{
    raise(SIGSTOP);
    return 0;
}
