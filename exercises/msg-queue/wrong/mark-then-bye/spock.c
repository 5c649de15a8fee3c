/* spock.c

   Make a message queue, print what comes, urgent messages first, and remove it.

   Usage: spock KEY
*/
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <unistd.h>

#define LONGEST 200

enum { URGENT = 1, ORDINARY = 2, BYE = 3 };

struct message {
    long type;
    char text[LONGEST];
};

static const char *key_text; /* As it was given */
static int queue = -1;
static sigset_t awaited;

/* Whoever has it ends the process, and the other thread waits for that. Else the one that waits in
   msgrcv() would take the removal on a signal for a failure. */
static pthread_mutex_t leaving = PTHREAD_MUTEX_INITIALIZER;

static void complain(const char *call)
{
    fprintf(stderr, "spock: %s, key %s: %s\n", call, key_text, strerror(errno));
}

static void fail(const char *call)
{
    pthread_mutex_lock(&leaving);
    complain(call);
    if (queue != -1)
        msgctl(queue, IPC_RMID, NULL);
    exit(EXIT_FAILURE);
}

/* A thread waits for the signals, so it does not matter where the other one is when one comes. */
static void *wait_for_signal(void *unused)
{
    int sig;
    sigwait(&awaited, &sig);
    pthread_mutex_lock(&leaving);
    msgctl(queue, IPC_RMID, NULL);
    _exit(128 + sig);
    return unused;
}

static void watch_signals(void)
{
    pthread_t watcher;
    errno = pthread_create(&watcher, NULL, wait_for_signal, NULL);
    if (errno != 0)
        fail("pthread_create");
    pthread_detach(watcher);
}

/* A negative type asks for the lowest type that is there. A text that is too long would stay in
   the queue for ever without MSG_NOERROR. */
static size_t receive(struct message *message)
{
    ssize_t size;
    while ((size = msgrcv(queue, message, LONGEST, -BYE, MSG_NOERROR)) == -1)
        if (errno != EINTR)
            fail("msgrcv");
    return (size_t)size;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: spock KEY\n");
        exit(2);
    }
    key_text = argv[1];
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &awaited, NULL);
    queue = msgget((key_t)strtoul(key_text, NULL, 0), IPC_CREAT | IPC_EXCL | 0600);
    if (queue == -1)
        fail("msgget");
    watch_signals();
    printf("ready\n");
    fflush(stdout); /* Or a pipe's reader would not see it before the end */

    for (;;) {
        struct message message;
        size_t size = receive(&message);
        if (message.type == BYE)
            break;
        printf("%s%.*s\n", message.type == URGENT ? "urgent: " : "", (int)size, message.text);
        fflush(stdout);
    }
    pthread_mutex_lock(&leaving);
    if (msgctl(queue, IPC_RMID, NULL) == -1) {
        complain("msgctl IPC_RMID");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
