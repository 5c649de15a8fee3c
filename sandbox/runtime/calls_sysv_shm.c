/* calls_sysv_shm.c - System V: shared memory segments */
#include "keys.h"
#include <sys/shm.h>

EXPORT int shmget(key_t key, size_t size, int flags)
{
    Site site = HERE();
    point(CALL_shmget, site, BEFORE);
    if (fault_at(CALL_shmget, site))
        return -1;
    if (flags & IPC_CREAT)
        key_changes(KEY_SHM, key);
    int existing = MAY_EXIST(key, flags) ? REAL(shmget)(key, 0, 0) : -1;
    int id = REAL(shmget)(key, size, flags);
    int error = errno;
    LOCKED({
        int fresh = id != -1 && MADE_HERE(key, flags, existing);
        if (fresh)
            made(ORIGIN_SHM, CALL_shmget, site, id, (uint32_t)key, NULL);
        if (tells_of_key(key, id, error))
            acquire(key_sync(KEY_SHM, key));
        happened(CALL_shmget, site, NULL, id, -1);
    });
    point(CALL_shmget, site, AFTER);
    errno = error;
    return id;
}

/* How many have it attached tells who has come, and who has done with it; and that it is gone, what
   was done before it was removed. */
static Sync *attachments(int id)
{
    return sync_at(SYNC_KEY, (uint64_t)(uint32_t)id, KEY_ATTACHED);
}

EXPORT void *shmat(int id, const void *address, int flags)
{
    Site site = HERE();
    point(CALL_shmat, site, BEFORE);
    if (fault_at(CALL_shmat, site))
        return (void *)-1;
    LOCKED({ release(attachments(id)); });
    void *start = REAL(shmat)(id, address, flags);
    if (start == (void *)-1 && is_gone(-1, errno))
        LOCKED({ acquire(attachments(id)); });
    struct shmid_ds about;
    if (start != (void *)-1 && ACTIVE && REAL(shmctl)(id, IPC_STAT, &about) == 0)
        LOCKED({
            Origin *origin = origin_of(ORIGIN_SHM, id, (uint32_t)about.shm_perm.__key);
            int segment = segment_for(ORIGIN_SHM, (uint64_t)id, 0, about.shm_segsz,
                                      origin != NULL ? origin->site : site);
            name_segment(segment, id, "shared memory segment %d", id);
            add_mapping(start, about.shm_segsz, 0, segment);
            happened(CALL_shmat, site, NULL, id, -1);
        });
    return start;
}

EXPORT int shmdt(const void *address)
{
    LOCKED({
        int64_t id = id_of_segment(address);
        if (id >= 0)
            release(attachments((int)id));
    });
    int result = REAL(shmdt)(address);
    if (result == 0)
        LOCKED({ remove_mapping((void *)address, 0); });
    return result;
}

EXPORT int shmctl(int id, int command, struct shmid_ds *about)
{
    Site site = HERE();
    point(CALL_shmctl, site, BEFORE);
    if (fault_at(CALL_shmctl, site))
        return -1;
    struct shmid_ds before;
    if (command == IPC_RMID && ACTIVE && REAL(shmctl)(id, IPC_STAT, &before) == 0) {
        key_changes(KEY_SHM, before.shm_perm.__key);
        LOCKED({ release(attachments(id)); });
    }
    if (command == IPC_SET)
        LOCKED({ release(attachments(id)); });
    int result = REAL(shmctl)(id, command, about);
    int error = errno;
    if ((result != -1 && command == IPC_STAT) || is_gone(result, error))
        LOCKED({
            acquire(attachments(id));
            hear_of_dead();
        });
    if (result != -1 && command == IPC_RMID)
        LOCKED({
            unmade(ORIGIN_SHM, id, NULL);
            happened(CALL_shmctl, site, NULL, id, -1);
        });
    errno = error;
    return result;
}
