/* Wrong: a record lock is not inherited, so the child whose parent has locked works without. */
#include "../u.h"

static void count(int *counter)
{
    int now = *counter;
    *counter = now + 1;
}

int main(void)
{
    int file = scratch_file(), *counter = shared(sizeof *counter), gate[2];
    char byte;
    if (pipe(gate) == -1)
        return 3;
    record_lock(file, F_WRLCK, 0, 1);
    if (fork() == 0) { /* "has the lock of its parent" */
        if (write(gate[1], "", 1) != 1)
            _exit(3);
        count(counter);
        record_lock(file, F_UNLCK, 0, 1);
        _exit(0);
    }
    if (fork() == 0) {
        record_lock(file, F_WRLCK, 0, 1);
        count(counter);
        record_lock(file, F_UNLCK, 0, 1);
        _exit(0);
    }
    if (read(gate[0], &byte, 1) != 1)
        return 3;
    close(file); /* "the child still has it" */
    int failed = reap();
    return failed || *counter != 2;
}
