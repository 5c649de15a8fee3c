/* spock.c

   The main thread waits for signals, another receives; asks for urgent messages first and for the
   others only if there is none.

   Usage: spock KEY
*/
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/stat.h>
#include <unistd.h>

struct order {
    long type;
    char text[200];
};

static int id;
static char *key;

static void put(const char *start, const char *text, size_t size)
{
    char line[300];
    int length = snprintf(line, sizeof(line), "%s%.*s\n", start, (int)size, text);
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
        exit(1);
}

static void *receive(void *unused)
{
    (void)unused;
    struct order order;
    for (;;) {
        ssize_t size = msgrcv(id, &order, sizeof(order.text), 1, MSG_NOERROR | IPC_NOWAIT);
        if (size == -1 && errno == ENOMSG)
            size = msgrcv(id, &order, sizeof(order.text), -3, MSG_NOERROR);
        if (size == -1 && errno == EINTR)
            continue;
        if (size == -1) {
            fprintf(stderr, "spock: queue %s: %s\n", key, strerror(errno));
            exit(1);
        }
        if (order.type == 3)
            break;
        put(order.type == 1 ? "urgent: " : "", order.text, (size_t)size);
    }
    msgctl(id, IPC_RMID, NULL);
    exit(0);
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: spock KEY\n");
        return 2;
    }
    key = argv[1];
    sigset_t signals;
    sigfillset(&signals);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    id = msgget((key_t)strtoul(key, NULL, 0), IPC_CREAT | IPC_EXCL | S_IRUSR | S_IWUSR);
    if (id == -1) {
        fprintf(stderr, "spock: msgget %s: %s\n", key, strerror(errno));
        return 1;
    }
    put("ready", "", 0);
    pthread_t receiver;
    if (pthread_create(&receiver, NULL, receive, NULL) != 0) {
        fprintf(stderr, "spock: no thread for %s\n", key);
        msgctl(id, IPC_RMID, NULL);
        return 1;
    }
    int sig = 0;
    while (sig != SIGINT && sig != SIGTERM)
        sigwait(&signals, &sig);
    pthread_cancel(receiver); /* Or it would find its queue gone, and exit before we do */
    pthread_join(receiver, NULL);
    msgctl(id, IPC_RMID, NULL);
    _exit(128 + sig);
}
