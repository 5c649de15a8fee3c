/* Calls of the kernel that no exercise needs, each of which has been a way out of a sandbox.
 *
 * @row kernel
 */
#include "attack.h"
#include <sys/mount.h>
#include <sys/quota.h>
#include <sys/reboot.h>
#include <sys/swap.h>
#include <sys/timex.h>

#define NUMBER(name) {#name, SYS_##name}

int main(void)
{
    static char page[4096];
    struct timespec now = {0, 0};
    struct timex times = {.modes = ADJ_OFFSET};

    refused_or_killed(mount("none", "/tmp", "tmpfs", 0, NULL), "mount");
    refused_or_killed(mount("/tmp", "/work", NULL, MS_BIND, NULL), "a bind mount");
    refused_or_killed(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL), "a writable root");
    refused_or_killed(umount2("/proc", MNT_DETACH), "umount");
    refused_or_killed(umount2("/proc/sys", MNT_DETACH), "umount of /proc/sys");
    refused_or_killed(syscall(SYS_pivot_root, ".", "."), "pivot_root");
    refused_or_killed(chroot("/tmp"), "chroot");
    refused_or_killed(syscall(SYS_fsopen, "tmpfs", 0), "fsopen");
    refused_or_killed(syscall(SYS_fspick, AT_FDCWD, "/", 0), "fspick");
    refused_or_killed(syscall(SYS_open_tree, AT_FDCWD, "/", 1), "open_tree");
    refused_or_killed(syscall(SYS_move_mount, AT_FDCWD, "/tmp", AT_FDCWD, "/work", 0),
                      "move_mount");
    refused_or_killed(syscall(442 /* mount_setattr */, AT_FDCWD, "/", 0, page, 32),
                      "mount_setattr");
    refused_or_killed(syscall(SYS_bpf, 0, page, 64), "bpf map");
    refused_or_killed(syscall(SYS_bpf, 5, page, 64), "bpf program");
    refused_or_killed(syscall(SYS_io_uring_setup, 4, page), "io_uring_setup");
    refused_or_killed(syscall(SYS_io_uring_register, 0, 0, 0, 0), "io_uring_register");
    refused_or_killed(syscall(SYS_add_key, "user", TAG, "x", 1, -3), "add_key");
    refused_or_killed(syscall(SYS_request_key, "user", TAG, NULL, 0), "request_key");
    refused_or_killed(syscall(SYS_keyctl, 0, -3, 1), "keyctl: session keyring");
    refused_or_killed(syscall(SYS_keyctl, 1, TAG), "keyctl: join a session");
    refused_or_killed(syscall(SYS_perf_event_open, page, 0, -1, -1, 0), "perf_event_open");
    refused_or_killed(syscall(SYS_userfaultfd, O_CLOEXEC | 1), "userfaultfd");
    refused_or_killed(syscall(SYS_userfaultfd, 0), "userfaultfd of kernel faults");
    refused_or_killed(syscall(SYS_syslog, 3, page, sizeof page), "syslog");
    refused_or_killed(swapon("/tmp/x", 0), "swapon");
    refused_or_killed(swapoff("/tmp/x"), "swapoff");
    refused_or_killed(syscall(SYS_reboot, 0xfee1dead, 672274793, 0x0, 0), "reboot (CAD off)");
    refused_or_killed(sethostname("x", 1), "sethostname");
    refused_or_killed(setdomainname("x", 1), "setdomainname");
    refused_or_killed(syscall(SYS_clock_settime, CLOCK_REALTIME, &now), "clock_settime");
    refused_or_killed(syscall(SYS_settimeofday, page, NULL), "settimeofday");
    refused_or_killed(adjtimex(&times), "adjtimex");
    refused_or_killed(syscall(SYS_acct, "/tmp/x"), "acct");
    refused_or_killed(quotactl(QCMD(Q_SYNC, 0), "/dev/sda", 0, NULL), "quotactl");
    refused_or_killed(syscall(SYS_init_module, page, 1, ""), "init_module");
    refused_or_killed(syscall(SYS_finit_module, 0, "", 0), "finit_module");
    refused_or_killed(syscall(SYS_delete_module, "loop", 0), "delete_module");
    refused_or_killed(syscall(SYS_kexec_load, 0, 0, 0, 0), "kexec_load");
    refused_or_killed(syscall(SYS_kexec_file_load, 0, 0, 0, 0, 0), "kexec_file_load");
    refused_or_killed(syscall(SYS_lookup_dcookie, 0, page, 1), "lookup_dcookie");
    refused_or_killed(syscall(SYS_nfsservctl, 0, 0, 0), "nfsservctl");
    refused_or_killed(syscall(SYS_vhangup), "vhangup");
    refused_or_killed(syscall(SYS_fanotify_init, 0, 0), "fanotify_init");
    refused_or_killed(syscall(SYS_mbind, page, 4096, 2, page, 64, 2), "mbind to a node");
    refused_or_killed(syscall(SYS_migrate_pages, 1, 8, page, page), "migrate_pages");
    refused_or_killed(syscall(SYS_ustat, 1, page), "ustat");
    refused_or_killed(syscall(SYS_uselib, "/bin/true"), "uselib");
    refused_or_killed(syscall(SYS_modify_ldt, 1, page, 16), "modify_ldt");
    refused_or_killed(syscall(SYS_iopl, 3), "iopl");
    refused_or_killed(syscall(SYS_ioperm, 0x80, 1, 1), "ioperm");
    return done();
}
