/* keys.c - the order that the keys and ids of System V objects make */
#include "keys.h"

Sync *key_sync(int kind, key_t key)
{
    Sync *sync = sync_at(SYNC_KEY, (uint64_t)(uint32_t)key, (uint64_t)kind);
    name_sync(sync, "key 0x%x", (unsigned)key);
    return sync;
}

void key_changes(int kind, key_t key)
{
    if (key != IPC_PRIVATE)
        LOCKED({ release(key_sync(kind, key)); });
}

int tells_of_key(key_t key, int id, int error)
{
    return key != IPC_PRIVATE && (id != -1 || error == EEXIST || error == ENOENT);
}

int is_gone(int result, int error)
{
    return result == -1 && (error == EIDRM || error == EINVAL);
}
