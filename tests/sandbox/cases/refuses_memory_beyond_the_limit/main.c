/* Asks for far more memory than it may have. */
#include <stdlib.h>

int main(void)
{
    const size_t size = (size_t)1 << 30;
    char *volatile block = malloc(size);

    return block == NULL ? 3 : 0;
}
