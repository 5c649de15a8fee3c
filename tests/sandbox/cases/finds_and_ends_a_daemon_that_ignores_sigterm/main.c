/* Forks twice, leaves the session, closes everything and ignores what it can. */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

int main(void)
{
    if (fork() != 0)
        _exit(0);
    setsid();
    if (fork() != 0)
        _exit(0);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_IGN);
    for (int fd = 0; fd < 256; fd++)
        close(fd);
    for (;;)
        pause();
}
