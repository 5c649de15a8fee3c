/* ipc_janitor.c

   List this user's System V objects, or remove some of them.

   Usage: ipc_janitor list
          ipc_janitor remove OBJECT...     OBJECT: KIND:ID or KIND:0xKEY; KIND: shm, sem or msg
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fprintf(stderr, "usage: ipc_janitor list | ipc_janitor remove OBJECT...\n");
        exit(2);
    }
    if (strcmp(argv[1], "list") == 0) {
        /* TODO: find all objects of the three kinds (/proc/sysvipc, or shmctl(2) with SHM_INFO and
         * SHM_STAT_ANY), and print those that are yours */
        return EXIT_SUCCESS;
    }
    for (int i = 2; i < argc; i++) {
        /* TODO: find out whether it is an id or a key, and remove that object (IPC_RMID) */
        printf("removed %s\n", argv[i]);
    }
    return EXIT_SUCCESS;
}
