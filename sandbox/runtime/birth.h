/* birth.h - how a process is made (calls_process.c), for who makes them otherwise (calls_vfork.c)
 */
#ifndef GRADER_BIRTH_H
#define GRADER_BIRTH_H

#include "runtime.h"

/* Between what the parent does before and what it and the child do afterwards. */
typedef struct {
    Site site;
    int call;
    int child; /* Its task; -1: there is no room for one */
    pid_t parent;
    sigset_t mask;
} Birth;

extern pid_t parent_before; /* As getppid() told last */

int begin_birth(Birth *birth, int call, Site site); /* 0: a fault is injected, see errno */
void born(const Birth *birth);                      /* In the child */
void gave_birth(const Birth *birth, pid_t pid);     /* In the parent; pid -1: it failed */
pid_t fork_at(Site site);

#endif
