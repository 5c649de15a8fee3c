/* Also right: /proc/sysvipc has a line for each object.

   Usage: ipc_janitor list
          ipc_janitor remove OBJECT...
*/
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

struct object {
    const char *kind;
    int key, id;
    unsigned long size, users;
    unsigned uid;
};

/* Read the next object; return 0 at the end. The columns are those of proc(5). */
static int next(FILE *file, struct object *found)
{
    char line[512], dummy[5][24];
    if (fgets(line, sizeof(line), file) == NULL)
        return 0;
    if (strcmp(found->kind, "shm") == 0)
        return sscanf(line, "%d %d %23s %lu %23s %23s %lu %u", &found->key, &found->id, dummy[0],
                      &found->size, dummy[1], dummy[2], &found->users, &found->uid) == 8;
    if (strcmp(found->kind, "sem") == 0)
        return sscanf(line, "%d %d %23s %lu %u", &found->key, &found->id, dummy[0], &found->size,
                      &found->uid) == 5;
    return sscanf(line, "%d %d %23s %23s %lu %23s %23s %u", &found->key, &found->id, dummy[0],
                  dummy[1], &found->size, dummy[2], dummy[3], &found->uid) == 8;
}

static FILE *open_table(const char *kind)
{
    char path[64], heading[512];
    snprintf(path, sizeof(path), "/proc/sysvipc/%s", kind);
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(heading, sizeof(heading), file) == NULL) {
        perror(path);
        exit(1);
    }
    return file;
}

static void list(const char *kind)
{
    struct object one = {.kind = kind};
    FILE *file = open_table(kind);
    while (next(file, &one)) {
        if (one.uid != geteuid())
            continue;
        printf("%s %d 0x%08x %lu", kind, one.id, (unsigned)one.key, one.size);
        if (strcmp(kind, "shm") == 0)
            printf(" %lu", one.users);
        putchar('\n');
    }
    fclose(file);
}

/* Look for an object by key (if it is not 0) or id. */
static int find(const char *kind, int key, int id, struct object *found)
{
    FILE *file = open_table(kind);
    found->kind = kind;
    int there;
    while ((there = next(file, found)) && (key != 0 ? found->key != key : found->id != id))
        continue;
    fclose(file);
    return there;
}

static int purge(const char *what)
{
    static const char *const kinds[] = {"shm", "sem", "msg"};
    const char *colon = strchr(what, ':'), *kind = NULL;
    for (int i = 0; i < 3; i++)
        if (colon == what + 3 && strncmp(what, kinds[i], 3) == 0)
            kind = kinds[i];
    char rest;
    int key = 0, id = -1;
    long number;
    unsigned long bits;
    if (kind != NULL && sscanf(colon, ":0x%lx%c", &bits, &rest) == 1 && bits <= UINT_MAX)
        key = (int)(unsigned)bits;
    else if (kind != NULL && sscanf(colon, ":%ld%c", &number, &rest) == 1 && number <= INT_MAX)
        id = (int)number;
    else
        return fprintf(stderr, "%s: not an object\n", what);
    struct object found;
    if ((key == 0 && id == -1) || !find(kind, key, id, &found))
        return fprintf(stderr, "%s: there is no such object\n", what);
    if (found.kind == kinds[0] && found.users > 0)
        return fprintf(stderr, "%s: still attached by %lu\n", what, found.users);
    int result = kind == kinds[0]   ? shmctl(found.id, IPC_RMID, NULL)
                 : kind == kinds[1] ? semctl(found.id, 0, IPC_RMID)
                                    : msgctl(found.id, IPC_RMID, NULL);
    if (result == -1)
        return fprintf(stderr, "%s: %s\n", what, strerror(errno));
    printf("removed %s\n", what);
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "list") == 0) {
        list("msg");
        list("sem");
        list("shm");
        return 0;
    }
    if (argc < 3 || strcmp(argv[1], "remove") != 0) {
        fprintf(stderr, "usage: ipc_janitor list\n       ipc_janitor remove OBJECT...\n");
        return 2;
    }
    int failed = 0;
    for (char **what = argv + 2; *what != NULL; what++)
        failed |= purge(*what);
    return failed != 0;
}
