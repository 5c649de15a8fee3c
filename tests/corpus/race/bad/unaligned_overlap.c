/* Wrong: packed fields over the border of a word; the last byte is another's. */
#include "../u.h"

int main(void)
{
    char *bytes = shared(32);
    if (fork() == 0) {
        memset(bytes + 5, 1, 6);
        _exit(0);
    }
    bytes[10] = 7;
    return reap();
}
