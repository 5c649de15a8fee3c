/* Wrong: F_RDLCK does not keep the other out, and both write. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), file = scratch_file();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            record_lock(file, F_RDLCK, 0, 1);
            ++*count;
            record_lock(file, F_UNLCK, 0, 1);
            _exit(0);
        }
    reap();
    return 0;
}
