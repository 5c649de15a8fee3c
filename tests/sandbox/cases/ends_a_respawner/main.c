/* Never has the same process number for long. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
    setsid();
    signal(SIGTERM, SIG_IGN);
    for (;;)
        if (fork() > 0)
            _exit(0);
}
