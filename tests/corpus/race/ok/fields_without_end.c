/* Right: fixed fields without a NUL, each of one process, read with a precision and a length. */
#include "../u.h"

int main(void)
{
    char *fields = segment(8), copy[8] = "";
    int ends[2];
    char byte;
    pipe(ends);
    if (fork() == 0) {
        memcpy(fields, "abcd", 4);
        write(ends[1], "x", 1);
        _exit(0);
    }
    if (fork() == 0) {
        memcpy(fields + 4, "efgh", 4);
        _exit(0);
    }
    read(ends[0], &byte, 1);
    printf("%.4s %.*s\n", fields, 3, fields);
    strncpy(copy, fields, 4);
    int same = strncmp(fields, "abcd", 4) == 0 && strcmp(fields, "abx") != 0;
    return reap() || !same || strcmp(copy, "abcd") != 0;
}
