/* MISTAKE: a line is the format of printf().

   Usage: atomic_log FILE...
*/
#include <errno.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int copy(int number, const char *path, int to, sem_t *lock)
{
    FILE *in = fopen(path, "r"), *out = fdopen(to, "w");
    if (in == NULL || out == NULL) {
        perror(path);
        return 1;
    }
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, in) != -1) {
        while (sem_wait(lock) == -1)
            continue;
        fprintf(out, "%d: %s%s", number, line, strchr(line, '\n') ? "" : "\n");
        if (fflush(out) == EOF)
            return 1;
        sem_post(lock);
    }
    free(line);
    if (ferror(in))
        perror(path);
    return ferror(in) != 0;
}

int main(int argc, char *argv[])
{
    int ends[2], status, bad = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    sem_t *lock =
        mmap(NULL, sizeof(*lock), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (lock == MAP_FAILED || sem_init(lock, 1, 1) == -1 || pipe(ends) == -1) {
        perror("atomic_log");
        return 1;
    }
    for (int i = 1; i < argc; i++)
        switch (fork()) {
        case -1:
            perror("fork");
            return 1;
        case 0:
            close(ends[0]);
            _exit(copy(i, argv[i], ends[1], lock));
        default:
            break;
        }
    close(ends[1]);

    FILE *in = fdopen(ends[0], "r");
    char *line = NULL;
    size_t room = 0;
    long count = 0;
    for (; in != NULL && getline(&line, &room, in) != -1; count++) {
        printf(line);
        fflush(stdout);
    }
    while (wait(&status) > 0)
        bad |= status;
    printf("records: %ld\n", count);
    return bad != 0;
}
