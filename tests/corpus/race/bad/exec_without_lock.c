/* Wrong: the exec'ed worker and its parent both count, and neither locks. */
#include "../u.h"

int main(int argc, char **argv)
{
    int id = argc > 1 ? atoi(argv[1]) : shmget(IPC_PRIVATE, 64, IPC_CREAT | 0600);
    int *count = shmat(id, NULL, 0);
    if (argc == 1 && fork() == 0) {
        char number[16];
        snprintf(number, sizeof number, "%d", id);
        execl("/proc/self/exe", argv[0], number, NULL);
        _exit(9);
    }
    ++*count;
    if (argc > 1)
        return 0;
    int status = reap();
    shmctl(id, IPC_RMID, NULL);
    return status;
}
