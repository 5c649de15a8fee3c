/* Right: a job is a file in a spool; who can rename it has it, for the second one's rename() fails
 * with ENOENT. */
#include "../u.h"

enum { JOBS = 4 };

static char folder[] = "/tmp/jobs.XXXXXX";

static const char *name_of(const char *kind, int job)
{
    static char room[64];
    snprintf(room, sizeof room, "%s/%s%d", folder, kind, job);
    return room;
}

int main(void)
{
    int *slots = shared(JOBS * sizeof *slots), sum = 0;
    if (!mkdtemp(folder))
        return 3;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int job = 0; job < JOBS; job++) {
                char from[64];
                int mine;
                strcpy(from, name_of("job", job));
                while (!(mine = rename(from, name_of("taken", job)) == 0) &&
                       access(name_of("taken", job), F_OK) == -1)
                    usleep(1000); /* is not there yet */
                if (mine)
                    slots[job] *= 3;
            }
            _exit(0);
        }
    for (int i = 0; i < JOBS; i++) {
        slots[i] = i + 1;
        int file = open(name_of("job", i), O_CREAT | O_EXCL | O_WRONLY, 0600);
        if (file == -1)
            return 4;
        close(file);
    }
    int failed = reap();
    for (int i = 0; i < JOBS; i++) {
        sum += slots[i];
        unlink(name_of("taken", i));
    }
    rmdir(folder);
    return failed || sum != 30;
}
