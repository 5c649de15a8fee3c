/* kirk.c

   Send each line of standard input as a message: urgent behind a '!', the line bye as the end.

   Usage: kirk KEY
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: kirk KEY\n");
        exit(2);
    }

    /* TODO: find the queue for the key in argv[1] (msgget(2)) */

    char line[512];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';

        /* TODO: send it (msgsnd(2)), without waiting if the queue is full */

        printf("not sent to %s: %s\n", argv[1], line);
        fflush(stdout);
    }
    return EXIT_SUCCESS;
}
