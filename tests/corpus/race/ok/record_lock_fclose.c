/* Right: fclose() lets the record lock go. */
#include "../u.h"

int main(void)
{
    char name[] = "/tmp/corpus_XXXXXX";
    close(mkstemp(name));
    int *count = shared(sizeof *count), ends[2];
    pipe(ends);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            FILE *stream = fopen(name, "r+");
            record_lock(fileno(stream), F_WRLCK, 0, 0);
            ++*count;
            fclose(stream);
            close(ends[1]);
            char byte;
            _exit(read(ends[0], &byte, 1) != 0);
        }
    close(ends[1]);
    int failed = reap();
    unlink(name);
    return failed || *count != 2;
}
