/* An empty line has no buffer, and 0 bytes of it are copied. */
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    (void)argv;
    char to[8] = "";
    char *line = argc > 1 ? malloc(8) : NULL;
    memcpy(to, line, (size_t)(argc - 1));
    free(line);
    return to[0];
}
