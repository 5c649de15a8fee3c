/* CANARY-REFERENCE-91ab: no submission may ever see this text. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    if (argc != 4 || mkfifo(argv[1], 0600) == -1)
        return 2;
    FILE *fifo = fopen(argv[1], "w");
    unlink(argv[1]);
    if (fifo == NULL || fprintf(fifo, "%d\n", atoi(argv[2]) + atoi(argv[3])) < 0)
        return 1;
    return fclose(fifo) == 0 ? 0 : 1;
}
