/* Attaches to the driver, reads and writes its memory, takes its descriptors: by every call there
 * is.
 *
 * @row ptrace
 */
#include "attack.h"
#include <sys/ptrace.h>
#include <sys/uio.h>

int main(void)
{
    char here[16] = "";
    struct iovec local = {here, sizeof here}, remote = {(void *)0x400000, 16};

    for (int pid = 1; pid < 60; pid++) {
        if (pid == getpid())
            continue;
        refused(ptrace(PTRACE_ATTACH, pid, NULL, NULL), "PTRACE_ATTACH");
        refused(ptrace(PTRACE_SEIZE, pid, NULL, NULL), "PTRACE_SEIZE");
        refused(process_vm_readv(pid, &local, 1, &remote, 1, 0), "process_vm_readv");
        refused(process_vm_writev(pid, &local, 1, &remote, 1, 0), "process_vm_writev");
        refused(syscall(SYS_kcmp, getpid(), pid, 0, 0, 0), "kcmp");
        refused(syscall(SYS_get_robust_list, pid, here, here), "get_robust_list");
        refused(syscall(SYS_move_pages, pid, 1L, here, NULL, here, 0), "move_pages");
        int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
        if (pidfd == -1)
            continue;
        for (int fd = 0; fd < 30; fd++)
            refused(syscall(SYS_pidfd_getfd, pidfd, fd, 0), "pidfd_getfd");
        refused(syscall(SYS_process_madvise, pidfd, &remote, 1L, MADV_COLD, 0), "process_madvise");
        refused(syscall(SYS_process_mrelease, pidfd, 0), "process_mrelease");
        close(pidfd);
    }
    refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL), "PTRACE_TRACEME");
    return done();
}
