/* Wrong: a sequence lock of plain variables. */
#include "../u.h"

struct s {
    volatile unsigned q;
    int a, b;
};
int main(void)
{
    struct s *s = shared(sizeof *s);
    if (fork() == 0) {
        for (int i = 1; i < 50; i++) {
            s->q++;
            s->a = i;
            s->b = i;
            s->q++;
        }
        _exit(0);
    }
    int x = 0;
    for (int k = 0; k < 50; k++) {
        unsigned q;
        do {
            q = s->q;
            x = s->a + s->b;
        } while ((q & 1) || q != s->q);
    }
    printf("%d\n", x);
    reap();
    return 0;
}
