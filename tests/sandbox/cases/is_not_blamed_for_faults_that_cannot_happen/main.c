/* Without a handler wait() is not interrupted; a signalfd gives whole structures; a short record is
   written to a pipe in one piece. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int ends[2], children = 0;
    char record[] = "a record", room[sizeof record];
    struct signalfd_siginfo info;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int signals = signalfd(-1, &set, 0);
    if (signals == -1 || pipe(ends) == -1)
        return 1;
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            _exit(0);
    while (wait(NULL) != -1)
        children++;
    raise(SIGUSR1);
    if (read(signals, &info, sizeof info) != sizeof info || children != 2)
        return 1;
    if (write(ends[1], record, sizeof record) != sizeof record)
        return 1;
    for (size_t had = 0; had < sizeof record;) {
        ssize_t length = read(ends[0], room + had, sizeof record - had);
        if (length <= 0)
            return 1;
        had += (size_t)length;
    }
    return strcmp(room, record) != 0;
}
