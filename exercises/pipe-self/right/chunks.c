/* Also right: a piece that is written is read before the next, so the pipe is never full. One pipe
   for all.

   Usage: pipe_self TEXT...
*/
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    static char buffer[PIPE_BUF];
    int ends[2];

    if (argc == 1) {
        fprintf(stderr, "usage: %s TEXT...\n", argv[0]);
        return 2;
    }
    if (pipe(ends) == -1) {
        perror("pipe");
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        size_t left = strlen(text);
        printf("%zu: ", left);
        while (left > 0) {
            size_t piece = left < sizeof(buffer) ? left : sizeof(buffer);
            if (write(ends[1], text, piece) != (ssize_t)piece ||
                read(ends[0], buffer, piece) != (ssize_t)piece) {
                perror("pipe_self");
                return 1;
            }
            fwrite(buffer, 1, piece, stdout);
            text += piece;
            left -= piece;
        }
        putchar('\n');
    }
    return 0;
}
