/* Right: a mapping is given back and made again; what the first was used for is forgotten. */
#include "../u.h"

int main(void)
{
    for (int round = 0; round < 3; round++) {
        int *data = shared(4096);
        if (fork() == 0) {
            *data = round;
            _exit(0);
        }
        if (reap() || *data != round)
            return 1;
        munmap(data, 4096);
    }
    return 0;
}
