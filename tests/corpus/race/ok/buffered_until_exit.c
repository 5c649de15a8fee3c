/* Right: exit() writes what lies in a buffer. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2];
    pipe(ends);
    if (fork() == 0) {
        FILE *out = fdopen(ends[1], "w");
        setvbuf(out, NULL, _IOFBF, 4096);
        fprintf(out, "done\n");
        *data = 42;
        exit(0);
    }
    char line[16];
    if (read(ends[0], line, sizeof line) != 5)
        return 4;
    int got = *data;
    return reap() || got != 42;
}
