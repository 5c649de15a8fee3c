/* watcher.c

   A partner of sem_init: wait until the process PID has fallen asleep N times more. Who looks,
   sleeps, and looks again, has looked at least N - 1 times more by then.

   Usage: watcher PID N
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often the process has given up the processor by itself: to sleep. */
static long sleeps(const char *pid)
{
    char path[64], line[128];
    long count = -1;
    snprintf(path, sizeof(path), "/proc/%s/status", pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0)
            count = atol(line + 24);
    if (count == -1) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    fclose(file);
    return count;
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fprintf(stderr, "usage: watcher PID N\n");
        exit(2);
    }
    for (long enough = sleeps(argv[1]) + atol(argv[2]); sleeps(argv[1]) < enough;)
        usleep(1000);
    return EXIT_SUCCESS;
}
