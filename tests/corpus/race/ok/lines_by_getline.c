/* Right: getline() from a pipe, which is another function with -O2, and getdelim(). */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2];
    char *line = NULL;
    size_t size = 0;
    pipe(ends);
    if (fork() == 0) {
        *data = 40;
        write(ends[1], "one\n", 4);
        close(ends[0]);
        usleep(20000);
        *data += 2;
        write(ends[1], "two;", 4);
        _exit(0);
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    if (getline(&line, &size, in) != 4 || getdelim(&line, &size, ';', in) != 4)
        return 1;
    int got = *data;
    free(line);
    return got != 42 || reap();
}
