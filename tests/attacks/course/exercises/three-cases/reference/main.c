/* CANARY-REFERENCE-91ab: no submission may ever see this text. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    char line[100] = "";

    if (argc == 3) {
        printf("%d\n", atoi(argv[1]) + atoi(argv[2]));
        return 0;
    }
    FILE *fifo = argc == 2 ? fopen(argv[1], "r") : NULL;
    if (fifo == NULL || fgets(line, sizeof line, fifo) == NULL)
        return 1;
    fputs(line, stdout);
    return 0;
}
