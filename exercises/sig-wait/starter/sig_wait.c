/* sig_wait.c

   Parent and child play ping-pong with SIGUSR1, ROUNDS times, and never miss a signal.

   Usage: sig_wait ROUNDS
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: sig_wait ROUNDS\n");
        exit(2);
    }
    long rounds = atol(argv[1]);

    /* TODO: see to it that no signal is missed from here on (sigprocmask(2), sigaction(2)) */

    /* TODO: start the child (fork(2)) */

    printf("ready\n");

    /* TODO: play: wait for SIGUSR1 (sigsuspend(2)), print a line, and send SIGUSR1 (kill(2)) */

    /* TODO: wait for the child (waitpid(2)) */

    printf("rounds: %ld\n", rounds);
    return EXIT_SUCCESS;
}
