/* Reads and writes what /proc shows of process 1, of the parent and of everybody else.
 *
 * @row ptrace
 */
#include "attack.h"

int main(void)
{
    static const char *const names[] = {"mem",     "environ",     "maps",     "smaps",
                                        "pagemap", "auxv",        "syscall",  "stack",
                                        "io",      "personality", "numa_maps"};
    static const char *const links[] = {"root",   "cwd",     "exe",   "fd/0", "fd/1",
                                        "fd/2",   "fd/3",    "fd/4",  "fd/5", "fd/6",
                                        "ns/mnt", "ns/user", "ns/pid"};
    static const char *const writes[] = {
        "mem",  "oom_score_adj", "clear_refs", "comm", "coredump_filter", "fd/0",   "fd/1",
        "fd/3", "fd/4",          "fd/5",       "fd/6", "uid_map",         "gid_map"};
    char path[100], target[100];

    for (int pid = 1; pid < 60; pid++) {
        if (pid == getpid())
            continue;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, names[i]);
            unreadable(path);
        }
        for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, links[i]);
            refused(readlink(path, target, sizeof target), path);
            int fd = open(path, O_RDONLY | O_NONBLOCK);
            held(fd == -1, path);
            if (fd != -1)
                close(fd);
        }
        for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, writes[i]);
            unwritable(path);
        }
        snprintf(path, sizeof path, "/proc/%d/root/etc/passwd", pid);
        unreadable(path);
        snprintf(path, sizeof path, "/proc/%d/map_files", pid);
        held(opendir(path) == NULL, path);
        snprintf(path, sizeof path, "/proc/%d/fd", pid);
        held(opendir(path) == NULL, path);
    }
    return done();
}
