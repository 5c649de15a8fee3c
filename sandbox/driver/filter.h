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
/* For a call whose first argument is a process: not of process 1. */
#define NOT_OF_DRIVER(name)                                                                        \
    CASE(name, 4), LOAD(args[0]), IF_IS(1), REFUSE(EPERM), RETURN(SECCOMP_RET_ALLOW)

static const struct sock_filter filter_program[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0),
    RETURN(SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
    IF_ABOVE(FILTER_NEWEST), /* x32 calls too: their numbers begin at FILTER_X32 */
    REFUSE(ENOSYS),

    /* namespaces and mounts */
    CASE(clone, 4),
    LOAD(args[0]),
    IF_ANY(FILTER_NEW_NAMESPACES),
    REFUSE(EPERM),
    RETURN(SECCOMP_RET_ALLOW),
    /* Its flags lie in memory, where a filter cannot look; the C library then takes clone(). */
    CASE(clone3, 1),
    REFUSE(ENOSYS),
    DENY(unshare),
    DENY(setns),
    DENY(mount),
    DENY(umount2),
    DENY(pivot_root),
    DENY(chroot),
    DENY(move_mount),
    DENY(open_tree),
    DENY(fsopen),
    DENY(fsconfig),
    DENY(fsmount),
    DENY(fspick),
    DENY(mount_setattr),
    DENY(name_to_handle_at),
    DENY(open_by_handle_at),
    DENY(quotactl),
    DENY(quotactl_fd),
    DENY(fanotify_init),

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
    NOT_OF_DRIVER(sched_setaffinity),
    NOT_OF_DRIVER(sched_setscheduler),
    NOT_OF_DRIVER(sched_setparam),
    NOT_OF_DRIVER(sched_setattr),
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

    /* other processes' memory, descriptors and identity */
    DENY(ptrace),
    DENY(process_vm_readv),
    DENY(process_vm_writev),
    DENY(process_madvise),
    DENY(process_mrelease),
    DENY(pidfd_getfd),
    DENY(kcmp),

    /* large and new parts of the kernel that no exercise needs */
    DENY(bpf),
    DENY(perf_event_open),
    DENY(userfaultfd),
    DENY(io_uring_setup),
    DENY(io_uring_enter),
    DENY(io_uring_register),
    DENY(add_key),
    DENY(request_key),
    DENY(keyctl),
    DENY(memfd_secret),
    DENY(mbind),
    DENY(set_mempolicy),
    DENY(set_mempolicy_home_node),
    DENY(get_mempolicy),
    DENY(migrate_pages),
    DENY(move_pages),
    DENY(lookup_dcookie),

    /* the machine */
    DENY(init_module),
    DENY(finit_module),
    DENY(delete_module),
    DENY(kexec_load),
    DENY(kexec_file_load),
    DENY(reboot),
    DENY(swapon),
    DENY(swapoff),
    DENY(acct),
    DENY(syslog),
    DENY(sethostname),
    DENY(setdomainname),
    DENY(settimeofday),
    DENY(clock_settime),
    DENY(adjtimex),
    DENY(clock_adjtime),
    DENY(vhangup),
#if defined(__x86_64__)
    DENY(iopl),
    DENY(ioperm),
    DENY(modify_ldt),
    DENY(create_module),
    DENY(get_kernel_syms),
    DENY(query_module),
    DENY(nfsservctl),
    DENY(uselib),
    DENY(ustat),
    DENY(sysfs),
    DENY(_sysctl),
#endif
    RETURN(SECCOMP_RET_ALLOW),
};

static const struct sock_fprog filter = {
    sizeof filter_program / sizeof filter_program[0],
    (struct sock_filter *)filter_program,
};

#endif
