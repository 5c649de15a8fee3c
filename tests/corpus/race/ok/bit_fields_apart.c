/* Right: bit-fields of two words, each of one process only. */
#include "../u.h"

int main(void)
{
    struct {
        unsigned first : 4, second : 4;
        unsigned : 0;
        unsigned third : 4, fourth : 4;
    } *flags = shared(sizeof *flags);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (i == 0) {
                flags->first = 5;
                flags->second = 6;
            } else {
                flags->third = 7;
                flags->fourth = 8;
            }
            _exit(0);
        }
    return reap() || flags->second != 6 || flags->third != 7;
}
