/* Right: lines through pipes, with fdopen(), fprintf(), fflush() and fgets(). */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), to[2], back[2], number = 0;
    char line[32];
    pipe(to);
    pipe(back);
    if (fork() == 0) {
        close(to[1]);
        close(back[0]);
        FILE *in = fdopen(to[0], "r"), *out = fdopen(back[1], "w");
        while (fgets(line, sizeof line, in) != NULL) {
            *data += atoi(line);
            fprintf(out, "%d\n", *data);
            fflush(out);
        }
        exit(0);
    }
    close(to[0]);
    close(back[1]);
    FILE *out = fdopen(to[1], "w"), *in = fdopen(back[0], "r");
    setvbuf(out, NULL, _IOLBF, 0);
    for (int i = 1; i <= 3; i++) {
        *data += i;
        fprintf(out, "%d\n", i);
        if (fscanf(in, "%d", &number) != 1)
            return 1;
    }
    fclose(out);
    return reap() || number != 12 || *data != 12;
}
