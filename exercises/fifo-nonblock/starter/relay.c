/* relay.c

   Pass lines on from the FIFO IN to the FIFO OUT; drop and count those that nobody takes. End when
   standard input ends.

   Usage: relay IN OUT
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: relay IN OUT\n");
        exit(2);
    }
    const char *in_path = argv[1], *out_path = argv[2];
    long passed = 0, dropped = 0;

    /* TODO: open IN without waiting for a writer (open(2)) */

    printf("ready\n");

    /* TODO: sleep until there is something to do (poll(2)). What does it tell when the last writer
       has gone, and when does it stop telling so? */

    /* TODO: pass each line on; what do open() and write() say when nobody reads OUT? */

    fprintf(stderr, "nothing is passed from %s to %s yet\n", in_path, out_path);
    printf("passed: %ld, dropped: %ld\n", passed, dropped);
    return EXIT_SUCCESS;
}
