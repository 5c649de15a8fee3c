/* Also right: the record changed in a mapping of the file; open file description locks, for which
   each child opens the file by itself.

   Usage: lock_counter FILE RECORD N M
*/
#define _GNU_SOURCE /* For F_OFD_SETLKW */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 12

static void die(const char *file, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", file, what, strerror(errno));
    exit(1);
}

static int open_file(const char *file)
{
    int fd = open(file, O_RDWR);
    if (fd == -1)
        die(file, "open");
    return fd;
}

static void set_lock(int fd, off_t place, short type)
{
    struct flock range;
    memset(&range, 0, sizeof(range));
    range.l_type = type;
    range.l_start = place;
    range.l_len = SIZE;
    while (fcntl(fd, F_OFD_SETLKW, &range) == -1)
        if (errno != EINTR)
            die("lock_counter", "F_OFD_SETLKW");
}

static long value_of(const char *record)
{
    long value = 0;
    for (int i = 0; i < SIZE - 1; i++)
        value = 10 * value + (record[i] - '0');
    return value;
}

static void increment(char *record)
{
    int i = SIZE - 2;
    while (i > 0 && record[i] == '9')
        record[i--] = '0';
    record[i]++;
}

static void print(long value)
{
    char line[SIZE + 1];
    size_t length = (size_t)snprintf(line, sizeof(line), "%ld\n", value);
    for (size_t done = 0; done < length;) {
        ssize_t put = write(STDOUT_FILENO, line + done, length - done);
        if (put == -1 && errno != EINTR)
            die("lock_counter", "standard output");
        done += put > 0 ? (size_t)put : 0;
    }
}

int main(int argc, char *argv[])
{
    if (argc != 5) {
        fputs("usage: lock_counter FILE RECORD N M\n", stderr);
        return 2;
    }
    const char *file = argv[1];
    off_t place = atol(argv[2]) * SIZE;
    struct stat about;
    int fd = open_file(file);
    if (fstat(fd, &about) == -1)
        die(file, "fstat");
    if (about.st_size < place + SIZE) {
        fprintf(stderr, "%s: no record %s\n", file, argv[2]);
        return 1;
    }
    char *map = mmap(NULL, (size_t)about.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        die(file, "mmap");

    int bad = 0, status;
    for (int n = atoi(argv[3]); n > 0; n--)
        switch (fork()) {
        case -1:
            perror("fork");
            bad = 1;
            break;
        case 0:
            fd = open_file(file);
            for (long m = atol(argv[4]); m > 0; m--) {
                set_lock(fd, place, F_WRLCK);
                increment(map + place);
                print(value_of(map + place));
                set_lock(fd, place, F_UNLCK);
            }
            _exit(0);
        }
    while (wait(&status) != -1)
        bad |= status;
    if (bad) {
        fputs("lock_counter: a child has failed\n", stderr);
        return 1;
    }
    set_lock(fd, place, F_RDLCK);
    printf("total: %ld\n", value_of(map + place));
    set_lock(fd, place, F_UNLCK);
    return 0;
}
