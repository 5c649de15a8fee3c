/* killer.c

   A partner of shm_counter: kill the oldest child of process PID, and wait until it is dead.

   Usage: killer PID
*/
#define _GNU_SOURCE /* For pidfd_open() and pidfd_send_signal() */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void fail(const char *call)
{
    perror(call);
    exit(EXIT_FAILURE);
}

/* Return the parent of a process, or -1 if there is no such process. */
static long parent_of(const char *pid)
{
    char path[64];
    long parent = -1;
    snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return -1;
    char line[512] = "";
    if (fgets(line, sizeof(line), file) == NULL)
        line[0] = '\0';
    fclose(file);
    const char *name_end = strrchr(line, ')'); /* A name may have a parenthesis in it, too */
    if (name_end == NULL || sscanf(name_end, ") %*c %ld", &parent) != 1)
        parent = -1;
    return parent;
}

static long oldest_child(long parent)
{
    long oldest = -1;
    DIR *processes = opendir("/proc");
    if (processes == NULL)
        fail("killer: opendir /proc");
    for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && parent_of(entry->d_name) == parent && (oldest == -1 || pid < oldest))
            oldest = pid;
    }
    closedir(processes);
    return oldest;
}

int main(int argc, char *argv[])
{
    if (argc != 2) {
        fprintf(stderr, "usage: killer PID\n");
        exit(2);
    }
    long child = oldest_child(strtol(argv[1], NULL, 10));
    if (child == -1) {
        fprintf(stderr, "killer: process %s has no child\n", argv[1]);
        exit(EXIT_FAILURE);
    }

    /* The descriptor becomes readable when the child is dead, whether it has been reaped or not. */
    struct pollfd death = {.fd = (int)syscall(SYS_pidfd_open, child, 0), .events = POLLIN};
    if (death.fd == -1)
        fail("killer: pidfd_open");
    if (kill((pid_t)child, SIGKILL) == -1)
        fail("killer: kill");
    while (poll(&death, 1, -1) == -1)
        if (errno != EINTR)
            fail("killer: poll");
    return EXIT_SUCCESS;
}
