/* Also right: the handler writes a byte into a pipe (the self-pipe trick), so that a signal can be
   waited for together with the input, whenever it comes.

   Usage: sig_counter
*/
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t counts[NSIG];
static int bell[2];

static void count_signal(int sig)
{
    int error = errno;
    counts[sig]++;
    if (write(bell[1], "", 1) == -1 && errno != EAGAIN) /* EAGAIN: it rings already */
        counts[SIGTERM] = 1;
    errno = error;
}

static int stop(const char *call)
{
    perror(call);
    return 1;
}

int main(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = count_signal;
    sigfillset(&action.sa_mask);
    if (pipe(bell) == -1 || fcntl(bell[0], F_SETFL, O_NONBLOCK) == -1 ||
        fcntl(bell[1], F_SETFL, O_NONBLOCK) == -1)
        return stop("pipe");
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGTERM, &action, NULL);

    long lines = 0;
    struct pollfd watched[2] = {{bell[0], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    while (counts[SIGTERM] == 0) {
        char room[64];
        int ready = poll(watched, 2, -1);
        if (ready == -1 && errno != EINTR)
            return stop("poll");
        while (read(bell[0], room, sizeof(room)) > 0)
            continue;
        if (ready <= 0 || watched[1].revents == 0)
            continue; /* after EINTR, revents says what was true before */
        ssize_t got = read(STDIN_FILENO, room, 1);
        if (got == -1 && errno != EINTR)
            return stop("read");
        lines += got == 1 && room[0] == '\n';
        if (got == 0)
            watched[1].fd = -1; /* poll() passes it over */
    }
    printf("SIGINT: %d\nSIGUSR1: %d\n", counts[SIGINT], counts[SIGUSR1]);
    printf("SIGUSR2: %d\nlines: %ld\n", counts[SIGUSR2], lines);
    return 0;
}
