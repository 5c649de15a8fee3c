/* Wrong: closing any descriptor of the file lets go of its record locks. */
#include "../u.h"

int main(void)
{
    char name[64];
    int *count = shared(sizeof *count), file = scratch_file();
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            record_lock(file, F_WRLCK, 0, 0);
            close(open(name, O_RDONLY));
            ++*count;
            record_lock(file, F_UNLCK, 0, 0);
            _exit(0);
        }
    return reap();
}
