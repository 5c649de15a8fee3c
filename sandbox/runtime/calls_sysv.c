/* calls_sysv.c - System V: shared memory, semaphores, message queues */
#include "runtime.h"
#include <stdarg.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

enum { KEY_SHM = 1, KEY_SEM, KEY_MSG, KEY_ATTACHED, KEY_REMOVED };

static Sync *key_sync(int kind, key_t key)
{
    Sync *sync = sync_at(SYNC_KEY, (uint64_t)(uint32_t)key, (uint64_t)kind);
    name_sync(sync, "key 0x%x", (unsigned)key);
    return sync;
}

/* Before an object with this key is made or removed: whoever finds that it is there, or that it is
   not, comes after. */
static void key_changes(int kind, key_t key)
{
    if (key != IPC_PRIVATE)
        LOCKED({ release(key_sync(kind, key)); });
}

/* Does what a call by key came to tell whether an object with this key is there? */
static int tells_of_key(key_t key, int id, int error)
{
    return key != IPC_PRIVATE && (id != -1 || error == EEXIST || error == ENOENT);
}

/* Does a call by id fail because the object has been removed? */
static int is_gone(int result, int error)
{
    return result == -1 && (error == EIDRM || error == EINVAL);
}

/* Did this call make it? Only if nobody else had before; between the look and the call somebody
   may, but then IPC_EXCL says so, and without it both are as good as the maker. */
#define MADE_HERE(key, flags, existing)                                                            \
    (((flags) & IPC_CREAT) && ((key) == IPC_PRIVATE || (existing) == -1))
#define MAY_EXIST(key, flags)                                                                      \
    ((key) != IPC_PRIVATE && ((flags) & IPC_CREAT) && !((flags) & IPC_EXCL))

/* --- shared memory --- */

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

/* --- semaphores --- */

static Sync *semaphore(int id, unsigned number)
{
    Sync *sync = sync_at(SYNC_SEMAPHORE, (uint64_t)(uint32_t)id, number);
    if (sync->name[0] == '\0') {
        name_sync(sync, "semaphore %d of set %d", (int)number, id);
        for (uint32_t i = region->origin_count; i-- > 0;)
            if (region->origins[i].kind == ORIGIN_SEM && region->origins[i].id == id) {
                sync->made = region->origins[i].site;
                break;
            }
    }
    return sync;
}

EXPORT int semget(key_t key, int count, int flags)
{
    Site site = HERE();
    point(CALL_semget, site, BEFORE);
    if (fault_at(CALL_semget, site))
        return -1;
    if (flags & IPC_CREAT)
        key_changes(KEY_SEM, key);
    int existing = MAY_EXIST(key, flags) ? REAL(semget)(key, 0, 0) : -1;
    int id = REAL(semget)(key, count, flags);
    int error = errno;
    LOCKED({
        int fresh = id != -1 && MADE_HERE(key, flags, existing);
        if (fresh) {
            made(ORIGIN_SEM, CALL_semget, site, id, (uint32_t)key, NULL);
            for (int i = 0; i < count && i < 64; i++)
                semaphore(id, (unsigned)i)->known = 1; /* It is 0 on Linux */
        }
        if (tells_of_key(key, id, error))
            acquire(key_sync(KEY_SEM, key));
        happened(CALL_semget, site, NULL, id, -1);
    });
    point(CALL_semget, site, AFTER);
    errno = error;
    return id;
}

static void tell_init_race(Sync *sync, int other, Site other_site, Site site)
{
    Report *told = report(REPORT_INIT_RACE, other_site, site);
    if (told == NULL)
        return;
    told->sync = index_of(sync);
    told->first = (Access){other, 0, 0, 0, 0, other_site};
    told->second = access_now(0, site);
    publish(told);
}

/* In Sync.touched, beside the time: it only waits for zero. */
#define WAITS_FOR_ZERO 0x80000000u

static int set_unheard(const Sync *sync)
{
    return sync->setter >= 0 && sync->setter != self_index &&
           sync->set_at > self->clock.of[sync->setter];
}

/* Before SETVAL gives its order: has anybody used or set the semaphore of whom we have not heard?
   Setting it is also a way to let go who waits there, and then nobody need have: those who wait for
   zero if that is what it is set to, those who want a unit if it was set to 0 once and nobody has
   given to it since, so that none of them can have been in. */
