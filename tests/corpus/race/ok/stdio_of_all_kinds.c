/* Right: bytes through pipes by the rarer functions of stdio, a pipe and a slot for each. */
#include "../u.h"
#include <stdarg.h>
static int scans(FILE *stream, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int count = vfscanf(stream, format, list);
    va_end(list);
    return count;
}
int main(void)
{
    int *data = shared(4096), pipes[8][2], sum = 0;
    char text[16];
    for (int i = 0; i < 8; i++)
        pipe(pipes[i]);
    if (fork() == 0) {
        FILE *streams[4];
        for (int i = 0; i < 4; i++) {
            streams[i] = fdopen(pipes[i][1], "w");
            setvbuf(streams[i], NULL, _IONBF, 0);
        }
        data[0] = 1;
        putc_unlocked('x', streams[0]);
        data[1] = 1;
        fwrite_unlocked("x", 1, 1, streams[1]);
        data[2] = 1;
        fputs_unlocked("x", streams[2]);
        data[3] = 1;
        putw(7, streams[3]);
        for (int i = 4; i < 8; i++) {
            data[i] = 1;
            write(pipes[i][1], "1234\n", 5);
        }
        reap();
        char byte;
        close(pipes[7][1]);
        read(pipes[0][0], &byte, 0);
        sigset_t none;
        sigemptyset(&none);
        sigsuspend(&none);
    }
    for (int i = 0; i < 4; i++) {
        read(pipes[i][0], text, 4);
        sum += data[i];
    }
    FILE *streams[8];
    for (int i = 4; i < 8; i++)
        streams[i] = fdopen(pipes[i][0], "r");
    int value;
    scans(streams[4], "%d", &value);
    sum += data[4];
    fread_unlocked(text, 1, 5, streams[5]);
    sum += data[5];
    fgetc_unlocked(streams[6]);
    sum += data[6];
    getw(streams[7]);
    sum += data[7];
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    wait(NULL);
    return sum != 8;
}
