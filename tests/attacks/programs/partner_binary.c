/* The partner's program: may be executed, not read, copied, mapped, traced, dumped, replaced or
 * renamed.
 *
 * @row replace
 * @row ptrace
 * @exercise three-cases
 * @fails-some output steps
 */
#include "attack.h"
#include <sys/ptrace.h>

int main(void)
{
    static const char *const places[] = {"./teller", "/programs/partner/teller",
                                         "/programs/partners/teller", "/programs/plain/teller",
                                         "/programs/reference/teller"};
    char target[200], dump[100];
    int there = 0;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        there += access(places[i], X_OK) == 0;
        unreadable(places[i]);
        unwritable(places[i]);
        refused(truncate(places[i], 0), "truncating it");
        refused(rename(places[i], "/tmp/" TAG), "renaming it");
        refused(chmod(places[i], 0777), "chmod");
        refused(link(places[i], "/tmp/" TAG "l"), "linking it");
        int fd = open(places[i], O_PATH);
        if (fd != -1) {
            snprintf(target, sizeof target, "/proc/self/fd/%d", fd);
            unreadable(target);
            unwritable(target);
            close(fd);
        }
        pid_t child = fork();
        if (child ==
            0) { /* an image that may not be read is not dumped, traced or mapped by others */
            ptrace(PTRACE_TRACEME, 0, NULL, NULL);
            fclose(stdin);
            execl(places[i], "teller", NULL);
            _exit(3);
        }
        snprintf(dump, sizeof dump, "/proc/%d/mem", child);
        waitpid(child, NULL, WUNTRACED);
        refused(ptrace(PTRACE_PEEKDATA, child, (void *)0x400000, NULL) == -1 ? -1 : 0,
                "reading its memory");
        unreadable(dump);
        kill(child, SIGKILL);
    }
    (void)there;
    DIR *all = opendir("/programs");
    held(all == NULL || 1, "listing");
    return done();
}
