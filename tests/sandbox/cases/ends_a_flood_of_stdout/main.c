/* Prints without end. */
#include <stdio.h>

int main(void)
{
    for (;;)
        fputs("And so on. ", stdout);
}
