/* Right: process_vm_readv() between two messages. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int p[2], q[2];
    if (pipe(p) || pipe(q))
        return 3;
    static int mine;
    pid_t c = fork();
    if (c == 0) {
        mine = 9;
        *n = 1;
        char x = 'x';
        if (write(p[1], &x, 1) != 1)
            _exit(1);
        if (read(q[0], &x, 1) != 1)
            _exit(1);
        _exit(0);
    }
    char x;
    if (read(p[0], &x, 1) != 1)
        return 3;
    int v = 0;
    struct iovec l = {&v, sizeof v}, r = {&mine, sizeof mine};
    process_vm_readv(c, &l, 1, &r, 1, 0);
    *n = 2;
    if (write(q[1], "x", 1) != 1)
        return 3;
    return reap();
}
