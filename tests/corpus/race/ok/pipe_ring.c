/* Right: a token goes round a ring of pipes. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), ends[3][2];
    char token = 'x';
    for (int i = 0; i < 3; i++)
        pipe(ends[i]);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            for (int round = 0; round < 2; round++) {
                read(ends[i][0], &token, 1);
                ++*count;
                write(ends[(i + 1) % 3][1], &token, 1);
            }
            _exit(0);
        }
    write(ends[0][1], &token, 1);
    return reap() || *count != 6;
}
