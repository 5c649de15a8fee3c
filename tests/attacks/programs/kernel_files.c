/* Reads and writes settings of the kernel and of the machine in /proc and /sys.
 *
 * @row kernel
 */
#include "attack.h"

int main(void)
{
    static const char *const reads[] = {"/proc/kcore",
                                        "/proc/kmsg",
                                        "/proc/kallsyms.x",
                                        "/proc/keys.x",
                                        "/proc/slabinfo",
                                        "/proc/vmallocinfo",
                                        "/proc/iomem.x",
                                        "/proc/sched_debug",
                                        "/proc/timer_list",
                                        "/proc/sysrq-trigger",
                                        "/sys/kernel/security/lsm",
                                        "/sys/kernel/debug",
                                        "/sys/fs/cgroup/cgroup.procs.x",
                                        "/proc/kpagecount",
                                        "/proc/acpi/wakeup.x",
                                        "/proc/scsi/scsi"};
    static const char *const writes[] = {"/proc/sys/kernel/core_pattern",
                                         "/proc/sys/kernel/modprobe",
                                         "/proc/sys/kernel/hostname",
                                         "/proc/sys/kernel/shmmax",
                                         "/proc/sys/kernel/shmmni",
                                         "/proc/sys/kernel/sem",
                                         "/proc/sys/kernel/msgmni",
                                         "/proc/sys/kernel/shmall",
                                         "/proc/sys/kernel/ns_last_pid",
                                         "/proc/sys/kernel/randomize_va_space",
                                         "/proc/sys/fs/mqueue/queues_max",
                                         "/proc/sys/fs/mqueue/msg_max",
                                         "/proc/sys/net/ipv4/ip_forward",
                                         "/proc/sys/net/ipv4/ping_group_range",
                                         "/proc/sys/user/max_user_namespaces",
                                         "/proc/sys/vm/drop_caches",
                                         "/proc/sys/vm/overcommit_memory",
                                         "/proc/sysrq-trigger",

                                         "/proc/self/setgroups.x",
                                         "/proc/irq/default_smp_affinity",
                                         "/proc/bus/pci/00/00.0",
                                         "/sys/kernel/uevent_helper",
                                         "/sys/power/state",
                                         "/sys/fs/cgroup/cgroup.procs",
                                         "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                                         "/sys/fs/cgroup/memory.max",
                                         "/sys/fs/cgroup/pids.max",
                                         "/sys/fs/cgroup/release_agent",
                                         "/etc/passwd",
                                         "/etc/ld.so.preload",
                                         "/etc/ld.so.cache",
                                         "/usr/bin/gcc",
                                         "/lib/x86_64-linux-gnu/libc.so.6",
                                         "/bin/sh"};

    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++)
        unreadable(reads[i]);
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++)
        unwritable(writes[i]);
    refused(open("/etc/ld.so.preload", O_CREAT | O_WRONLY, 0600), "making /etc/ld.so.preload");
    refused(open("/usr/include/stdio.h", O_RDWR), "a header of the system");
    for (int i = 0; i < 2; i++) {
        int fd = open(i == 0 ? "/proc/self/uid_map" : "/proc/self/gid_map", O_WRONLY);
        held(fd == -1 || write(fd, "0 0 1", 5) == -1, "a map of users");
    }
    return done();
}
