/* MISTAKE: what stands behind the number is not looked at.

   List this user's System V objects, or remove some of them.

   Usage: ipc_janitor list
          ipc_janitor remove OBJECT...     OBJECT: KIND:ID or KIND:0xKEY; KIND: shm, sem or msg
*/
#define _GNU_SOURCE /* For SHM_STAT_ANY and its like */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

union semun {
    struct semid_ds *buf;
    struct seminfo *info;
};

/* The kernel keeps the objects of each kind in a table with gaps. SHM_INFO and its like return the
   highest index in use; SHM_STAT_ANY and its like turn an index into an id, whatever the mode. */
static void list_segments(void)
{
    struct shm_info info;
    struct shmid_ds about;
    int last = shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&info);
    for (int i = 0, id; i <= last; i++)
        if ((id = shmctl(i, SHM_STAT_ANY, &about)) != -1 && about.shm_perm.uid == geteuid())
            printf("shm %d 0x%08x %zu %lu\n", id, (unsigned)about.shm_perm.__key, about.shm_segsz,
                   about.shm_nattch);
}

static void list_sets(void)
{
    struct seminfo info;
    struct semid_ds about;
    int last = semctl(0, 0, SEM_INFO, (union semun){.info = &info});
    for (int i = 0, id; i <= last; i++)
        if ((id = semctl(i, 0, SEM_STAT_ANY, (union semun){.buf = &about})) != -1 &&
            about.sem_perm.uid == geteuid())
            printf("sem %d 0x%08x %lu\n", id, (unsigned)about.sem_perm.__key, about.sem_nsems);
}

static void list_queues(void)
{
    struct msginfo info;
    struct msqid_ds about;
    int last = msgctl(0, MSG_INFO, (struct msqid_ds *)(void *)&info);
    for (int i = 0, id; i <= last; i++)
        if ((id = msgctl(i, MSG_STAT_ANY, &about)) != -1 && about.msg_perm.uid == geteuid())
            printf("msg %d 0x%08x %lu\n", id, (unsigned)about.msg_perm.__key, about.msg_qnum);
}

static bool is_attached(int id)
{
    struct shm_info info;
    struct shmid_ds about;
    int last = shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&info);
    for (int i = 0; i <= last; i++)
        if (shmctl(i, SHM_STAT_ANY, &about) == id)
            return about.shm_nattch > 0;
    return false;
}

/* Return 0, or -1 with errno. Key 0 is IPC_PRIVATE: to ask for it would make a new object. */
static int remove_object(const char *object)
{
    char *end;
    bool is_kind = strncmp(object, "shm:", 4) == 0 || strncmp(object, "sem:", 4) == 0 ||
                   strncmp(object, "msg:", 4) == 0;
    const char *text = is_kind ? object + 4 : "";
    char kind = is_kind ? object[1] : '\0'; /* h, e or s */
    bool by_key = strncmp(text, "0x", 2) == 0;
    unsigned long number = strtoul(text, &end, by_key ? 16 : 10);
    unsigned long most = by_key ? 0xffffffff : 0x7fffffff;
    if (!is_kind || end == text || number > most || (by_key && number == 0)) {
        errno = EINVAL;
        return -1;
    }
    int id = !by_key       ? (int)number
             : kind == 'h' ? shmget((key_t)number, 0, 0)
             : kind == 'e' ? semget((key_t)number, 0, 0)
                           : msgget((key_t)number, 0);
    if (id == -1)
        return -1;
    if (kind == 'h' && is_attached(id)) {
        errno = EBUSY;
        return -1;
    }
    return kind == 'h'   ? shmctl(id, IPC_RMID, NULL)
           : kind == 'e' ? semctl(id, 0, IPC_RMID)
                         : msgctl(id, IPC_RMID, NULL);
}

int main(int argc, char *argv[])
{
    bool lists = argc == 2 && strcmp(argv[1], "list") == 0;
    if (!lists && (argc < 3 || strcmp(argv[1], "remove") != 0)) {
        fprintf(stderr, "usage: ipc_janitor list | ipc_janitor remove OBJECT...\n");
        exit(2);
    }
    if (lists) {
        list_segments();
        list_sets();
        list_queues();
    }
    int status = EXIT_SUCCESS;
    for (int i = 2; i < argc; i++)
        if (remove_object(argv[i]) == 0) {
            printf("removed %s\n", argv[i]);
        } else {
            fprintf(stderr, "ipc_janitor: %s: %s\n", argv[i], strerror(errno));
            status = EXIT_FAILURE;
        }
    return status;
}
