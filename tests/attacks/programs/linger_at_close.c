/* TCP sockets that linger for days at their last close, in processes that die at any moment:
 * whoever holds a copy just then would wait in their place.
 *
 * @row timing
 * @row network
 * @fails-some stuck steps output
 */
#include "attack.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/time.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct linger linger = {1, 1000000};
    socklen_t size = sizeof address;
    char data[4096] = {0};
    int server = socket(AF_INET, SOCK_STREAM, 0);

    signal(SIGCHLD, SIG_IGN);
    if (bind(server, (struct sockaddr *)&address, size) == -1 || listen(server, 64) == -1 ||
        getsockname(server, (struct sockaddr *)&address, &size) == -1) {
        perror("listen");
        return 1;
    }
    for (int child = 0; child < 18; child++) {
        if (fork() == 0) {
            struct itimerval timer = {{0, 0}, {1 + child / 3, 300000 + 37000 * child}};
            timer.it_value.tv_usec %= 1000000;

            int fd = socket(AF_INET, SOCK_STREAM, 0);
            if (connect(fd, (struct sockaddr *)&address, size) == -1)
                _exit(1);
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
            setitimer(ITIMER_REAL, &timer, NULL);
            for (;;)
                send(fd, data, sizeof data, 0);
        }
    }
    for (;;)
        pause();
}
