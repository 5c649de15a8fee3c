/* Wrong: the lock with priority inheritance is let go too early. */
#include "../u.h"
#include <linux/futex.h>
#include <sys/syscall.h>

int main(void)
{
    struct {
        unsigned lock;
        int count;
    } *room = shared(sizeof *room);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            for (int k = 0; k < 3; k++) {
                if (syscall(SYS_futex, &room->lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0) == -1)
                    _exit(2);
                if (syscall(SYS_futex, &room->lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) == -1)
                    _exit(2);
                ++room->count;
            }
            _exit(0);
        }
    return reap() || room->count > 9;
}
