/* The same calls by the numbers of other tables, which a filter may have forgotten: int 0x80 and
 * x32.
 *
 * @row kernel
 */
#include "attack.h"

static long old(long number, long one, long two, long three)
{
#ifdef __x86_64__
    long result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(one), "c"(two), "d"(three), "S"(0L), "D"(0L)
                     : "memory", "r8", "r9", "r10", "r11");
    return result < 0 ? -1 : 0;
#else
    (void)number, (void)one, (void)two, (void)three;
    return -1;
#endif
}

int main(void)
{
    static char low[64] __attribute__((unused));

    refused_or_killed(old(20, 0, 0, 0), "getpid by int 0x80");
    refused_or_killed(old(310, CLONE_NEWUSER, 0, 0), "unshare by int 0x80");
    refused_or_killed(old(310, CLONE_NEWNS, 0, 0), "unshare of mounts by int 0x80");
    refused_or_killed(old(26, 16, 1, 0), "ptrace by int 0x80");
    refused_or_killed(old(359, AF_NETLINK, SOCK_RAW, 0), "socket by int 0x80");
    refused_or_killed(old(425, 4, 0, 0), "io_uring_setup by int 0x80");
    refused_or_killed(old(288, 0, -3, 1), "keyctl by int 0x80");
#ifdef __x86_64__
    refused_or_killed(syscall(0x40000000 + 39), "getpid by x32");
    refused_or_killed(syscall(0x40000000 + 272, CLONE_NEWUSER), "unshare by x32");
    refused_or_killed(syscall(0x40000000 + 521, 16, 1, 0, 0), "ptrace by x32");
    refused_or_killed(syscall(0x40000000 + 41, AF_NETLINK, SOCK_RAW, 0), "socket by x32");
    refused_or_killed(syscall(0x40000000 + 425, 4, low), "io_uring_setup by x32");
#endif
    return done();
}
