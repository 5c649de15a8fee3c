/* Wrong: bit-fields of one word are written by read, change and write of the whole. */
#include "../u.h"

int main(void)
{
    struct {
        unsigned first : 4, second : 4;
    } *flags = shared(sizeof *flags);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (i == 0)
                flags->first = 5;
            else
                flags->second = 6;
            _exit(0);
        }
    return reap();
}
