/* holder.c

   A partner of lock_counter: lock a record, say so, and hold it until standard input ends;
   then add AMOUNT to the record.

   Usage: holder FILE RECORD AMOUNT
*/
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SIZE 12

static void fail(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

int main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: holder FILE RECORD AMOUNT\n");
        exit(2);
    }
    off_t place = atol(argv[2]) * SIZE;
    int fd = open(argv[1], O_RDWR);
    if (fd == -1)
        fail("holder: open");
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = SIZE};
    while (fcntl(fd, F_SETLKW, &range) == -1)
        if (errno != EINTR)
            fail("holder: fcntl");

    printf("held\n");
    fflush(stdout);
    while (getchar() != EOF)
        continue;

    char text[32] = "";
    if (pread(fd, text, SIZE, place) != SIZE)
        fail("holder: pread");
    snprintf(text, sizeof(text), "%011ld\n", strtol(text, NULL, 10) + atol(argv[3]));
    if (pwrite(fd, text, SIZE, place) != SIZE)
        fail("holder: pwrite");
    return EXIT_SUCCESS; /* Which lets the lock go */
}