static void set_semaphore(Sync *sync, int value, Site site)
{
    int unheard = set_unheard(sync), was_zero = sync->setter >= 0 && sync->set_to == 0 && !unheard;
    for (uint32_t i = 0; i < region->task_count; i++) {
        int for_zero = (sync->touched.of[i] & WAITS_FOR_ZERO) != 0;
        if ((int)i != self_index && !(for_zero ? value == 0 : was_zero) &&
            (sync->touched.of[i] & ~WAITS_FOR_ZERO) > self->clock.of[i])
            tell_init_race(sync, (int)i, region->tasks[i].at, site);
    }
    if (unheard)
        tell_init_race(sync, sync->setter, sync->set_site, site);
    set_value(sync, value, site);
    sync->opened = was_zero;
}

/* Who comes to it for the first time must have heard of its value, unless that lets it go. */
static int uses_too_early(const Sync *sync, int change)
{
    int let_go = change == 0 ? sync->set_to == 0 : change < 0 && sync->opened;
    return sync->touched.of[self_index] == 0 && !let_go && set_unheard(sync);
}

static void note_use(Sync *sync, int change)
{
    sync->touched.of[self_index] = self->clock.of[self_index] | (change == 0 ? WAITS_FOR_ZERO : 0);
}

union argument {
    int value;
    struct semid_ds *about;
    unsigned short *values;
};

static struct semid_ds about_set(int id)
{
    struct semid_ds about;
    union argument argument = {.about = &about};
    return REAL(semctl)(id, 0, IPC_STAT, argument) == -1 ? (struct semid_ds){0} : about;
}

static unsigned count_of_set(int id)
{
    return (unsigned)about_set(id).sem_nsems;
}

/* Who finds that the set is gone comes after what was done before it was removed. */
static Sync *removal(int id)
{
    return sync_at(SYNC_KEY, (uint64_t)(uint32_t)id, KEY_REMOVED);
}

static void hear_of_set(int id, unsigned count)
{
    for (unsigned i = 0; i < count && i < 64; i++)
        acquire(semaphore(id, i));
}

/* How many wait for zero tells what they did before. */
static void hear_of_waiters(const Sync *sync)
{
    for (uint32_t i = 0; i < region->task_count && i < MAX_TASKS; i++) {
        uint32_t time = sync->touched.of[i];
        if ((time & WAITS_FOR_ZERO) && (time & ~WAITS_FOR_ZERO) > self->clock.of[i])
            self->clock.of[i] = time & ~WAITS_FOR_ZERO;
    }
}

EXPORT int semctl(int id, int number, int command, ...)
{
    Site site = HERE();
    va_list list;
    va_start(list, command);
    union argument argument = {.about = va_arg(list, struct semid_ds *)};
    va_end(list);
    point(CALL_semctl, site, BEFORE);
    if (fault_at(CALL_semctl, site))
        return -1;
    unsigned count = ACTIVE && (command == SETALL || command == GETALL || command == IPC_STAT)
                         ? count_of_set(id)
                         : 0;
    if (command == SETVAL || command == SETALL)
        LOCKED({
            if (command == SETVAL)
                set_semaphore(semaphore(id, (unsigned)number), argument.value, site);
            for (unsigned i = 0; i < count; i++)
                set_semaphore(semaphore(id, i), argument.values[i], site);
            tick();
        });
    if (command == IPC_RMID && ACTIVE) {
        key_changes(KEY_SEM, about_set(id).sem_perm.__key);
        LOCKED({ release(removal(id)); });
    }
    int result = REAL(semctl)(id, number, command, argument);
    int error = errno;
    LOCKED({
        if (is_gone(result, error))
            acquire(removal(id));
        int one = command == SETVAL || command == GETVAL || command == GETPID ||
                  command == GETNCNT || command == GETZCNT;
        if (result != -1 && command == IPC_RMID)
            unmade(ORIGIN_SEM, id, NULL);
        if (result != -1 && one && command != SETVAL) {
            acquire(semaphore(id, (unsigned)number));
            join(&self->clock, &semaphore(id, (unsigned)number)->second);
            if (command == GETZCNT)
                hear_of_waiters(semaphore(id, (unsigned)number));
        }
        /* Whoever looks whether sem_otime is set learns that semop() was called. */
        if (result != -1 &&
            (command == GETALL || (command == IPC_STAT && argument.about->sem_otime != 0)))
            hear_of_set(id, count);
        happened(CALL_semctl, site, one ? semaphore(id, (unsigned)number) : NULL,
                 command == SETVAL && result != -1 ? argument.value : result, -1);
    });
    point(CALL_semctl, site, AFTER);
    errno = error;
    return result;
}

/* Who takes and gives in one call passes on what it has yet to hear of: that hear all of the set.
 */
static int passes_on(const struct sembuf *operations, size_t count)
{
    int gives = 0, waits = 0;
    for (size_t i = 0; i < count; i++) {
        gives |= operations[i].sem_op > 0;
        waits |= operations[i].sem_op <= 0;
    }
    return gives && waits;
}

