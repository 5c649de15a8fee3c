/* ask.c

   A client of mailbox: have TEXT written in capital letters, COUNT times.

   Usage: ask DIR COUNT TEXT
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: ask DIR COUNT TEXT\n");
        exit(2);
    }

    /* TODO: make a FIFO in DIR that no other client uses, and open it for reading without waiting
     */

    /* TODO: open DIR/request without waiting for a server, and write the request */

    /* TODO: sleep until the answer comes (poll(2)), and print it */

    /* TODO: remove the FIFO (unlink(2)), also when SIGINT or SIGTERM ends the program */

    fprintf(stderr, "%s is not asked yet\n", argv[1]);
    return EXIT_SUCCESS;
}
