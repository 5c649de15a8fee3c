/* holder.c

   A partner of mmap_db: lock the file, say so, and hold the lock until standard input ends;
   then add a record, or leave only the first COUNT. With `look-` the lock is a shared one until
   then.

   Usage: holder FILE [look-]add TEXT
          holder FILE [look-]cut COUNT
*/
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 100

static void fail(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

/* EDEADLK: somebody else who reads waits for us, to change the file; he may go first. */
static void lock(int fd, short type)
{
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
    while (fcntl(fd, F_SETLKW, &whole) == -1)
        if (errno == EDEADLK)
            lock(fd, F_UNLCK);
        else if (errno != EINTR)
            fail("holder: fcntl");
}

static void add(int fd, const char *text)
{
    char record[SIZE + 1];
    struct stat file;
    if (fstat(fd, &file) == -1)
        fail("holder: fstat");
    snprintf(record, sizeof(record), "%-99.99s\n", text);
    if (pwrite(fd, record, SIZE, file.st_size / SIZE * SIZE) != SIZE)
        fail("holder: pwrite");
}

int main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: holder FILE [look-]add TEXT | holder FILE [look-]cut COUNT\n");
        exit(2);
    }
    int fd = open(argv[1], O_RDWR);
    if (fd == -1)
        fail("holder: open");
    bool looks = strncmp(argv[2], "look-", 5) == 0;
    lock(fd, looks ? F_RDLCK : F_WRLCK);
    printf("held\n");
    fflush(stdout);
    while (getchar() != EOF)
        continue;

    lock(fd, F_WRLCK);
    if (strcmp(argv[2] + (looks ? 5 : 0), "add") == 0)
        add(fd, argv[3]);
    else if (ftruncate(fd, atol(argv[3]) * SIZE) == -1)
        fail("holder: ftruncate");
    return EXIT_SUCCESS; /* Which lets the lock go */
}
