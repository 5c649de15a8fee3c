/* calls_sysv_sem.c - System V: sets of semaphores */
#include "keys.h"
#include <stdarg.h>
#include <sys/sem.h>

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

/* flags: ACCESS_WRITE of who sets it, and not only uses it. */
static void tell_init_race(Sync *sync, int other, unsigned other_flags, Site other_site,
                           unsigned flags, Site site)
{
    Report *told = report(REPORT_INIT_RACE, other_site, site);
    if (told == NULL)
        return;
    told->sync = index_of(sync);
    told->first = (Access){other, 0, 0, 0, other_flags, other_site};
    told->second = access_now(flags, site);
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
            tell_init_race(sync, (int)i, 0, region->tasks[i].at, ACCESS_WRITE, site);
    }
    if (unheard)
        tell_init_race(sync, sync->setter, ACCESS_WRITE, sync->set_site, ACCESS_WRITE, site);
    set_value(sync, value, site);
    sync->opened = was_zero;
}

static void note_use(Sync *sync, int change)
{
    sync->touched.of[self_index] = self->clock.of[self_index] | (change == 0 ? WAITS_FOR_ZERO : 0);
}

/* Who has taken a semaphore that is 1 at most gives it back also by setting it to 1. */
static int gives_back(const Sync *sync, int value)
{
    return value == 1 && sync->most <= 1 && held_now(sync).mode != 0;
}

static void before_setval(Sync *sync, int value, Site site)
{
    if (!gives_back(sync, value)) {
        set_semaphore(sync, value, site);
        return;
    }
    note_use(sync, value);
    give(sync, value);
    lets_go(sync, site);
}

/* Who comes to it for the first time must have heard of its value, unless that lets it go. */
static int uses_too_early(const Sync *sync, int change)
{
    int let_go = change == 0 ? sync->set_to == 0 : change < 0 && sync->opened;
    return sync->touched.of[self_index] == 0 && !let_go && set_unheard(sync);
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
                before_setval(semaphore(id, (unsigned)number), argument.value, site);
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
            tell_init_race(sync, sync->setter, ACCESS_WRITE, sync->set_site, 0, site);
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
            if (error == EAGAIN && change == 0)
                acquire(sync); /* Somebody has given */
            else if (error == EAGAIN && change < 0)
                join(&self->clock, &sync->second); /* Somebody has taken */
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
