/* Frees, then reads. */
#include <stdlib.h>

int main(void)
{
    int *volatile number = malloc(sizeof *number);

    if (number == NULL)
        return 1;
    *number = 42;
    free(number);
    return *number == 41; /* or what is there now */
}
