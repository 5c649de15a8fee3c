/* sig_wait.c

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

/* Block the four signals, install the handler, and return the mask with which to wait. */
static sigset_t prepare_signals(void)
{
    const int signals[] = {SIGUSR1, SIGCHLD, SIGINT, SIGTERM};
    sigset_t blocked, waiting;
    struct sigaction action = {.sa_handler = note_signal};
    sigemptyset(&blocked);
    for (int i = 0; i < 4; i++)
        sigaddset(&blocked, signals[i]);
    sigprocmask(SIG_BLOCK, &blocked, &waiting);
    for (int i = 0; i < 4; i++) {
        sigdelset(&waiting, signals[i]);
        sigaction(signals[i], &action, NULL);
    }
    return waiting;
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
    sigset_t waiting = prepare_signals();
    pid_t parent = getpid();
    if ((child = fork()) == -1)
        fail("sig_wait: fork");
    if (child == 0) {
        play(rounds, parent, "pong", &waiting);
        _exit(EXIT_SUCCESS);
    }
    say("ready");
    play(rounds, child, "ping", &waiting); /* The first hit comes from outside */
    wait_for_hit(&waiting);
    if (waitpid(child, NULL, 0) == -1)
        fail("sig_wait: waitpid");
    printf("rounds: %ld\n", rounds);
    return EXIT_SUCCESS;
}
