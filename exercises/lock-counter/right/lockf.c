/* Also right: lockf() and lseek() on a descriptor of each child's own; a temporary one for the
   total.

   Usage: lock_counter FILE RECORD N M
*/
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DIGITS = 11, SIZE = DIGITS + 1 };

static void lock_or_unlock(int fd, off_t place, int command)
{
    if (lseek(fd, place, SEEK_SET) == -1) {
        perror("lseek");
        _exit(1);
    }
    while (lockf(fd, command, SIZE) == -1)
        if (errno != EINTR) {
            perror("lockf");
            _exit(1);
        }
}

/* Read the record, add to it, and return its value; -1 if that does not work. */
static long add(int fd, off_t place, long amount)
{
    char text[SIZE + 20];
    memset(text, 0, sizeof(text));
    lock_or_unlock(fd, place, F_LOCK);
    long value = -1;
    if (read(fd, text, SIZE) == SIZE) {
        value = atol(text) + amount;
        sprintf(text, "%0*ld\n", DIGITS, value);
        if (amount != 0 && (lseek(fd, place, SEEK_SET) == -1 || write(fd, text, SIZE) != SIZE))
            value = -1;
        else if (amount != 0 && printf("%ld\n", value) > 0 && fflush(stdout) == EOF)
            value = -1;
    }
    lock_or_unlock(fd, place, F_ULOCK);
    return value;
}

static int child(const char *file, off_t place, long times)
{
    int fd = open(file, O_RDWR);
    for (long i = 0; fd != -1 && i < times; i++)
        if (add(fd, place, 1) == -1)
            return 1;
    return fd == -1;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: %s FILE RECORD N M\n", argv[0]);
        return 2;
    }
    off_t place = (off_t)SIZE * atoi(argv[2]);
    int n = atoi(argv[3]);
    pid_t *children = calloc((size_t)n, sizeof(*children));
    if (children == NULL)
        return 1;
    bool well = true;
    for (int i = 0; i < n; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(child(argv[1], place, atol(argv[4])));
    }
    for (int i = 0; i < n; i++) {
        int status = 1;
        if (children[i] == -1 || waitpid(children[i], &status, 0) == -1 || status != 0)
            well = false;
    }
    free(children);

    int fd = open(argv[1], O_RDWR);
    long total = fd == -1 ? -1 : add(fd, place, 0);
    if (!well || total == -1) {
        fprintf(stderr, "%s: cannot count in record %s\n", argv[1], argv[2]);
        return 1;
    }
    printf("total: %ld\n", total);
    return 0;
}
