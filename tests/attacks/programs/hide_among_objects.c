/* A thousand objects of one kind in front of everything else that is left: what comes after them
 * must be told all the same.
 *
 * @row daemons
 * @row detect
 * @points 5
 * @fails no-leftover-ipc no-leftover-files no-stray-processes
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    char name[32];

    for (int i = 0; i < 1010; i++) {
        snprintf(name, sizeof name, "/" TAG "%d", i);
        close(shm_open(name, O_CREAT | O_RDWR, 0600));
    }
    close(open("file", O_CREAT | O_WRONLY, 0600));
    if (fork() == 0)
        for (;;)
            pause();
    return answer(argc, argv);
}
