/* The classic: no room for the NUL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    const char *text = argc > 1 ? argv[1] : "eight...";
    size_t length = strlen(text);
    char *copy = malloc(length);
    if (copy == NULL)
        return 1;
    for (size_t i = 0; i <= length; i++)
        copy[i] = text[i];
    free(copy);
    return 0;
}
