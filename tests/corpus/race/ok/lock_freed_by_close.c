/* Right: a record lock goes with the descriptor, a flock with its last one. */
#include "../u.h"

int main(void)
{
    char name[64];
    int *count = shared(sizeof *count), file = scratch_file();
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            int own = open(name, O_RDWR), copy = dup(own);
            flock(own, LOCK_EX);
            ++*count;
            close(own);
            ++*count;
            close(copy);
            record_lock(file, F_WRLCK, 0, 0);
            close(file);
            _exit(0);
        }
    return reap() || *count != 6;
}
