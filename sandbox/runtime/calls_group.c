/* calls_group.c - process groups and sessions: who finds a process in another one than before comes
   after whoever has put it there
*/
#include "runtime.h"
#include <unistd.h>

enum { KEY_GROUP = 16 }; /* Of SYNC_KEY; those of keys.h are lower */

static Sync *group_of(pid_t pid)
{
    return sync_at(SYNC_KEY, (uint64_t)(pid == 0 ? getpid() : pid), KEY_GROUP);
}

static void moves(pid_t pid)
{
    LOCKED({ release(group_of(pid)); });
}

/* Also that a group is there tells of who leads it. */
pid_t group_met(pid_t pid, pid_t result)
{
    LOCKED({
        acquire(group_of(pid));
        if (result == -1 && errno_ == ESRCH) /* It has ended, and been reaped */
            hear_of_dead();
    });
    return result;
}

EXPORT int setpgid(pid_t pid, pid_t group)
{
    moves(pid);
    return REAL(setpgid)(pid, group);
}

EXPORT int setpgrp(void)
{
    moves(0);
    return REAL(setpgrp)();
}

EXPORT pid_t setsid(void)
{
    moves(0);
    return REAL(setsid)();
}

EXPORT pid_t getpgid(pid_t pid)
{
    return group_met(pid, REAL(getpgid)(pid));
}

EXPORT pid_t getpgrp(void)
{
    return group_met(0, REAL(getpgrp)());
}

EXPORT pid_t getsid(pid_t pid)
{
    return group_met(pid, REAL(getsid)(pid));
}
