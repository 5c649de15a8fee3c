/* user.c

   A partner of ipc_janitor: attach the segment with a key, put two messages into the queue
   with that key, say so, and stay until standard input ends.

   With `closed`, set the mode of the segment to 0 before that.

   Usage: user KEY [closed]
*/
#include <stdio.h>
#include <stdlib.h>
#include <sys/msg.h>
#include <sys/shm.h>

static void fail(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

int main(int argc, char *argv[])
{
    if (argc != 2 && argc != 3) {
        fprintf(stderr, "usage: user KEY [closed]\n");
        exit(2);
    }
    key_t key = (key_t)strtoul(argv[1], NULL, 0);
    int shm_id = shmget(key, 0, 0), queue = msgget(key, 0);
    if (shm_id == -1 || shmat(shm_id, NULL, 0) == (void *)-1)
        fail("user: shmat");
    struct {
        long type;
        char text[8];
    } message = {.type = 1, .text = "message"};
    for (int i = 0; i < 2; i++)
        if (queue == -1 || msgsnd(queue, &message, sizeof(message.text), 0) == -1)
            fail("user: msgsnd");
    struct shmid_ds about;
    if (shmctl(shm_id, IPC_STAT, &about) == -1)
        fail("user: shmctl IPC_STAT");
    about.shm_perm.mode = 0;
    if (argc == 3 && shmctl(shm_id, IPC_SET, &about) == -1)
        fail("user: shmctl IPC_SET");
    printf("attached\n");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    return EXIT_SUCCESS;
}
