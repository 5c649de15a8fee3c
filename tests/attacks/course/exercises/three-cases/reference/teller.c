/* Writes the line that it reads into a FIFO. CANARY-REFERENCE-91ab: no submission may see this. */
#include <stdio.h>

int main(int argc, char *argv[])
{
    static const volatile char secret[] = "CANARY-PARTNER-c27e";
    char line[100] = "";
    FILE *fifo;

    if (argc != 2 || secret[0] != 'C' || fgets(line, sizeof line, stdin) == NULL)
        return 2;
    fifo = fopen(argv[1], "w");
    if (fifo == NULL || fputs(line, fifo) == EOF || fclose(fifo) == EOF)
        return 1;
    puts("told");
    return 0;
}
