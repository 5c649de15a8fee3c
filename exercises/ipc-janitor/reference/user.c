/* user.c

   A partner of ipc_janitor: attach the segment with a key, put two messages into the queue
   with that key, say so, and stay until standard input ends.

   Usage: user KEY
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
    if (argc != 2) {
        fprintf(stderr, "usage: user KEY\n");
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
    printf("attached\n");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    return EXIT_SUCCESS;
}
