/* mremap.c

   mmap_db: one mapping from the start on, which mremap() makes longer and nothing makes
   shorter; lockf(); no stdio for the answers.

   Usage: mmap_db FILE
*/
#define _GNU_SOURCE /* For mremap() */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 100

static char *path, *map;
static size_t length = 4096; /* Of the mapping; the file may be shorter: then it is not touched */
static int fd;

static void check(int ok, const char *call)
{
    if (!ok) {
        fprintf(stderr, "%s: %s: %s\n", path, call, strerror(errno));
        exit(1);
    }
}

static void take(void)
{
    check(lseek(fd, 0, SEEK_SET) == 0, "lseek");
    while (lockf(fd, F_LOCK, 0) == -1)
        check(errno == EINTR, "lockf");
}

static void give(void)
{
    check(lseek(fd, 0, SEEK_SET) == 0, "lseek");
    check(lockf(fd, F_ULOCK, 0) == 0, "lockf");
}

static size_t count(void)
{
    struct stat file;
    check(fstat(fd, &file) == 0, "fstat");
    return (size_t)file.st_size / SIZE;
}

static void reach(size_t records)
{
    if (records * SIZE <= length)
        return;
    size_t longer = 2 * records * SIZE;
    map = mremap(map, length, longer, MREMAP_MAYMOVE);
    check(map != MAP_FAILED, "mremap");
    length = longer;
}

static void put(size_t number, const char *text)
{
    char *record = map + number * SIZE;
    size_t used = strlen(text);
    memcpy(record, text, used);
    memset(record + used, ' ', SIZE - 1 - used);
    record[SIZE - 1] = '\n';
}

static void run(const char *line)
{
    char answer[SIZE + 32] = "?", text[512] = "";
    size_t number = 0;
    int adds = sscanf(line, "add %511[^\n]", text) == 1;
    int sets = sscanf(line, "set %zu %511[^\n]", &number, text) == 2;
    int gets = sscanf(line, "get %zu", &number) == 1;
    take();
    size_t records = count();
    reach(records + 1);
    if (strlen(text) >= SIZE) {
        strcpy(answer, "too long");
    } else if (adds) {
        check(ftruncate(fd, (off_t)((records + 1) * SIZE)) == 0, "ftruncate");
        put(records, text);
        sprintf(answer, "%zu", records);
    } else if (strcmp(line, "count") == 0) {
        sprintf(answer, "%zu", records);
    } else if (strcmp(line, "sync") == 0) {
        check(msync(map, records * SIZE, MS_SYNC) == 0, "msync");
        strcpy(answer, "synced");
    } else if ((sets || gets) && number >= records) {
        sprintf(answer, "no record %zu", number);
    } else if (sets) {
        put(number, text);
        strcpy(answer, "ok");
    } else if (gets) {
        size_t used = SIZE - 1;
        while (used > 0 && map[number * SIZE + used - 1] == ' ')
            used--;
        sprintf(answer, "%.*s", (int)used, map + number * SIZE);
    }
    give();
    check(dprintf(STDOUT_FILENO, "%s\n", answer) > 0, "standard output");
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: mmap_db FILE\n");
        return 2;
    }
    path = argv[1];
    fd = open(path, O_RDWR | O_CREAT, 0666);
    check(fd != -1, "open");
    map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    check(map != MAP_FAILED, "mmap");

    char line[512];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        run(line);
    }
    return 0;
}
