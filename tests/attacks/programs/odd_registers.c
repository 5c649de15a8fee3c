/* Blocked in calls whose registers hold more than the kernel looks at: counts beyond all memory,
 * addresses at its very end.
 *
 * @row timing
 * @row memory
 * @fails-some stuck steps
 */
#include "attack.h"
#include <linux/futex.h>
#include <poll.h>
#include <sys/msg.h>
#include <sys/sem.h>

static void in_child(long number, long first, long second, long third, long fourth, long fifth)
{
    if (fork() == 0)
        _exit((int)syscall(number, first, second, third, fourth, fifth, 0L));
}

int main(void)
{
    const long high = 0x7fffffff00000000;
    struct pollfd none = {.fd = -1};
    struct sembuf take = {0, -1, 0};
    int ends[2], word = 0;
    int set = semget(IPC_PRIVATE, 1, 0600), queue = msgget(IPC_PRIVATE, 0600);

    if (pipe(ends) == -1)
        return 1;
    in_child(SYS_read, high | ends[0], 16, high, 0, 0);
    in_child(SYS_read, ends[0], (long)&none, 1, 0, 0);
    in_child(SYS_ppoll, (long)&none, high | 1, 0, 0, 0);
    in_child(SYS_pselect6, INT32_MAX, 0, 0, 0, 0);
    in_child(SYS_semop, high | set, (long)&take, high | 1, 0, 0);
    in_child(SYS_futex, (long)&word, high | FUTEX_WAIT, high, 0, 0);
    in_child(SYS_wait4, high | 0xffffffff, -8, high, 0, 0);
    in_child(SYS_msgrcv, high | queue, -8, 100, INT64_MIN, high);
    return (int)read(ends[0], &word, 1);
}
