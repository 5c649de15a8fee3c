/* MISTAKE: looks whether a child was killed, but not how it has exited.

   N child processes add 1 to one record of a file, M times each, under a record lock, and
   print each new number. Print the total.

   Usage: lock_counter FILE RECORD N M
*/
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE 12 /* Of a record: eleven digits and a newline */

static const char *path;

static void fail(const char *call)
{
    fprintf(stderr, "lock_counter: %s, %s: %s\n", call, path, strerror(errno));
    _exit(EXIT_FAILURE);
}

/* F_WRLCK waits until nobody else has a lock on a byte of the record; F_UNLCK gives it back. */
static void lock(int fd, off_t record, short type)
{
    struct flock range = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = record * SIZE, .l_len = SIZE};
    while (fcntl(fd, F_SETLKW, &range) == -1)
        if (errno != EINTR)
            fail("fcntl F_SETLKW");
}

/* A file that is shorter has no such record. */
static long read_record(int fd, off_t record)
{
    char text[SIZE + 1];
    size_t have = 0;
    while (have < SIZE) {
        ssize_t got = pread(fd, text + have, SIZE - have, record * SIZE + (off_t)have);
        if (got == 0) {
            fprintf(stderr, "lock_counter: %s has no record %ld\n", path, (long)record);
            _exit(EXIT_FAILURE);
        }
        if (got > 0)
            have += (size_t)got;
        else if (errno != EINTR)
            fail("pread");
    }
    text[SIZE] = '\0';
    return strtol(text, NULL, 10);
}

static void write_record(int fd, off_t record, long value)
{
    char text[32];
    snprintf(text, sizeof(text), "%011ld\n", value);
    size_t done = 0;
    while (done < SIZE) {
        ssize_t put = pwrite(fd, text + done, SIZE - done, record * SIZE + (off_t)done);
        if (put >= 0)
            done += (size_t)put;
        else if (errno != EINTR)
            fail("pwrite");
    }
}

/* A child takes the lock by itself: locks of the parent are not inherited. */
static void count(int fd, off_t record, long times)
{
    for (long i = 0; i < times; i++) {
        lock(fd, record, F_WRLCK);
        long value = read_record(fd, record) + 1;
        write_record(fd, record, value);
        if (dprintf(STDOUT_FILENO, "%ld\n", value) < 0)
            fail("write to standard output");
        lock(fd, record, F_UNLCK);
    }
    _exit(EXIT_SUCCESS);
}

/* Return how many of the children have not done their work. */
static int run_children(int n, int fd, off_t record, long times)
{
    int started = 0, done = 0, status;
    for (pid_t child; started < n && (child = fork()) != -1; started++)
        if (child == 0)
            count(fd, record, times);
    if (started < n)
        perror("lock_counter: fork");
    for (int i = 0; i < started && wait(&status) != -1; i++) /* No EINTR: there is no handler */
        if (!WIFSIGNALED(status))
            done++;
    return n - done;
}

int main(int argc, char *argv[])
{
    if (argc != 5) {
        fprintf(stderr, "usage: lock_counter FILE RECORD N M\n");
        exit(2);
    }
    path = argv[1];
    off_t record = atol(argv[2]);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd == -1)
        fail("open");

    int failed = run_children(atoi(argv[3]), fd, record, atol(argv[4]));
    if (failed > 0) {
        fprintf(stderr, "lock_counter: %d children failed\n", failed);
        exit(EXIT_FAILURE);
    }
    lock(fd, record, F_WRLCK);
    printf("total: %ld\n", read_record(fd, record));
    return EXIT_SUCCESS;
}
