/* one_record.c

   mmap_db: for each command map only the pages in which its record lies; locks that belong to
   the open file (F_OFD_SETLKW).

   Usage: mmap_db FILE
*/
#define _GNU_SOURCE /* For F_OFD_SETLKW */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE = 100, TEXT = SIZE - 1 };

struct window {
    char *pages;
    size_t length;
    char *record;
};

static const char *path;
static int fd;

static void lock(short type)
{
    struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
    while (fcntl(fd, F_OFD_SETLKW, &whole) == -1)
        if (errno != EINTR)
            err(1, "lock %s", path);
}

static off_t records(void)
{
    struct stat file;
    if (fstat(fd, &file) == -1)
        err(1, "fstat %s", path);
    return file.st_size / SIZE;
}

/* Offsets are multiples of a page; the record may end on the page behind the one it begins on. */
static struct window open_window(off_t number)
{
    off_t begin = number * SIZE, page = sysconf(_SC_PAGESIZE), first = begin / page * page;
    struct window window = {.length = (size_t)(begin + SIZE - first)};
    window.pages = mmap(NULL, window.length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, first);
    if (window.pages == MAP_FAILED)
        err(1, "mmap %s", path);
    window.record = window.pages + (begin - first);
    return window;
}

static void close_window(struct window window)
{
    if (munmap(window.pages, window.length) == -1)
        err(1, "munmap %s", path);
}

static void store(off_t number, const char *text)
{
    char padded[SIZE + 1];
    snprintf(padded, sizeof(padded), "%-*s\n", TEXT, text);
    struct window window = open_window(number);
    memcpy(window.record, padded, SIZE);
    close_window(window);
}

static void load(off_t number, char text[SIZE])
{
    struct window window = open_window(number);
    int length = TEXT;
    while (length > 0 && window.record[length - 1] == ' ')
        length--;
    snprintf(text, SIZE, "%.*s", length, window.record);
    close_window(window);
}

static void answer_command(char *line, char answer[SIZE])
{
    char *word = strtok(line, " "), *rest = strtok(NULL, "");
    if (word == NULL)
        return;
    int adds = strcmp(word, "add") == 0, sets = strcmp(word, "set") == 0;
    off_t number = adds ? 0 : strtol(rest == NULL ? "0" : rest, NULL, 10);
    if (sets && rest != NULL && (rest = strchr(rest, ' ')) != NULL)
        rest++;

    if ((adds || sets) && (rest == NULL || strlen(rest) > TEXT)) {
        strcpy(answer, "too long");
        return;
    }
    lock(adds || sets ? F_WRLCK : F_RDLCK);
    off_t count = records();
    if (adds) {
        if (ftruncate(fd, (count + 1) * SIZE) == -1)
            err(1, "ftruncate %s", path);
        store(count, rest);
        snprintf(answer, SIZE, "%ld", (long)count);
    } else if (strcmp(word, "count") == 0) {
        snprintf(answer, SIZE, "%ld", (long)count);
    } else if (strcmp(word, "sync") == 0) {
        if (fsync(fd) == -1)
            err(1, "fsync %s", path);
        strcpy(answer, "synced");
    } else if (number >= count) {
        snprintf(answer, SIZE, "no record %ld", (long)number);
    } else if (sets) {
        store(number, rest);
        strcpy(answer, "ok");
    } else {
        load(number, answer);
    }
    lock(F_UNLCK);
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    path = argv[1];
    if ((fd = open(path, O_RDWR | O_CREAT, 0666)) == -1)
        err(1, "open %s", path);
    setvbuf(stdout, NULL, _IOLBF, 0);

    char *line = NULL, answer[SIZE];
    size_t room = 0;
    for (ssize_t length; (length = getline(&line, &room, stdin)) > 0;) {
        if (line[length - 1] == '\n')
            line[length - 1] = '\0';
        answer_command(line, answer);
        puts(answer);
    }
    free(line);
    return 0;
}
