/* Also right: the signals are read from a signalfd.

   Usage: sig_wait ROUNDS
*/
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* Each process needs a descriptor of its own: who reads gets the reader's signals. */
static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    if (fd == -1)
        die("signalfd");
    return fd;
}

static int take(int fd)
{
    struct signalfd_siginfo info;
    ssize_t got;
    do
        got = read(fd, &info, sizeof(info));
    while (got == -1 && errno == EINTR);
    if (got != sizeof(info))
        die("read from signalfd");
    /* ssi_code tells of the first change only, where several came together. */
    if (info.ssi_signo == SIGCHLD && waitpid(-1, NULL, WNOHANG) == 0)
        return take(fd);
    return (int)info.ssi_signo;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: sig_wait ROUNDS\n");
        exit(2);
    }
    long rounds = atol(argv[1]);
    int fd = open_signals(), sig;
    pid_t child = fork();
    if (child == -1)
        die("fork");
    if (child == 0) {
        fd = open_signals();
        for (long i = 0; i < rounds; i++) {
            if ((sig = take(fd)) != SIGUSR1)
                _exit(128 + sig);
            if (dprintf(1, "pong\n") < 0)
                _exit(1);
            kill(getppid(), SIGUSR1);
        }
        _exit(0);
    }
    dprintf(1, "ready\n");
    for (long i = 0; i <= rounds; i++) {
        if ((sig = take(fd)) == SIGCHLD) {
            fprintf(stderr, "the child has gone\n");
            return 1;
        }
        if (sig != SIGUSR1) {
            kill(child, SIGKILL);
            waitpid(child, NULL, 0);
            return 128 + sig;
        }
        if (i < rounds) {
            dprintf(1, "ping\n");
            kill(child, SIGUSR1);
        }
    }
    waitpid(child, NULL, 0);
    dprintf(1, "rounds: %ld\n", rounds);
    return 0;
}
