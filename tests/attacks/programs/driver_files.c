/* Looks for the driver itself, the launcher and what they keep: by path, by descriptor of /proc, by
 * link count.
 *
 * @row ptrace
 * @row include
 */
#include "attack.h"

int main(void)
{
    static const char *const names[] = {HOME_CANARY,
                                        TMP_CANARY,
                                        COURSE_CANARY,
                                        REFERENCE,
                                        SPEC,
                                        OTHER,
                                        GRADER "/grader.yaml",
                                        GRADER "/sandbox/driver/launch.c",
                                        "/etc/shadow",
                                        "/root",
                                        "/home",
                                        "/root/.ssh",
                                        "/root/.docker/config.json",
                                        "/var/run/docker.sock",
                                        "/run/docker.sock",
                                        "/run/secrets",
                                        "/var/lib/docker",
                                        "/etc/machine-id",
                                        "/etc/ssl/private",
                                        "/var/log",
                                        "/var/lib/dpkg/status.x",
                                        "/mnt",
                                        "/srv",
                                        "/media",
                                        "/opt/grader",
                                        "/grader",
                                        "/plan.json",
                                        "/driver",
                                        "/sandbox",
                                        "/oldroot",
                                        "/.dockerenv.x",
                                        "/proc/self/root/../root",
                                        "../../root",
                                        "/proc/self/cwd/../root",
                                        "/proc/self/task/1/environ",
                                        "/proc/thread-self/../../1/environ"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unreadable(names[i]);
    DIR *folder = opendir("/proc/self/fdinfo");
    int found = 0;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        found += entry->d_name[0] != '.';
    held(found <= 4, "more descriptors than four");
    refused(open("/build", O_RDONLY | O_DIRECTORY) == -1 ? -1 : access("/build/plain", F_OK),
            "the directory of the build");
    return done();
}
