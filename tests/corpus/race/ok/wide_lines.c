/* Right: lines of wide characters through a pipe, and words by putw(). */
#include "../u.h"
#include <wchar.h>
int main(void)
{
    int *data = shared(4096), lines[2], words[2], sum = 0;
    pipe(lines);
    pipe(words);
    if (fork() == 0) {
        FILE *stream = fdopen(lines[1], "w"), *other = fdopen(words[1], "w");
        data[0] = 3;
        fwprintf(stream, L"slot %d\n", 0);
        fflush(stream);
        data[1] = 4;
        putw(1, other);
        fflush(other);
        data[2] = 5;
        fputws(L"slot 2\n", stream);
        fflush(stream);

        _exit(0);
    }
    FILE *stream = fdopen(lines[0], "r"), *other = fdopen(words[0], "r");
    wchar_t line[32];
    fgetws(line, 32, stream);
    sum += data[0];
    sum += data[getw(other)];
    int slot = 0;
    if (fwscanf(stream, L"slot %d", &slot) == 1)
        sum += data[slot];

    return reap() || sum != 12;
}
