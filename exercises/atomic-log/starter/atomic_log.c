/* atomic_log.c

   A child for each FILE sends its lines through one pipe; the parent prints them.

   Usage: atomic_log FILE...
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fprintf(stderr, "usage: atomic_log FILE...\n");
        exit(2);
    }
    long records = 0;

    /* TODO: make the pipe (pipe(2)) */

    /* TODO: start a child for each FILE (fork(2)); it sends each line. What else must travel with
       it, and what if two children send at the same time? */
    for (int i = 1; i < argc; i++)
        fprintf(stderr, "%s is not read yet\n", argv[i]);

    /* TODO: read from the pipe until its end. Who has to close what for that? Does each read()
       bring a whole line? */

    /* TODO: wait for all of them (wait(2)) */

    printf("records: %ld\n", records);
    return EXIT_SUCCESS;
}
