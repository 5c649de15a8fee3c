/* Right: one child opens the directory as soon as it is there, the other one goes there. */
#include "../u.h"
#include <dirent.h>

int main(void)
{
    int *value = shared(sizeof *value);
    char name[64];
    snprintf(name, sizeof name, "/tmp/appears.%d", (int)getpid());
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            while (i == 0 ? chdir(name) == -1 : opendir(name) == NULL)
                usleep(500);
            _exit(*value != 7);
        }
    *value = 7;
    if (mkdir(name, 0700) == -1)
        return 4;
    int failed = reap();
    return rmdir(name) == -1 || failed;
}
