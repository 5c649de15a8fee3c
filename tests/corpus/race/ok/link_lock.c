/* Right: so does link(). */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count);
    char name[64], file[64];
    snprintf(file, sizeof file, "/tmp/corpus_file_%d", (int)getpid());
    snprintf(name, sizeof name, "/tmp/corpus_link_%d", (int)getpid());
    close(open(file, O_CREAT | O_RDWR, 0600));
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            while (link(file, name) == -1)
                usleep(200);
            ++*count;
            unlink(name);
            _exit(0);
        }
    int status = reap();
    unlink(file);
    return status || *count != 2;
}
