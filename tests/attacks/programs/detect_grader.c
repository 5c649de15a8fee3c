/* Looks for a sign that it is being graded: words in its environment, names, mounts, and what else
 * /proc shows.
 *
 * That it is in a container is to be seen; that is no proof of being graded.
 *
 * @row detect
 */
#include "attack.h"
#include <sys/utsname.h>

static void clean(const char *where, const char *text)
{
    static const char *const words[] = {"grader",   "driver",     "sandbox", "GRADER",
                                        "autograd", "submission", "launch",  "zygote"};
    char what[200];

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *at = strstr(text, words[i]);
        snprintf(what, sizeof what, "%s says %.60s", where,
                 at == NULL       ? words[i]
                 : at > text + 20 ? at - 20
                                  : at);
        for (char *c = what; *c; c++)
            if (*c == '\n')
                *c = ' ';
        held(at == NULL, what);
    }
}

static void file(const char *path)
{
    static char text[65536];
    int fd = open(path, O_RDONLY | O_NONBLOCK);

    if (fd == -1)
        return;
    ssize_t length = read(fd, text, sizeof text - 1);
    for (ssize_t i = 0; i < length; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    text[length < 0 ? 0 : length] = '\0';
    clean(path, text);
    close(fd);
}

int main(int argc, char *argv[])
{
    static const char *const paths[] = {"/proc/1/cmdline",
                                        "/proc/1/comm",
                                        "/proc/1/stat",
                                        "/proc/1/status",
                                        "/proc/self/status",
                                        "/proc/self/cgroup",
                                        "/proc/self/mountinfo",
                                        "/proc/self/mounts",
                                        "/proc/self/maps",
                                        "/proc/self/cpuset",
                                        "/proc/self/attr/current",
                                        "/proc/mounts",
                                        "/proc/sys/kernel/hostname",
                                        "/etc/passwd",
                                        "/etc/group",
                                        "/etc/hosts",
                                        "/etc/hostname",
                                        "/proc/net/unix",
                                        "/proc/locks",
                                        "/proc/sysvipc/shm"};
    char target[200], cwd[200] = "";
    struct utsname system;

    for (int i = 0; i < argc; i++)
        clean("argv", argv[i]);
    for (char **variable = environ; *variable != NULL; variable++)
        clean("environment", *variable);
    clean("cwd", getcwd(cwd, sizeof cwd) == NULL ? "" : cwd);
    if (uname(&system) == 0)
        clean("hostname", system.nodename);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        file(paths[i]);
    for (int fd = 0; fd < 3; fd++) {
        snprintf(cwd, sizeof cwd, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(cwd, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = '\0';
        clean(cwd, target);
    }
    static const char *const folders[] = {"/",    ".",         "/tmp",   "/var/tmp",
                                          "/dev", "/programs", "/build", "/etc"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        DIR *folder = opendir(folders[i]);
        for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
            clean(folders[i], entry->d_name);
    }
    for (int pid = 1; pid < 100; pid++) {
        snprintf(cwd, sizeof cwd, "/proc/%d/cmdline", pid);
        if (pid != getpid())
            file(cwd);
    }
    return done();
}
