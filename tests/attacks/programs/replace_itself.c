/* Replaces, truncates, renames, links over and unlinks its own program; the next case must run the
 * same again.
 *
 * @row replace
 * @exercise three-cases
 * @fails-some output steps no-leftover-files
 */
#include "attack.h"

int main(void)
{
    char target[200] = "";
    ssize_t length = readlink("/proc/self/exe", target, sizeof target - 1);

    held(length > 0, "its own name");
    unwritable("/proc/self/exe");
    unwritable(target);
    refused(truncate(target, 0), "truncating its program");
    refused(rename(target, "/tmp/" TAG), "renaming its program");
    refused(unlink(target), "unlinking its program");
    refused(chmod(target, 0777), "chmod of its program");
    refused(chown(target, getuid(), getgid()), "chown of its program");
    refused(link("/bin/true", target), "linking over its program");
    refused(symlink("/bin/true", target), "a link in place of its program");
    *strrchr(target, '/') = '\0';
    refused(access(target, W_OK), "writing to the directory of the programs");
    refused(rename(target, "/tmp/" TAG), "renaming that directory");
    refused(chmod("/programs", 0777), "chmod of /programs");
    refused(open("/programs", O_TMPFILE | O_WRONLY, 0600), "a file in /programs");
    refused(open("/usr/bin", O_TMPFILE | O_WRONLY, 0600), "a file in /usr/bin");
    refused(open("/etc", O_TMPFILE | O_WRONLY, 0600), "a file in /etc");
    return done();
}
