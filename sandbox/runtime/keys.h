/* keys.h - what the calls for System V objects have in common: a key or an id tells, too, whether
   the object is there */
#ifndef GRADER_KEYS_H
#define GRADER_KEYS_H

#include "runtime.h"
#include <sys/ipc.h>

/* Of SYNC_KEY; those of calls_group.c are higher. */
enum { KEY_SHM = 1, KEY_SEM, KEY_MSG, KEY_ATTACHED, KEY_REMOVED };

Sync *key_sync(int kind, key_t key);

/* Before an object with this key is made or removed: whoever finds that it is there, or that it is
   not, comes after. */
void key_changes(int kind, key_t key);

/* Does what a call by key came to tell whether an object with this key is there? */
int tells_of_key(key_t key, int id, int error);

/* Does a call by id fail because the object has been removed? */
int is_gone(int result, int error);

/* Did this call make it? Only if nobody else had before; between the look and the call somebody
   may, but then IPC_EXCL says so, and without it both are as good as the maker. */
#define MADE_HERE(key, flags, existing)                                                            \
    (((flags) & IPC_CREAT) && ((key) == IPC_PRIVATE || (existing) == -1))
#define MAY_EXIST(key, flags)                                                                      \
    ((key) != IPC_PRIVATE && ((flags) & IPC_CREAT) && !((flags) & IPC_EXCL))

#endif
