/* Tries what a submission must not be able to do; says what it could. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void must_fail(long result, const char *what)
{
    if (result != -1)
        printf("%s is possible\n", what);
}

int main(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(53)};
    struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    char byte;
    struct iovec here = {&byte, 1}, other = {(void *)0x400000, 1};

    must_fail(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL), "ptrace of the parent");
    must_fail(ptrace(PTRACE_SEIZE, 1, NULL, NULL), "ptrace of process 1");
    must_fail(process_vm_readv(1, &here, 1, &other, 1, 0), "reading the driver's memory");
    int pidfd = (int)syscall(SYS_pidfd_open, 1, 0);
    if (pidfd != -1)
        must_fail(syscall(SYS_pidfd_getfd, pidfd, 3, 0), "taking the driver's descriptor");

    inet_pton(AF_INET, "1.1.1.1", &there.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd != -1)
        must_fail(connect(fd, (struct sockaddr *)&there, sizeof there), "connecting to 1.1.1.1");
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd != -1)
        must_fail(sendto(fd, "x", 1, 0, (struct sockaddr *)&there, sizeof there),
                  "sending to 1.1.1.1");

    must_fail(unshare(CLONE_NEWUSER), "a user namespace");
    must_fail(unshare(CLONE_NEWNS), "a mount namespace");
    must_fail(unshare(CLONE_NEWPID), "a PID namespace");
    must_fail(mount("none", "/tmp", "tmpfs", 0, NULL), "mount");
    must_fail(umount2("/proc", MNT_DETACH), "umount");
    must_fail(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL), "a writable root");
    must_fail(chroot("/tmp"), "chroot");
    must_fail(sethostname("x", 1), "sethostname");
    must_fail(mknod("disk", S_IFBLK | 0600, 0x800), "a device");
    must_fail(setuid(0), "root");
    must_fail(setgid(0), "root's group");
    must_fail(setrlimit(RLIMIT_NPROC, &more), "raising a limit");
    must_fail(setpriority(PRIO_PROCESS, 0, -20), "a better priority");
    must_fail(open("/proc/sys/kernel/shmmax", O_WRONLY), "a sysctl");
    must_fail(open("/proc/self/oom_score_adj", O_WRONLY) == -1 ||
                      setpriority(PRIO_PROCESS, 1, 19) == -1
                  ? -1
                  : 0,
              "touching the driver's priority");
    return 0;
}
