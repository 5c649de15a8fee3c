/* Reads standard input until a line has come. */
#include "case.h"

int main(void)
{
    char byte = 0;
    while (byte != '\n' && check(read(STDIN_FILENO, &byte, 1), "read") > 0)
        ;
    return 0;
}
