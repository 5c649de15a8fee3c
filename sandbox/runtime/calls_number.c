/* calls_number.c - calls by their number: syscall(2)

   Where the C library has no function for a call, or on purpose, programs ask the kernel by number.
   What makes processes, and what orders them, is seen here as it is under its name; where the
   bytes go is not looked at.
*/
#include "descriptors.h"
#include <linux/futex.h>
#include <linux/sched.h>
#include <stdarg.h>
#include <sys/syscall.h>

long fork_by_number(long number, const long arguments[6], Site site);

/* Does it make a child that has memory of its own? */
static int forks(long number, const long arguments[6])
{
    switch (number) {
#ifdef SYS_fork
    case SYS_fork:
        return 1;
#endif
    case SYS_clone:
        return (arguments[0] & CLONE_VM) == 0 && arguments[1] == 0;
#ifdef SYS_clone3
    case SYS_clone3: {
        const struct clone_args *asked = (const struct clone_args *)arguments[0];
        return (asked->flags & CLONE_VM) == 0 && asked->stack == 0;
    }
#endif
    default:
        return 0;
    }
}

enum { LOCK_PI2 = 13 }; /* Which older headers do not know */

/* Does it sleep until somebody wakes it? */
static int sleeps(long number, const long arguments[6])
{
    if (number != SYS_futex)
        return 0;
    switch (arguments[1] & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
    case FUTEX_WAIT_REQUEUE_PI:
    case FUTEX_LOCK_PI:
    case LOCK_PI2:
        return 1;
    default:
        return 0;
    }
}

/* The word of a futex is also the object of the atomic accesses to it (instrumented.c): who wakes,
   or lets the kernel's lock go, comes before who is woken, or finds another value, or gets the
   lock. */
static void futex_word(long address, int is_done)
{
    uint64_t key[2];
    key_of_address((const void *)address, key);
    LOCKED({
        Sync *sync = sync_at(SYNC_ATOMIC, key[0], key[1]);
        if (is_done)
            acquire(sync);
        else
            release(sync);
    });
}

static void futex_tells(const long arguments[6], int is_done)
{
    long operation = arguments[1] & FUTEX_CMD_MASK;
    int waits = sleeps(SYS_futex, arguments) || operation == FUTEX_TRYLOCK_PI;
    if (waits != is_done)
        return;
    futex_word(arguments[0], is_done);
    if (operation == FUTEX_REQUEUE || operation == FUTEX_CMP_REQUEUE ||
        operation == FUTEX_CMP_REQUEUE_PI || operation == FUTEX_WAIT_REQUEUE_PI ||
        operation == FUTEX_WAKE_OP)
        futex_word(arguments[4], is_done);
}

static void before(long number, const long arguments[6], Site site)
{
    switch (number) {
    case SYS_write:
    case SYS_writev:
    case SYS_pwrite64:
    case SYS_sendto:
    case SYS_sendmsg:
    case SYS_close:
        release_descriptor((int)arguments[0]);
        break;
    case SYS_kill:
    case SYS_tgkill:
    case SYS_rt_sigqueueinfo:
        signal_sent(CALL_kill, (pid_t)arguments[0], (int)arguments[number == SYS_tgkill ? 2 : 1],
                    site);
        break;
    case SYS_tkill:
#ifdef SYS_pidfd_send_signal
    case SYS_pidfd_send_signal:
#endif
        signal_sent(CALL_kill, 0, (int)arguments[1], site);
        break;
    case SYS_futex:
        futex_tells(arguments, 0);
        break;
    case SYS_exit:
    case SYS_exit_group:
        LOCKED({ task_exits(); });
        break;
    default:
        break;
    }
}

static void after(long number, const long arguments[6], long result)
{
    switch (number) {
    case SYS_read:
    case SYS_readv:
    case SYS_pread64:
    case SYS_recvfrom:
    case SYS_recvmsg:
        acquire_descriptor((int)arguments[0], result == 0);
        break;
    case SYS_wait4:
        if (result > 0)
            LOCKED({ task_reaped((pid_t)result, arguments[1] ? *(const int *)arguments[1] : 0); });
        break;
    case SYS_waitid:
        LOCKED({ hear_of_dead(); });
        break;
    case SYS_kill:
    case SYS_tkill:
    case SYS_tgkill:
        hear_of_senders(0); /* It may have stopped us */
        break;
    default:
        break;
    }
}

EXPORT long(syscall)(long number, ...)
{
    Site site = HERE();
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    if (ACTIVE && forks(number, arguments))
        return fork_by_number(number, arguments, site);
    if (ACTIVE)
        before(number, arguments, site);
    int asleep = ACTIVE && sleeps(number, arguments);
    if (asleep)
        begin_wait(CALL_futex, site, NULL, 0);
    long result = syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4], arguments[5]);
    if (asleep)
        end_wait(CALL_futex, site, NULL, (int)result);
    if (ACTIVE && number == SYS_futex && (result >= 0 || errno == EAGAIN))
        futex_tells(arguments, 1);
    else if (ACTIVE && result >= 0)
        after(number, arguments, result);
    return result;
}
