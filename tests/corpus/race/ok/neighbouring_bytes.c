/* Right: bytes, shorts and ints beside each other, each of one process only. */
#include "../u.h"

int main(void)
{
    struct {
        char bytes[4];
        short shorts[2];
        int word;
        double wide;
    } *all = shared(sizeof *all);
    for (int i = 0; i < 8; i++)
        if (fork() == 0) {
            if (i < 4)
                all->bytes[i] = 1;
            else if (i < 6)
                all->shorts[i - 4] = 1;
            else if (i == 6)
                all->word = 1;
            else
                all->wide = 1;
            _exit(0);
        }
    return reap() || all->bytes[3] != 1 || all->shorts[1] != 1 || all->word != 1;
}
