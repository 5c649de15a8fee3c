/* Weakens its own protection: personalities, read-implies-exec, no randomisation, dumpable, a
 * filter of its own.
 *
 * Harmless to others; what counts is that nothing of it gives a right, and set-user-ID programs
 * stay plain.
 *
 * @row kernel
 */
#include "attack.h"
#include <sys/personality.h>

int main(void)
{
    personality(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC);
    prctl(PR_SET_DUMPABLE, 2, 0, 0, 0);
    held(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1, "no_new_privs is off");
    refused(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), "setting no_new_privs off");
    held(prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2, "there is no filter of system calls");
    refused(prctl(PR_SET_SECUREBITS, 0, 0, 0, 0), "securebits");
    for (int capability = 0; capability < 41; capability++) {
        held(prctl(PR_CAPBSET_READ, capability, 0, 0, 0) != 1, "a capability in the bounding set");
        refused(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0),
                "an ambient capability");
    }
    refused(setuid(0), "setuid(0)");
    refused(setgid(0), "setgid(0)");
    refused(setresuid(0, 0, 0), "setresuid(0, 0, 0)");
    refused(syscall(SYS_setfsuid, 0) == 0    ? 0
            : syscall(SYS_setfsuid, -1) == 0 ? 0
                                             : -1,
            "setfsuid(0)");
    held(getgroups(0, NULL) <= 1, "supplementary groups");
    refused(syscall(SYS_open_by_handle_at, AT_FDCWD, "\10\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0", O_RDONLY),
            "open_by_handle_at");
    return done();
}
