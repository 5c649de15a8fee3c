/* sig_counter.c

   Count SIGINT, SIGUSR1, SIGUSR2 and the lines of standard input until SIGTERM comes; then
   report.

   Usage: sig_counter
*/
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    long interrupts = 0, users1 = 0, users2 = 0, lines = 0;

    /* TODO: install a handler for the four signals (sigaction(2)); what may it do, and what not? */

    /* TODO: read standard input and count its lines, until SIGTERM has come (read(2), ppoll(2)) */

    printf("SIGINT: %ld\nSIGUSR1: %ld\nSIGUSR2: %ld\n", interrupts, users1, users2);
    printf("lines: %ld\n", lines);
    return EXIT_SUCCESS;
}
