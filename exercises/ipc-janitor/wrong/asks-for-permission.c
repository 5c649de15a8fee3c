/* MISTAKE: asks for the id of a key with 0600, which an object of mode 0 does not allow */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

union semun {
    int val;
    struct semid_ds *buf;
    unsigned short *array;
    struct seminfo *__buf;
};

struct object {
    int id;
    struct ipc_perm perm;
    unsigned long a, b;
};

static int shm_at(int i, struct object *o)
{
    struct shmid_ds d;
    o->id = shmctl(i, SHM_STAT_ANY, &d);
    if (o->id == -1)
        return -1;
    o->perm = d.shm_perm;
    o->a = d.shm_segsz;
    o->b = d.shm_nattch;
    return 0;
}

static int sem_at(int i, struct object *o)
{
    struct semid_ds d;
    union semun u = {.buf = &d};
    o->id = semctl(i, 0, SEM_STAT_ANY, u);
    if (o->id == -1)
        return -1;
    o->perm = d.sem_perm;
    o->a = d.sem_nsems;
    return 0;
}

static int msg_at(int i, struct object *o)
{
    struct msqid_ds d;
    o->id = msgctl(i, MSG_STAT_ANY, &d);
    if (o->id == -1)
        return -1;
    o->perm = d.msg_perm;
    o->a = d.msg_qnum;
    return 0;
}

static int shm_max(void)
{
    struct shm_info x;
    return shmctl(0, SHM_INFO, (struct shmid_ds *)&x);
}

static int sem_max(void)
{
    struct seminfo x;
    union semun u = {.__buf = &x};
    return semctl(0, 0, SEM_INFO, u);
}

static int msg_max(void)
{
    struct msginfo x;
    return msgctl(0, MSG_INFO, (struct msqid_ds *)&x);
}

static int shm_rm(int id)
{
    return shmctl(id, IPC_RMID, NULL);
}

static int sem_rm(int id)
{
    return semctl(id, 0, IPC_RMID);
}

static int msg_rm(int id)
{
    return msgctl(id, IPC_RMID, NULL);
}

static const struct kind {
    char name[4];
    int (*max)(void);
    int (*at)(int, struct object *);
    int (*rm)(int);
} kinds[] = {{"shm", shm_max, shm_at, shm_rm},
             {"sem", sem_max, sem_at, sem_rm},
             {"msg", msg_max, msg_at, msg_rm}};

static int list(void)
{
    for (int k = 0; k < 3; k++) {
        int max = kinds[k].max();
        if (max == -1) {
            perror("ipc_janitor");
            return 1;
        }
        for (int i = 0; i <= max; i++) {
            struct object o;
            if (kinds[k].at(i, &o) == -1 || o.perm.uid != geteuid())
                continue;
            printf("%s %d 0x%08x %lu", kinds[k].name, o.id, (unsigned)o.perm.__key, o.a);
            if (k == 0)
                printf(" %lu", o.b);
            putchar('\n');
        }
    }
    if (fflush(stdout) == EOF) {
        perror("ipc_janitor: standard output");
        return 1;
    }
    return 0;
}

static const char *remove_object(const char *name)
{
    const struct kind *kind = NULL;
    for (int k = 0; k < 3; k++)
        if (strncmp(name, kinds[k].name, 3) == 0 && name[3] == ':')
            kind = &kinds[k];
    if (kind == NULL)
        return "no such kind";
    const char *p = name + 4;
    int hex = p[0] == '0' && p[1] == 'x';
    if (hex)
        p += 2;
    if (*p == 0)
        return "no number";
    unsigned long long value = 0;
    for (; *p != 0; p++) {
        int c = (unsigned char)*p;
        if (!(hex ? isxdigit(c) : isdigit(c)))
            return "no number";
        value = value * (hex ? 16 : 10) + (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
        if (value > (hex ? 0xffffffffull : INT_MAX))
            return "no such object";
    }
    if (hex && value == 0)
        return "many objects have this key";
    /* look for it: IPC_STAT would need permission to read */
    if (hex) {
        int id = kind == &kinds[0]   ? shmget(value, 0, 0600)
                 : kind == &kinds[1] ? semget(value, 0, 0600)
                                     : msgget(value, 0600);
        if (id == -1)
            return strerror(errno);
        value = id;
    }
    int max = kind->max();
    for (int i = 0; i <= max; i++) {
        struct object o;
        if (kind->at(i, &o) == -1)
            continue;
        if ((unsigned)o.id != value)
            continue;
        if (kind == &kinds[0] && o.b > 0)
            return strerror(EBUSY);
        return kind->rm(o.id) == -1 ? strerror(errno) : NULL;
    }
    return "no such object";
}

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "list") == 0)
        return list();
    if (argc < 3 || strcmp(argv[1], "remove") != 0) {
        fprintf(stderr, "usage: ipc_janitor list | ipc_janitor remove OBJECT...\n");
        return 2;
    }
    int bad = 0;
    for (int i = 2; i < argc; i++) {
        const char *why = remove_object(argv[i]);
        if (why == NULL) {
            printf("removed %s\n", argv[i]);
            continue;
        }
        fprintf(stderr, "ipc_janitor: %s: %s\n", argv[i], why);
        bad = 1;
    }
    return bad;
}
