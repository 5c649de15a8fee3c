/* Right: twenty units of a semaphore are taken, and the file is locked for each. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count), set = semaphores(1, 40), file = scratch_file();
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 20; k++) {
                P(set, 0);
                record_lock(file, F_WRLCK, 0, 0);
                ++*count;
                record_lock(file, F_UNLCK, 0, 0);
            }
            _exit(0);
        }
    int status = reap();
    remove_set(set);
    return status || *count != 40;
}
