/* spock.c

   The parent waits for signals, a child receives: nothing is shared but the queue.

   Usage: spock KEY
*/
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST 200

static struct {
    long type;
    char text[LONGEST + 1];
} message;

/* The lowest type that is there comes first: 1, then 2, then 3. */
static int receive_all(int queue, const char *key)
{
    for (;;) {
        ssize_t size = msgrcv(queue, &message, LONGEST, -3, MSG_NOERROR);
        if (size == -1) {
            warn("msgrcv, key %s", key);
            return 1;
        }
        message.text[size] = '\0';
        if (message.type == 1)
            printf("urgent: %s\n", message.text);
        else if (message.type == 2)
            puts(message.text);
        else
            return 0;
    }
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s KEY\n", argv[0]);
        return 2;
    }
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, &before);
    int queue = msgget((key_t)strtoul(argv[1], NULL, 0), IPC_CREAT | IPC_EXCL | 0600);
    if (queue == -1)
        err(1, "msgget, key %s", argv[1]);

    pid_t child = fork();
    if (child == 0) { /* SIGINT stays blocked: it goes to the parent, too */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setvbuf(stdout, NULL, _IOLBF, 0); /* Before anything is printed */
        puts("ready");
        _exit(receive_all(queue, argv[1]));
    }
    int sig = 0, status = 0, result = 1;
    if (child == -1) {
        warn("fork, key %s", argv[1]);
    } else {
        do
            sigwait(&signals, &sig);
        while (sig == SIGCHLD && waitpid(child, &status, WNOHANG) == 0);
        if (sig == SIGCHLD) {
            result = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        } else {
            kill(child, SIGKILL);
            waitpid(child, NULL, 0);
            result = 128 + sig;
        }
    }
    msgctl(queue, IPC_RMID, NULL);
    return result;
}
