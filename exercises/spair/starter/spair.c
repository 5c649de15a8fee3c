/* spair.c

   Have a child answer each line of standard input, over a socket pair.

   Usage: spair stream|dgram|seqpacket
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char *argv[])
{
    int type = 0;
    if (argc == 2 && strcmp(argv[1], "stream") == 0)
        type = SOCK_STREAM;
    else if (argc == 2 && strcmp(argv[1], "dgram") == 0)
        type = SOCK_DGRAM;
    else if (argc == 2 && strcmp(argv[1], "seqpacket") == 0)
        type = SOCK_SEQPACKET;
    if (type == 0) {
        fprintf(stderr, "usage: spair stream|dgram|seqpacket\n");
        exit(2);
    }

    /* TODO: make the pair (socketpair(2)) and the child (fork(2)); who closes which end? */

    /* TODO: in the child: receive, answer, until the parent is done or gone. How does it learn that
       with each TYPE? */

    /* TODO: in the parent: send each line, receive its answer, print it. What if a stream brings
       only a part of it, or a datagram is too long? */

    fprintf(stderr, "%s is not used yet\n", argv[1]);
    return EXIT_SUCCESS;
}
