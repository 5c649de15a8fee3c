/* Sets an alarm by the number of its system call. */
#include "case.h"

#include <sys/syscall.h>

int main(void)
{
    struct itimerval soon = {.it_value = {.tv_sec = 0, .tv_usec = 200000}};
    handle(SIGALRM);
    check(syscall(SYS_setitimer, ITIMER_REAL, &soon, NULL), "setitimer");
    pause();
    return 0;
}
