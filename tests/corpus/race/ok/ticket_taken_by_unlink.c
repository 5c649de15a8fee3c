/* Right: whoever can remove the ticket may write; the other one waits for the directory that tells
 * of it. */
#include "../u.h"

static char folder[] = "/tmp/ticket.XXXXXX";

static const char *in_folder(const char *name)
{
    static char room[64];
    snprintf(room, sizeof room, "%s/%s", folder, name);
    return room;
}

int main(void)
{
    int *value = shared(sizeof *value);
    if (!mkdtemp(folder))
        return 3;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            while (access(in_folder("made"), F_OK) == -1)
                usleep(1000);
            if (unlink(in_folder("ticket")) == 0) {
                *value *= 3;
                _exit(mkdir(in_folder("over"), 0700) == -1);
            }
            while (rmdir(in_folder("over")) == -1)
                usleep(1000);
            *value += 1;
            _exit(0);
        }
    *value = 5;
    int file = open(in_folder("ticket"), O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (file == -1 || close(file) == -1 || mkdir(in_folder("made"), 0700) == -1)
        return 4;
    int failed = reap();
    rmdir(in_folder("made"));
    rmdir(folder);
    return failed || *value != 16;
}
