/* An alarm ends its pause. */
#include "case.h"

int main(void)
{
    handle(SIGALRM);
    alarm(1);
    pause();
    return 0;
}
