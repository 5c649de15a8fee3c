/* Notes for the next case in what is left of an emptied directory: its times, mode, access list,
 * attributes.
 *
 * @row replace
 * @row detect
 * @exercise three-cases
 * @right
 */
#include "attack.h"
#include <sys/xattr.h>

int main(int argc, char *argv[])
{
    static const char *const places[] = {".",      "/tmp",        "/var/tmp", "/dev/shm",
                                         "/build", "/dev/mqueue", "/",        "/programs"};
    struct timespec note[2] = {{4000000000, 1}, {1000, 1}}; /* relatime */
    struct stat seen;
    char value[8];

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (stat(places[i], &seen) == -1)
            continue;
        if (seen.st_atime == note[0].tv_sec || seen.st_mtime == note[0].tv_sec)
            printf("BREACH: the times of %s are from another case\n", places[i]);
        if ((seen.st_mode & 07777) == 03731)
            printf("BREACH: the mode of %s is from another case\n", places[i]);
        if (getxattr(places[i], "user.note", value, sizeof value) > 0)
            printf("BREACH: an attribute of %s is from another case\n", places[i]);
        utimensat(AT_FDCWD, places[i], note, 0);
        setxattr(places[i], "user.note", "x", 1, 0);
        chmod(places[i], 03731);
    }
    return answer(argc, argv);
}
