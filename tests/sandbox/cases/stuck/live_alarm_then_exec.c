/* Sets an alarm, then becomes a program that knows of none. */
#include "case.h"

int main(void)
{
    alarm((unsigned)milliseconds(1000) / 1000);
    execlp("cat", "cat", "/dev/fd/0", (char *)NULL);
    return 1;
}
