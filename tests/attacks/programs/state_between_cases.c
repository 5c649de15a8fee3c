/* Keeps a note of its first run wherever it can, and answers right only the first time.
 *
 * @row replace
 * @row detect
 * @exercise three-cases
 * @points 7..9
 * @fails-some no-leftover-files no-leftover-ipc
 */
#include "attack.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(int argc, char *argv[])
{
    static const char *const notes[] = {
        "note",       "/tmp/note",   "/var/tmp/note",   "/dev/shm/note",
        "/work/note", "/build/note", "/dev/mqueue/note"};

    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        if (access(notes[i], F_OK) == 0) {
            printf("BREACH: %s is from another case\n", notes[i]);
            return 0;
        }
    if (shmget(KEY, 0, 0) != -1)
        puts("BREACH: a segment from another case");
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++)
        close(open(notes[i], O_CREAT | O_WRONLY, 0600));
    shmget(KEY, 4096, IPC_CREAT | 0600);
    return answer(argc, argv);
}
