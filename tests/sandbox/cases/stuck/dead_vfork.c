/* Its vforked child waits for ever, so vfork() never returns. */
#include "case.h"

int main(void)
{
    static int ends[2];
    static char byte;
    check(pipe(ends), "pipe");
    if (check(vfork(), "vfork") == 0) {
        (void)!read(ends[0], &byte, 1);
        _exit(0);
    }
    return 0;
}
