/* Also right: ppoll() without any descriptors lets the signals in; a counter instead of a flag.

   Usage: sig_wait ROUNDS
*/
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t hits, deaths, last_words;

static void on_hit(int sig)
{
    (void)sig;
    hits++;
}

static void on_child(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    if (info->si_code == CLD_EXITED || info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED)
        deaths = 1;
}

static void on_end(int sig)
{
    last_words = sig;
}

static void install(int sig, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_handler = handler;
    sigaction(sig, &action, NULL);
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fputs("usage: sig_wait ROUNDS\n", stderr);
        return 2;
    }
    sigset_t all, open_mask;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &open_mask);
    install(SIGUSR1, on_hit);
    install(SIGINT, on_end);
    install(SIGTERM, on_end);
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = on_child;
    action.sa_flags = SA_SIGINFO | SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, NULL);

    const char *word = "ping\n";
    pid_t child = fork(), other = child;
    if (child == -1) {
        perror("fork");
        return 1;
    }
    if (child == 0) {
        word = "pong\n";
        other = getppid();
    } else {
        printf("ready\n");
        fflush(stdout);
    }

    long rounds = atol(argv[1]), taken = 0, wanted = child == 0 ? rounds : rounds + 1;
    while (taken < wanted && last_words == 0) {
        if (hits == 0 && deaths)
            break;
        if (hits == 0) {
            ppoll(NULL, 0, NULL, &open_mask);
            continue;
        }
        hits--;
        taken++;
        if (taken <= rounds && (write(1, word, 5) != 5 || kill(other, SIGUSR1) == -1))
            return 1;
    }
    if (child == 0)
        _exit(taken < wanted);
    if (taken < wanted)
        kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    if (last_words != 0)
        return 128 + last_words;
    if (taken < wanted) {
        fputs("sig_wait: the child has died\n", stderr);
        return 1;
    }
    printf("rounds: %ld\n", rounds);
    return 0;
}
