/* filter: the system calls that a submission does not get (seccomp(2)).
 *
 * It has its own namespaces and no capability, so most of these would be refused anyway; the filter
 * is there for the kernel's own mistakes: parts of it that no exercise needs and that break-outs
 * have come through (new namespaces, mounts, bpf, io_uring, keyrings, perf, userfaultfd), and
 * whatever lets one process reach into another (ptrace and its kin). Refused calls fail as they
 * would without the privilege (EPERM) or on an older kernel (ENOSYS), so that a program meets an
 * error that it may know. The last system call that was looked at is FILTER_NEWEST: later ones do
 * not exist here. sandbox/seccomp.json says the same to a container engine;
 * tests/sandbox/test_filter.py holds them together.
 *
 * For a 64-bit call the kernel shows numbers and arguments in struct seccomp_data; of arguments the
 * low word is loaded (both processors that bare.h knows are little-endian).
 */
#ifndef GRADER_FILTER_H
#define GRADER_FILTER_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#else
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#endif
#define FILTER_NEWEST 462 /* mseal, Linux 6.10 */
#define FILTER_X32 0x40000000U
#define FILTER_IOPRIO_USER 3 /* IOPRIO_WHO_USER, ioprio_set(2) */

#define FILTER_NEW_NAMESPACES                                                                      \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)

/* Refused with EPERM, whatever their arguments. */
#define FILTER_DENIED(X, word)                                                                     \
    /* namespaces and mounts */                                                                    \
    X(unshare, word)                                                                               \
    X(setns, word)                                                                                 \
    X(mount, word)                                                                                 \
    X(umount2, word)                                                                               \
    X(pivot_root, word)                                                                            \
    X(chroot, word)                                                                                \
    X(move_mount, word)                                                                            \
    X(open_tree, word)                                                                             \
    X(fsopen, word)                                                                                \
    X(fsconfig, word)                                                                              \
    X(fsmount, word)                                                                               \
    X(fspick, word)                                                                                \
    X(mount_setattr, word)                                                                         \
    X(name_to_handle_at, word)                                                                     \
    X(open_by_handle_at, word)                                                                     \
    X(quotactl, word)                                                                              \
    X(quotactl_fd, word)                                                                           \
    X(fanotify_init, word)                                                                         \
    /* other processes' memory, descriptors and identity */                                        \
    X(ptrace, word)                                                                                \
    X(process_vm_readv, word)                                                                      \
    X(process_vm_writev, word)                                                                     \
    X(process_madvise, word)                                                                       \
    X(process_mrelease, word)                                                                      \
    X(pidfd_getfd, word)                                                                           \
    X(kcmp, word)                                                                                  \
    /* large and new parts of the kernel that no exercise needs */                                 \
    X(bpf, word)                                                                                   \
    X(perf_event_open, word)                                                                       \
    X(userfaultfd, word)                                                                           \
    X(io_uring_setup, word)                                                                        \
    X(io_uring_enter, word)                                                                        \
    X(io_uring_register, word)                                                                     \
    X(add_key, word)                                                                               \
    X(request_key, word)                                                                           \
    X(keyctl, word)                                                                                \
    X(memfd_secret, word)                                                                          \
    X(mbind, word)                                                                                 \
    X(set_mempolicy, word)                                                                         \
    X(set_mempolicy_home_node, word)                                                               \
    X(get_mempolicy, word)                                                                         \
    X(migrate_pages, word)                                                                         \
    X(move_pages, word)                                                                            \
    X(lookup_dcookie, word)                                                                        \
    /* the machine */                                                                              \
    X(init_module, word)                                                                           \
    X(finit_module, word)                                                                          \
    X(delete_module, word)                                                                         \
    X(kexec_load, word)                                                                            \
    X(kexec_file_load, word)                                                                       \
    X(reboot, word)                                                                                \
    X(swapon, word)                                                                                \
    X(swapoff, word)                                                                               \
    X(acct, word)                                                                                  \
    X(syslog, word)                                                                                \
    X(sethostname, word)                                                                           \
    X(setdomainname, word)                                                                         \
    X(settimeofday, word)                                                                          \
    X(clock_settime, word)                                                                         \
    X(adjtimex, word)                                                                              \
    X(clock_adjtime, word)                                                                         \
    X(vhangup, word)                                                                               \
    FILTER_DENIED_HERE(X, word)

#if defined(__x86_64__)
#define FILTER_DENIED_HERE(X, word)                                                                \
    X(iopl, word)                                                                                  \
    X(ioperm, word)                                                                                \
    X(modify_ldt, word)                                                                            \
    X(create_module, word)                                                                         \
    X(get_kernel_syms, word)                                                                       \
    X(query_module, word)                                                                          \
    X(nfsservctl, word)                                                                            \
    X(uselib, word)                                                                                \
    X(ustat, word)                                                                                 \
    X(sysfs, word)                                                                                 \
    X(_sysctl, word)
#else
#define FILTER_DENIED_HERE(X, word)
#endif

/* Refused or not by their arguments, or in another way: the program below says how. */
#define FILTER_LOOKED_INTO(L, word)                                                                \
    L(clone, word)                                                                                 \
    L(clone3, word)                                                                                \
    L(socket, word)                                                                                \
    L(ioctl, word)                                                                                 \
    L(prlimit64, word)                                                                             \
    L(sched_setaffinity, word)                                                                     \
    L(sched_setscheduler, word)                                                                    \
    L(sched_setparam, word)                                                                        \
    L(sched_setattr, word)                                                                         \
    L(setpriority, word)                                                                           \
    L(ioprio_set, word)                                                                            \
    L(prctl, word)

/* All of these as bits, 32 calls to a word: most calls are in neither list, which is to be known
 * soon. */
