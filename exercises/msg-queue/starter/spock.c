/* spock.c

   Make a message queue, print what comes, urgent messages first, and remove it.

   Usage: spock KEY
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: spock KEY\n");
        exit(2);
    }

    /* TODO: make the queue for the key in argv[1] (msgget(2)); see to it that SIGINT and SIGTERM
       remove it */

    printf("ready\n");
    fflush(stdout);

    /* TODO: receive messages (msgrcv(2)) and print them, until bye comes; then remove the queue
       (msgctl(2)) */

    fprintf(stderr, "spock: nothing received for key %s\n", argv[1]);
    return EXIT_FAILURE;
}
