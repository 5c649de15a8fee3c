/* What the attacks share; the test writes it beside each of them, after a line each for TAG, PORT
 * and so on.
 *
 * An attack prints "BREACH: what" where something works that must be impossible, and at the end
 * "tried N, held N", which the test wants to see: an attack that tried nothing proves nothing.
 */
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int attack_tried, attack_held;

/* Every process of an attack can be found on the host by this name. */
__attribute__((constructor)) static void attack_mark(void)
{
    prctl(PR_SET_NAME, TAG);
}

__attribute__((unused)) static void held(int ok, const char *what)
{
    attack_tried++;
    if (ok)
        attack_held++;
    else
        printf("BREACH: %.100s\n", what);
}

/* result: of a call that must fail, with -1. */
__attribute__((unused)) static void refused(long result, const char *what)
{
    held(result < 0, what);
}

/* A system call that a seccomp filter may also answer with the caller's death: tried in a child. */
#define refused_or_killed(call, what)                                                              \
    do {                                                                                           \
        fflush(stdout);                                                                            \
        pid_t attack_child = fork();                                                               \
        if (attack_child == 0)                                                                     \
            _exit((long)(call) < 0 ? 0 : 77);                                                      \
        int attack_status = 0;                                                                     \
        held(attack_child > 0 && waitpid(attack_child, &attack_status, 0) == attack_child &&       \
                 !(WIFEXITED(attack_status) && WEXITSTATUS(attack_status) == 77),                  \
             what);                                                                                \
    } while (0)

__attribute__((unused)) static void unreadable(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_NONBLOCK);

    held(fd == -1 || read(fd, &byte, 1) <= 0, path);
    if (fd != -1)
        close(fd);
}

__attribute__((unused)) static void unwritable(const char *path)
{
    int fd = open(path, O_WRONLY | O_NONBLOCK);

    held(fd == -1, path);
    if (fd != -1)
        close(fd);
}

__attribute__((unused)) static int done(void)
{
    printf("tried %d, held %d\n", attack_tried, attack_held);
    fflush(stdout);
    return 0;
}

/* What the exercise asks for, so that an attack has points to lose. */
__attribute__((unused)) static int answer(int argc, char *argv[])
{
    char line[100] = "";

    if (argc == 3) {
        printf("%d\n", atoi(argv[1]) + atoi(argv[2]));
    } else if (argc == 2) {
        FILE *fifo = fopen(argv[1], "r");
        if (fifo == NULL || fgets(line, sizeof line, fifo) == NULL)
            return 1;
        fputs(line, stdout);
    }
    fflush(stdout);
    return 0;
}