#define FILTER_BIT(name, word) | (SYS_##name / 32 == (word) ? 1U << SYS_##name % 32 : 0U)
#define FILTER_BITS(word) (0U FILTER_DENIED(FILTER_BIT, word) FILTER_LOOKED_INTO(FILTER_BIT, word))

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE(number) RETURN(SECCOMP_RET_ERRNO | (number))
/* One instruction is passed over unless the value is this one, exceeds it, or has one of these
 * bits. */
#define IF_IS(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1)
#define IF_ABOVE(value) BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (value), 0, 1)
#define IF_ANY(bits) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1)
/* The next COUNT instructions are passed over unless the call is this one. */
#define CASE(name, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, (count))
#define DENY(name) CASE(name, 1), REFUSE(EPERM)
/* The next COUNT instructions are passed over if it is this one. */
#define OR_CASE(name, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, (count), 0)

/* A tree of comparisons with the number of a word, which loads that word and goes on AFTER
 * instructions behind the tree. */
#define WORD(word, after)                                                                          \
    BPF_STMT(BPF_LD | BPF_IMM, FILTER_BITS(word)), BPF_JUMP(BPF_JMP | BPF_JA, (after), 0, 0)
#define BEYOND(word, size) BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (word), (size), 0)
#define WORDS_2(word, after) BEYOND((word) + 1, 2), WORD(word, (after) + 2), WORD((word) + 1, after)
#define WORDS_4(word, after)                                                                       \
    BEYOND((word) + 2, 5), WORDS_2(word, (after) + 5), WORDS_2((word) + 2, after)
#define WORDS_8(word, after)                                                                       \
    BEYOND((word) + 4, 11), WORDS_4(word, (after) + 11), WORDS_4((word) + 4, after)
#define WORDS_16(word, after)                                                                      \
    BEYOND((word) + 8, 23), WORDS_8(word, (after) + 23), WORDS_8((word) + 8, after)

_Static_assert(FILTER_NEWEST / 32 < 16, "WORDS_16 has them all");

static const struct sock_filter filter_program[] = {
    /* The kernel walks a new filter for each call that there is, to find out which always pass
     * (seccomp_cache_prepare), up to the first step that it does not follow there. It would come to
     * one in any case; that it comes soon makes this filter a third cheaper to install. */
    LOAD(nr),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 31),
    BPF_STMT(BPF_MISC | BPF_TAX, 0),

    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0),
    RETURN(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
    IF_ABOVE(FILTER_NEWEST), /* x32 calls too: their numbers begin at FILTER_X32 */
    REFUSE(ENOSYS),

    /* in neither list: as it is */
    BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 5),
    WORDS_16(0, 0),
    BPF_STMT(BPF_ALU | BPF_RSH | BPF_X, 0),
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 1, 0),
    RETURN(SECCOMP_RET_ALLOW),
    LOAD(nr),

    /* namespaces and mounts */
    CASE(clone, 4),
    LOAD(args[0]),
    IF_ANY(FILTER_NEW_NAMESPACES),
    REFUSE(EPERM),
    RETURN(SECCOMP_RET_ALLOW),
    /* Its flags lie in memory, where a filter cannot look; the C library then takes clone(). */
    CASE(clone3, 1),
    REFUSE(ENOSYS),

    /* sockets: Unix and Internet; the network that they reach is the sandbox's own */
    CASE(socket, 8),
    LOAD(args[0]),
    IF_IS(AF_UNIX),
    RETURN(SECCOMP_RET_ALLOW),
    IF_IS(AF_INET),
    RETURN(SECCOMP_RET_ALLOW),
    IF_IS(AF_INET6),
    RETURN(SECCOMP_RET_ALLOW),
    REFUSE(EAFNOSUPPORT),

    /* typing into one's own terminal for whoever reads it next */
    CASE(ioctl, 6),
    LOAD(args[1]),
    IF_IS(TIOCSTI),
    REFUSE(EPERM),
    IF_IS(TIOCLINUX),
    REFUSE(EPERM),
    RETURN(SECCOMP_RET_ALLOW),

    /* Where driver and submission share a uid, these would reach the driver, which is process 1:
     * its limits, its place among the processes that wait for the CPU. For oneself they are
     * harmless.
     */
    CASE(prlimit64, 4),
    LOAD(args[0]),
    IF_IS(0),
    RETURN(SECCOMP_RET_ALLOW),
    REFUSE(EPERM),
    OR_CASE(sched_setaffinity, 3),
    OR_CASE(sched_setscheduler, 2),
    OR_CASE(sched_setparam, 1),
    CASE(sched_setattr, 4),
    LOAD(args[0]),
    IF_IS(1),
    REFUSE(EPERM),
    RETURN(SECCOMP_RET_ALLOW),
    CASE(setpriority, 7),
    LOAD(args[0]),
    IF_IS(PRIO_USER),
    REFUSE(EPERM),
    LOAD(args[1]),
    IF_IS(1),
    REFUSE(EPERM),
    RETURN(SECCOMP_RET_ALLOW),
    CASE(ioprio_set, 7),
    LOAD(args[0]),
    IF_IS(FILTER_IOPRIO_USER),
    REFUSE(EPERM),
    LOAD(args[1]),
    IF_IS(1),
    REFUSE(EPERM),
    RETURN(SECCOMP_RET_ALLOW),

    /* whoever is not dumpable cannot be looked at to see what it waits for */
    CASE(prctl, 4),
    LOAD(args[0]),
    IF_IS(PR_SET_DUMPABLE),
    REFUSE(EPERM),
    RETURN(SECCOMP_RET_ALLOW),

    /* all others */
    REFUSE(EPERM),
};

static const struct sock_fprog filter = {
    sizeof filter_program / sizeof filter_program[0],
    (struct sock_filter *)filter_program,
};

#endif
