/* Takes and uses memory until there is none. */
#include <stdlib.h>
#include <string.h>

int main(void)
{
    const size_t size = 1 << 20;
    char *block;

    while ((block = malloc(size)) != NULL)
        memset(block, 1, size);
    return 3;
}
