/* Right: the directory can be removed only when the file in it is gone, after the value is set. */
#include "../u.h"

int main(void)
{
    int *value = shared(sizeof *value);
    char folder[64], name[80];
    snprintf(folder, sizeof folder, "/tmp/emptied.%d", (int)getpid());
    snprintf(name, sizeof name, "%s/busy", folder);
    if (mkdir(folder, 0700) == -1 || close(open(name, O_CREAT | O_WRONLY, 0600)) == -1)
        return 4;
    if (fork() == 0) {
        while (rmdir(folder) == -1)
            usleep(500);
        _exit(*value != 7);
    }
    *value = 7;
    if (unlink(name) == -1)
        return 4;
    return reap();
}
