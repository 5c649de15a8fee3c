/* Tries to read what is not its own; says what it could. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const secrets[] = {
    "/etc/shadow",
    "/root",
    "/home",
    "/proc/1/environ",
    "/proc/1/mem",
    "/proc/1/maps",
    "/proc/1/fd",
    "/proc/1/root",
    "/proc/1/cwd",
    "/proc/1/exe",
    "/proc/1/stack",
    "/proc/kcore",
    "/dev/mem",
    "/dev/kmsg",
    "/dev/sda",
    "/sys",
    "/var/log",
    "/var/lib",
    "/etc/machine-id",
    "/run",
    "/mnt",
    "/srv",
    "/opt",
    "/build/plain",
    "/proc/sys/kernel/core_pattern.x",
    "/etc/ssl/private",
};

int main(void)
{
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        int fd = open(secrets[i], O_RDONLY | O_NONBLOCK);
        if (fd != -1) {
            printf("%s can be opened\n", secrets[i]);
            close(fd);
        }
    }

    /* Nobody but itself is to be seen; process 1 may be, under a name that says nothing. */
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc != NULL && (entry = readdir(proc)) != NULL;) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 1 && pid != getpid())
            printf("process %ld can be seen\n", pid);
    }
    for (char **variable = environ; *variable != NULL; variable++)
        if (strstr(*variable, "GRADER") != NULL || strstr(*variable, "PYTHON") != NULL)
            printf("%s is in the environment\n", *variable);
    return 0;
}
