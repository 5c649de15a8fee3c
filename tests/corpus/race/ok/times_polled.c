/* Right: stat() until another has set the time of the file. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data);
    char name[] = "/tmp/corpus_XXXXXX";
    struct stat about;
    int file = mkstemp(name);
    if (fork() == 0) {
        struct timespec times[2] = {{1, 0}, {1, 0}};
        *data = 42;
        utimensat(AT_FDCWD, name, times, 0);
        _exit(0);
    }
    while (fstat(file, &about) == 0 && about.st_mtime != 1)
        usleep(100);
    int seen = *data;
    int failed = reap();
    unlink(name);
    return failed || seen != 42;
}
