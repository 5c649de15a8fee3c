/* Right: getc_unlocked() reads what was written. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2];
    pipe(ends);
    if (fork() == 0) {
        FILE *out = fdopen(ends[1], "w");
        *data = 42;
        putc_unlocked('x', out);
        fflush(out);
        _exit(0);
    }
    FILE *in = fdopen(ends[0], "r");
    int byte = getc_unlocked(in), got = *data;
    return reap() || got != 42 || byte != 'x';
}
