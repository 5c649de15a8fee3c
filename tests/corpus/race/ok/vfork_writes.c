/* Right: on Linux the child of vfork() runs in the memory of its parent, which waits for it. */
#include "../u.h"

static volatile int told;

int main(void)
{
    int *volatile data = shared(sizeof *data);
    volatile int local = 0;
    for (volatile int i = 0; i < 3; i++) {
        pid_t child = vfork();
        if (child == 0) {
            told++;
            local += 2;
            ++*data;
            _exit(5);
        }
        int status;
        if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 5)
            return 2;
    }
    return told != 3 || local != 6 || *data != 3;
}
