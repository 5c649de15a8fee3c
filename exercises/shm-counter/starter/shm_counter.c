/* shm_counter.c

   N child processes add 1 to a counter in System V shared memory, M times each, under a
   System V semaphore. Print the total.

   Usage: shm_counter KEY N M
*/
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[])
{
    if (argc != 4) {
        fprintf(stderr, "usage: shm_counter KEY N M\n");
        exit(2);
    }
    int n = atoi(argv[2]);
    long times = atol(argv[3]);

    /* TODO: make the segment and the semaphore set for the key in argv[1] (shmget(2), semget(2)),
       give the semaphore its first value (semctl(2)), and attach the segment (shmat(2)) */

    printf("ready\n");

    /* TODO: wait for SIGUSR1, SIGINT or SIGTERM (sigprocmask(2), sigwait(3)) */

    /* TODO: start the children (fork(2)); each adds 1 to the counter, under the semaphore
     * (semop(2)) */

    /* TODO: wait for the children (wait(2)), print the total, and remove both objects */

    printf("total: %ld\n", n * times);
    return EXIT_SUCCESS;
}
