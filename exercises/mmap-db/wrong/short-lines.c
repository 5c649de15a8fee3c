/* MISTAKE: reads at most 255 bytes of a line, and takes the rest of it for another.

   Keep records of 100 bytes in a memory-mapped file that others use at the same time.
   Commands are read from standard input: add TEXT, get N, set N TEXT, count, sync.

   Usage: mmap_db FILE
*/
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 100 /* Of a record: the text, spaces, a newline */

static const char *path;
static int fd;
static char *records; /* The whole file, if mapped is not 0 */
static size_t mapped;

static void fail(const char *call)
{
    fprintf(stderr, "mmap_db: %s, %s: %s\n", call, path, strerror(errno));
    exit(EXIT_FAILURE);
}

/* F_WRLCK keeps out everybody else, F_RDLCK those who write; F_UNLCK lets go. */
static void lock(short type)
{
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET}; /* From 0, to the end */
    while (fcntl(fd, F_SETLKW, &whole) == -1)
        if (errno != EINTR)
            fail("fcntl F_SETLKW");
}

/* Call it under the lock: others have made the file longer or shorter meanwhile. Return the
   number of records. */
static long map_all(void)
{
    struct stat file;
    if (fstat(fd, &file) == -1)
        fail("fstat");
    size_t size = (size_t)file.st_size;
    if (size != mapped) {
        if (mapped > 0 && munmap(records, mapped) == -1)
            fail("munmap");
        mapped = 0;
        if (size > 0) { /* Nothing cannot be mapped */
            records = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (records == MAP_FAILED)
                fail("mmap");
            mapped = size;
        }
    }
    return (long)(size / SIZE);
}

static void store(long number, const char *text)
{
    char *record = records + number * SIZE;
    memset(record, ' ', SIZE - 1);
    memcpy(record, text, strlen(text));
    record[SIZE - 1] = '\n';
}

/* A store beyond the end of the file would be lost, or a SIGBUS: so it grows first. */
static long add(const char *text)
{
    lock(F_WRLCK);
    long number = map_all();
    if (ftruncate(fd, (number + 1) * SIZE) == -1)
        fail("ftruncate");
    map_all();
    store(number, text);
    lock(F_UNLCK);
    return number;
}

static void get(long number)
{
    char text[SIZE] = "";
    lock(F_RDLCK);
    int found = number < map_all();
    if (found)
        memcpy(text, records + number * SIZE, SIZE - 1);
    lock(F_UNLCK);

    for (size_t end = SIZE - 1; end > 0 && text[end - 1] == ' '; end--)
        text[end - 1] = '\0';
    if (found)
        printf("%s\n", text);
    else
        printf("no record %ld\n", number);
}

static void set(long number, const char *text)
{
    lock(F_WRLCK);
    int found = number < map_all();
    if (found)
        store(number, text);
    lock(F_UNLCK);

    if (found)
        printf("ok\n");
    else
        printf("no record %ld\n", number);
}

static void sync_all(void)
{
    lock(F_RDLCK);
    map_all();
    if (mapped > 0 && msync(records, mapped, MS_SYNC) == -1)
        fail("msync");
    lock(F_UNLCK);
    printf("synced\n");
}

static void count(void)
{
    lock(F_RDLCK);
    long number = map_all();
    lock(F_UNLCK);
    printf("%ld\n", number);
}

static void obey(char *line)
{
    char *text = NULL;
    long number = 0;
    if (strncmp(line, "add ", 4) == 0) {
        text = line + 4;
    } else if (strncmp(line, "set ", 4) == 0) {
        number = strtol(line + 4, &text, 10);
        text += *text == ' ';
    }

    if (text != NULL && strlen(text) > SIZE - 1)
        printf("too long\n");
    else if (strncmp(line, "add ", 4) == 0)
        printf("%ld\n", add(text));
    else if (text != NULL)
        set(number, text);
    else if (strncmp(line, "get ", 4) == 0)
        get(strtol(line + 4, NULL, 10));
    else if (strcmp(line, "count") == 0)
        count();
    else if (strcmp(line, "sync") == 0)
        sync_all();
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: mmap_db FILE\n");
        exit(2);
    }
    path = argv[1];
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd == -1)
        fail("open");

    char line[256];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        obey(line);
        fflush(stdout); /* Or a pipe's reader would not see it before the end */
    }
    return EXIT_SUCCESS;
}
