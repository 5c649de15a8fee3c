/* Executes the set-user-ID programs of the system, and makes some of its own.
 *
 * @row kernel
 * @fails-some output no-leftover-files
 */
#include "attack.h"

int main(void)
{
    static const char *const programs[] = {
        "/bin/su",         "/bin/mount",       "/bin/umount",
        "/usr/bin/passwd", "/usr/bin/chsh",    "/usr/bin/newgrp",
        "/usr/bin/sudo",   "/usr/bin/gpasswd", "/usr/bin/newuidmap",
        "/usr/bin/crontab"};
    struct stat about;
    int status;

    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        if (access(programs[i], X_OK) == -1)
            continue;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            int null = open("/dev/null", O_RDWR);
            dup2(null, 0);
            dup2(null, 1);
            dup2(null, 2);
            if (strcmp(programs[i], "/bin/mount") == 0)
                execl(programs[i], "mount", "-t", "tmpfs", "none", "/tmp", NULL);
            if (strcmp(programs[i], "/bin/umount") == 0)
                execl(programs[i], "umount", "-l", "/proc", NULL);
            if (strcmp(programs[i], "/bin/su") == 0)
                execl(programs[i], "su", "-c", "true", NULL);
            _exit(1);
        }
        held(child > 0 && waitpid(child, &status, 0) == child && status != 0, programs[i]);
    }
    int copy = open(TAG, O_CREAT | O_WRONLY, 0700);
    held(copy == -1 || fchmod(copy, 06777) == -1 ||
             (fstat(copy, &about) == 0 && about.st_uid == getuid() && getuid() != 0),
         "a set-user-ID program of root's");
    unlink(TAG);
    return done();
}
