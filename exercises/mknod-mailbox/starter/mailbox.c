/* mailbox.c

   A server that reads requests from the FIFO DIR/request and answers each in its client's FIFO.

   Usage: mailbox DIR
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: mailbox DIR\n");
        exit(2);
    }

    /* TODO: make the FIFO (mkfifo(3)). What if there is one, and does somebody read it? */

    /* TODO: open it for reading (open(2)), so that it does not end when a client goes */

    printf("ready\n");

    /* TODO: for each line `NAME COUNT TEXT`: open the client's FIFO, and answer. What if the client
       is dead, or dies meanwhile? */

    fprintf(stderr, "%s has no mailbox yet\n", argv[1]);
    return EXIT_SUCCESS;
}
