/* Right: a fault comes where the program makes it, so its handler may use what the program changes.
 */
#include "../u.h"

static char *page;
static int faults, wanted;
static sigjmp_buf back;

static void handler(int number)
{
    (void)number;
    faults++;
    if (wanted > 100)
        _exit(3);
    siglongjmp(back, 1);
}

int main(void)
{
    handle(SIGSEGV, handler);
    page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 5; i++) {
        wanted++;
        if (sigsetjmp(back, 1) == 0)
            page[i] = 1;
    }
    return 0;
}
