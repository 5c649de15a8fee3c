/* MISTAKE: says that it is ready, and only then gets ready for SIGINT and SIGTERM.

   Parent and child play ping-pong with SIGUSR1, ROUNDS times, and never miss a signal.

   Usage: sig_wait ROUNDS
*/
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t hit, ending, child_changed;
static pid_t child;

static void note_signal(int sig)
{
    if (sig == SIGUSR1)
        hit = 1;
    else if (sig == SIGCHLD)
        child_changed = 1;
    else
        ending = sig;
}

/* End the child, if there is one, and then this process. */
static void leave(int status)
{
    if (child > 0 && kill(child, SIGKILL) == 0)
        waitpid(child, NULL, 0);
    _exit(status);
}

static void fail(const char *what)
{
    perror(what);
    leave(EXIT_FAILURE);
}

static void say(const char *line)
{
    if (puts(line) == EOF || fflush(stdout) == EOF)
        fail("sig_wait: write to standard output");
}

/* Block two signals, install the handler, and let them in by the mask with which to wait. */
static void prepare_signals(int one, int two, sigset_t *waiting)
{
    sigset_t blocked;
    struct sigaction action = {.sa_handler = note_signal};
    sigemptyset(&blocked);
    sigaddset(&blocked, one);
    sigaddset(&blocked, two);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    sigdelset(waiting, one);
    sigdelset(waiting, two);
    sigaction(one, &action, NULL);
    sigaction(two, &action, NULL);
}

/* SIGCHLD comes also when the child is stopped or continued. */
static void look_at_child(void)
{
    child_changed = 0;
    if (child > 0 && waitpid(child, NULL, WNOHANG) == child) {
        child = 0;
        fprintf(stderr, "sig_wait: the child has ended too early\n");
        leave(EXIT_FAILURE);
    }
}

/* Signals are blocked from the test on, and let in only by sigsuspend(): none comes in between. */
static void wait_for_hit(const sigset_t *waiting)
{
    while (!hit) {
        if (ending != 0)
            leave(128 + ending);
        if (child_changed)
            look_at_child();
        else
            sigsuspend(waiting);
    }
    hit = 0;
}

static void play(long rounds, pid_t other, const char *line, const sigset_t *waiting)
{
    for (long i = 0; i < rounds; i++) {
        wait_for_hit(waiting);
        say(line);
        if (kill(other, SIGUSR1) == -1)
            fail("sig_wait: kill");
    }
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: sig_wait ROUNDS\n");
        exit(2);
    }
    long rounds = atol(argv[1]);
    sigset_t waiting;
    sigprocmask(SIG_BLOCK, NULL, &waiting);
    prepare_signals(SIGUSR1, SIGCHLD, &waiting);
    pid_t parent = getpid();
    if ((child = fork()) == -1)
        fail("sig_wait: fork");
    if (child == 0) {
        play(rounds, parent, "pong", &waiting);
        _exit(EXIT_SUCCESS);
    }
    say("ready");
    prepare_signals(SIGINT, SIGTERM, &waiting);
    play(rounds, child, "ping", &waiting); /* The first hit comes from outside */
    wait_for_hit(&waiting);
    if (waitpid(child, NULL, 0) == -1)
        fail("sig_wait: waitpid");
    printf("rounds: %ld\n", rounds);
    return EXIT_SUCCESS;
}
