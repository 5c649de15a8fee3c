/* calls_sysv_msg.c - System V: message queues */
#include "keys.h"
#include <sys/msg.h>

static Sync *queue(int id)
{
    Sync *sync = sync_at(SYNC_MESSAGES, (uint64_t)(uint32_t)id, 0);
    name_sync(sync, "message queue %d", id);
    return sync;
}

EXPORT int msgget(key_t key, int flags)
{
    Site site = HERE();
    point(CALL_msgget, site, BEFORE);
    if (fault_at(CALL_msgget, site))
        return -1;
    if (flags & IPC_CREAT)
        key_changes(KEY_MSG, key);
    int existing = MAY_EXIST(key, flags) ? REAL(msgget)(key, 0) : -1;
    int id = REAL(msgget)(key, flags);
    int error = errno;
    LOCKED({
        int fresh = id != -1 && MADE_HERE(key, flags, existing);
        if (fresh)
            made(ORIGIN_MSG, CALL_msgget, site, id, (uint32_t)key, NULL);
        if (tells_of_key(key, id, error))
            acquire(key_sync(KEY_MSG, key));
        happened(CALL_msgget, site, NULL, id, -1);
    });
    point(CALL_msgget, site, AFTER);
    errno = error;
    return id;
}

EXPORT int msgctl(int id, int command, struct msqid_ds *about)
{
    Site site = HERE();
    point(CALL_msgctl, site, BEFORE);
    if (fault_at(CALL_msgctl, site))
        return -1;
    struct msqid_ds before;
    if (command == IPC_RMID && ACTIVE && REAL(msgctl)(id, IPC_STAT, &before) == 0) {
        key_changes(KEY_MSG, before.msg_perm.__key);
        LOCKED({ release(queue(id)); }); /* Who waits for it fails with EIDRM */
    }
    if (command == IPC_SET)
        LOCKED({ release(queue(id)); });
    int result = REAL(msgctl)(id, command, about);
    int error = errno;
    if (result == 0 && command == IPC_RMID)
        LOCKED({
            unmade(ORIGIN_MSG, id, NULL);
            happened(CALL_msgctl, site, NULL, id, -1);
        });
    if ((result == 0 && command == IPC_STAT) || is_gone(result, error))
        LOCKED({ acquire(queue(id)); });
    errno = error;
    return result;
}

EXPORT int msgsnd(int id, const void *message, size_t size, int flags)
{
    Site site = HERE();
    point(CALL_msgsnd, site, BEFORE);
    if (fault_at(CALL_msgsnd, site))
        return -1;
    touch(message, size + sizeof(long), 0, site);
    Sync *sync = NULL;
    LOCKED({
        sync = queue(id);
        release(sync);
    });
    begin_wait(CALL_msgsnd, site, sync, 0);
    int result = REAL(msgsnd)(id, message, size, flags);
    end_wait(CALL_msgsnd, site, sync, result == -1 ? -1 : (int)size);
    if (result == 0 || is_gone(-1, errno))
        LOCKED({ acquire(sync); }); /* Room that a receiver made */
    point(CALL_msgsnd, site, AFTER);
    return result;
}

EXPORT ssize_t msgrcv(int id, void *message, size_t size, long type, int flags)
{
    Site site = HERE();
    point(CALL_msgrcv, site, BEFORE);
    if (fault_at(CALL_msgrcv, site))
        return -1;
    Sync *sync = NULL;
    LOCKED({
        sync = queue(id);
        release(sync);
    });
    begin_wait(CALL_msgrcv, site, sync, 0);
    ssize_t length = REAL(msgrcv)(id, message, size, type, flags);
    end_wait(CALL_msgrcv, site, sync, (int)length);
    if (length >= 0 || is_gone(-1, errno))
        LOCKED({
            acquire(sync);
            hear_of_scenario(BY_OBJECT);
        });
    if (length >= 0)
        touch(message, (size_t)length + sizeof(long), ACCESS_WRITE, site);
    point(CALL_msgrcv, site, AFTER);
    return length;
}