/* What a process takes with SEM_UNDO and gives back without it, the kernel gives back a second time
   when it ends; and the other way round it takes what nobody took (semop(2)). */
static void tell_half_undone(Sync *sync, int flags, Site site)
{
    Held taken = held_now(sync);
    if (taken.mode == 0 || (taken.mode == HELD_UNDO) == ((flags & SEM_UNDO) != 0))
        return;
    Report *told = report(REPORT_HALF_UNDONE, taken.site, site);
    if (told == NULL)
        return;
    told->sync = index_of(sync);
    told->size = taken.mode;
    told->first = (Access){self_index, 0, 0, 0, 0, taken.site};
    told->second = access_now(0, site);
    publish(told);
}

static void before_semop(int id, const struct sembuf *operations, size_t count, Site site)
{
    int passes = passes_on(operations, count);
    for (size_t i = 0; i < count; i++) {
        Sync *sync = semaphore(id, operations[i].sem_num);
        if (uses_too_early(sync, operations[i].sem_op))
            tell_init_race(sync, sync->setter, sync->set_site, site);
        note_use(sync, operations[i].sem_op);
        if (operations[i].sem_op > 0) {
            give(sync, operations[i].sem_op);
            tell_half_undone(sync, operations[i].sem_flg, site);
            lets_go(sync, site);
            if (passes)
                sync->known = 0;
        } else if (operations[i].sem_op < 0) {
            join(&sync->second, &self->clock);
            wants(sync, site);
        }
    }
    tick();
}

static void after_semop(int id, const struct sembuf *operations, size_t count, Site site,
                        int result)
{
    int error = errno; /* What asks for the dead reads files, too */
    if (is_gone(result, error)) {
        acquire(removal(id));
        hear_of_dead();
    }
    for (size_t i = 0; i < count; i++) {
        Sync *sync = semaphore(id, operations[i].sem_num);
        int change = operations[i].sem_op;
        note_use(sync, change);
        if (result == -1) {
            if (change > 0)
                take_back(sync, change);
            else if (change < 0)
                failed_to_take(sync, site, error);
        } else if (change < 0) {
            hear_of_scenario(BY_OBJECT);
            if (!sync->known)
                hear_of_set(id, count_of_set(id));
            take(sync, -change);
            holds(sync, site, operations[i].sem_flg & SEM_UNDO ? HELD_UNDO : HELD_LOCK);
        } else if (change == 0) {
            hear_of_scenario(BY_OBJECT);
            join(&self->clock, &sync->second);
        }
    }
}

/* Only who sleeps there can be interrupted by being stopped: not who gives, or does not wait. */
static int is_made_to_fail(const struct sembuf *operations, Site site)
{
    int sleeps = operations[0].sem_op <= 0 && (operations[0].sem_flg & IPC_NOWAIT) == 0;
    return (sleeps || region->point.fault != FAULT_STOPPED) && fault_at(CALL_semop, site);
}

static int operate(int id, struct sembuf *operations, size_t count, const struct timespec *limit,
                   Site site)
{
    if (!ACTIVE || count == 0 || operations == NULL)
        return REAL(semtimedop)(id, operations, count, limit);
    point(CALL_semop, site, BEFORE);
    if (is_made_to_fail(operations, site))
        return -1;
    if (operations[0].sem_op <= 0 && times_out_after(CALL_semop, site, limit)) {
        errno = EAGAIN;
        return -1;
    }
    Sync *first = NULL;
    LOCKED({
        before_semop(id, operations, count, site);
        first = semaphore(id, operations[0].sem_num);
    });
    int waits = operations[0].sem_op <= 0;
    if (waits)
        begin_wait(CALL_semop, site, first, operations[0].sem_op);
    int result = limit != NULL ? REAL(semtimedop)(id, operations, count, limit)
                               : REAL(semop)(id, operations, count);
    int error = errno;
    if (waits)
        end_wait_with(CALL_semop, site, first, operations[0].sem_op, result == -1 ? error : 0);
    errno = error;
    LOCKED({
        after_semop(id, operations, count, site, result);
        if (!waits)
            happened(CALL_semop, site, first, operations[0].sem_op, -1);
    });
    point(CALL_semop, site, AFTER);
    errno = error;
    return result;
}

EXPORT int semop(int id, struct sembuf *operations, size_t count)
{
    return operate(id, operations, count, NULL, HERE());
}

EXPORT int semtimedop(int id, struct sembuf *operations, size_t count, const struct timespec *limit)
{
    return operate(id, operations, count, limit, HERE());
}

/* --- message queues --- */

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
