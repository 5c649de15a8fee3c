/* Also right: no handler at all; sigwaitinfo() takes one blocked signal after the other.

   Usage: sig_wait ROUNDS
*/
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static sigset_t awaited;

static int next_signal(void)
{
    int sig;
    while ((sig = sigwaitinfo(&awaited, NULL)) == -1)
        if (errno != EINTR) { /* EINTR: stopped and continued */
            perror("sigwaitinfo");
            exit(1);
        }
    return sig;
}

static void child(long rounds)
{
    while (rounds-- > 0) {
        int sig = next_signal();
        if (sig != SIGUSR1)
            _exit(128 + sig);
        if (write(STDOUT_FILENO, "pong\n", 5) != 5 || kill(getppid(), SIGUSR1) == -1)
            _exit(1);
    }
    _exit(0);
}

/* Wait for a pong, or for the first signal. If the last pong and the end of the child come
   together, SIGUSR1 is taken first: its number is lower. */
static void await_pong(pid_t pid)
{
    for (;;) {
        int sig = next_signal(), status;
        if (sig == SIGUSR1)
            return;
        if (sig == SIGCHLD) {
            if (waitpid(pid, &status, WNOHANG) != pid)
                continue;
            fprintf(stderr, "sig_wait: lost child %ld\n", (long)pid);
            exit(1);
        }
        kill(pid, SIGTERM);
        waitpid(pid, &status, 0);
        exit(128 + sig);
    }
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s ROUNDS\n", argv[0]);
        return 2;
    }
    long rounds = strtol(argv[1], NULL, 10);
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGUSR1);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGTERM);
    sigprocmask(SIG_BLOCK, &awaited, NULL);
    pid_t pid = fork();
    if (pid == -1) {
        perror("fork");
        return 1;
    }
    if (pid == 0)
        child(rounds);
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("ready");
    for (long i = 0; i < rounds; i++) {
        await_pong(pid);
        puts("ping");
        kill(pid, SIGUSR1);
    }
    await_pong(pid);
    waitpid(pid, NULL, 0);
    printf("rounds: %ld\n", rounds);
    return 0;
}
