/* MISTAKE: goes on to poll() standard input, which is always ready, when that has ended.

   Usage: pipe_fork
*/
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int child_main(int from, int to)
{
    char text[512];
    ssize_t got;
    while ((got = read(from, text, sizeof(text))) > 0) {
        for (ssize_t i = 0; i < got; i++)
            text[i] = (char)toupper((unsigned char)text[i]);
        for (ssize_t sent = 0, n; sent < got; sent += n)
            if ((n = write(to, text + sent, (size_t)(got - sent))) < 0)
                return 1;
    }
    return got != 0;
}

int main(void)
{
    int there[2], back[2], status, lost = 0;
    char waiting[8192], answer[8192];
    size_t begin = 0, end = 0; /* Of what is still to be sent */

    signal(SIGPIPE, SIG_IGN);
    if (pipe(there) || pipe(back)) {
        perror("pipe");
        return 1;
    }
    pid_t child = fork();
    if (child == -1) {
        perror("fork");
        return 1;
    }
    if (child == 0) {
        close(there[1]);
        close(back[0]);
        _exit(child_main(there[0], back[1]));
    }
    close(there[0]);
    close(back[1]);
    fcntl(there[1], F_SETFL, O_NONBLOCK);

    struct pollfd fds[3] = {{0, POLLIN, 0}, {there[1], POLLOUT, 0}, {back[0], POLLIN, 0}};
    while (fds[2].fd >= 0) {
        fds[0].fd = end == 0 ? STDIN_FILENO : -1;
        fds[1].events = end > 0 ? POLLOUT : 0;
        if (poll(fds, 3, -1) < 0 && errno != EINTR)
            break;
        if (fds[0].fd >= 0 && fds[0].revents) {
            ssize_t got = read(STDIN_FILENO, waiting, sizeof(waiting));
            lost |= got < 0;
            end = got > 0 ? (size_t)got : 0;
            begin = 0;
            if (got <= 0 && fds[1].fd >= 0) {
                close(there[1]);
                fds[1].fd = -1;
            }
        }
        if (fds[1].fd >= 0 && fds[1].revents && end > 0) {
            ssize_t sent = write(there[1], waiting + begin, end - begin);
            if (sent < 0 && errno != EAGAIN)
                lost = 1;
            begin += sent > 0 ? (size_t)sent : 0;
            if (begin == end || lost)
                end = 0;
        }
        if (fds[2].revents) {
            ssize_t got = read(back[0], answer, sizeof(answer));
            lost |= got < 0;
            for (ssize_t done = 0, n; done < got && !lost; done += n)
                lost = (n = write(STDOUT_FILENO, answer + done, (size_t)(got - done))) < 0;
            if (got <= 0 || lost)
                fds[2].fd = -1;
        }
    }
    close(back[0]);
    if (fds[1].fd >= 0)
        close(there[1]);
    if (waitpid(child, &status, 0) < 0 || status != 0 || lost) {
        fputs("pipe_fork: not everything could be passed on\n", stderr);
        return 1;
    }
    return 0;
}
