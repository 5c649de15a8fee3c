/* New namespaces of each kind, alone and with a user namespace, by unshare, clone and clone3; and
 * those of process 1.
 *
 * @row kernel
 */
#include "attack.h"

int main(void)
{
    static const struct {
        const char *name;
        unsigned long flag;
    } kinds[] = {{"mnt", CLONE_NEWNS},        {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC},
                 {"user", CLONE_NEWUSER},     {"pid", CLONE_NEWPID}, {"net", CLONE_NEWNET},
                 {"cgroup", CLONE_NEWCGROUP}, {"time", 0x80}};
    char path[60];

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        uint64_t arguments[11] = {kinds[i].flag, 0, 0, 0, SIGCHLD};
        refused_or_killed(syscall(SYS_unshare, kinds[i].flag), kinds[i].name);
        refused_or_killed(syscall(SYS_unshare, kinds[i].flag | CLONE_NEWUSER), kinds[i].name);
        refused_or_killed(syscall(SYS_unshare, kinds[i].flag | CLONE_NEWUSER | (1UL << 40)),
                          kinds[i].name);
        if (kinds[i].flag != 0x80) {
            refused_or_killed(syscall(SYS_clone, kinds[i].flag | SIGCHLD, 0, 0, 0, 0),
                              kinds[i].name);
            refused_or_killed(
                syscall(SYS_clone, kinds[i].flag | CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0),
                kinds[i].name);
        }
        refused_or_killed(syscall(SYS_clone3, arguments, 88), kinds[i].name);
        arguments[0] |= CLONE_NEWUSER;
        refused_or_killed(syscall(SYS_clone3, arguments, 88), kinds[i].name);
        for (int pid = 0; pid < 10; pid++) {
            snprintf(path, sizeof path, pid == 0 ? "/proc/self/ns/%s" : "/proc/%2$d/ns/%1$s",
                     kinds[i].name, pid);
            int fd = open(path, O_RDONLY);
            if (fd != -1)
                refused_or_killed(setns(fd, 0), path);
        }
    }
    int pidfd = (int)syscall(SYS_pidfd_open, 1, 0);
    if (pidfd != -1)
        refused_or_killed(setns(pidfd, CLONE_NEWNS | CLONE_NEWUSER), "the namespaces of process 1");
    uint64_t plain[11] = {0, 0, 0, 0, SIGCHLD};
    refused_or_killed(syscall(SYS_clone3, plain, 88), "clone3, which no filter can look into");
    return done();
}
