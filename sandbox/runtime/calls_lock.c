/* calls_lock.c - file locks: fcntl, flock, lockf

   For each range of a file that was ever locked there is an object, and who locks a range hears of
   all that overlap it. Two kinds of lock do not exclude each other on Linux, so each has objects of
   its own.
*/
#include "runtime.h"
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RECORD = 1, WHOLE = 2 }; /* fcntl and lockf; flock */

static uint64_t file_key(int family, const struct stat *about)
{
    return (uint64_t)family << 62 | (((uint64_t)about->st_dev << 40) ^ (uint64_t)about->st_ino);
}

/* Of a length 0 is "to the end". */
static uint64_t end_of(off_t start, off_t length)
{
    return length == 0 ? UINT64_MAX : (uint64_t)start + (uint64_t)length;
}

/* A range in 64 bits: of files of any size only a hash has room there. */
static uint64_t range_key(off_t start, off_t length)
{
    uint64_t hash = (uint64_t)start * 0x9E3779B97F4A7C15u;
    hash = (hash ^ hash >> 31) * 0xBF58476D1CE4E5B9u;
    return (hash ^ hash >> 29) + (uint64_t)length * 0xC2B2AE3D27D4EB4Fu;
}

static int overlaps(const Sync *sync, off_t start, off_t length)
{
    return sync->from < end_of(start, length) && (uint64_t)start < sync->to;
}

static int covers(off_t start, off_t length, const Sync *sync)
{
    return (uint64_t)start <= sync->from && sync->to <= end_of(start, length);
}

static Sync *range(int family, const struct stat *about, off_t start, off_t length)
{
    Sync *sync = sync_at(SYNC_FILE_LOCK, file_key(family, about), range_key(start, length));
    if (sync->name[0] != '\0')
        return sync;
    sync->from = (uint64_t)start;
    sync->to = end_of(start, length);
    Origin *file = origin_of(ORIGIN_FILE, (int64_t)about->st_ino, about->st_dev);
    const char *name = file != NULL ? file->name : "a file";
    if (family == WHOLE || (start == 0 && length == 0))
        name_sync(sync, "%s on %s", family == WHOLE ? "flock lock" : "record lock", name);
    else
        name_sync(sync, "lock on bytes %D to %D of %s", (long long)start,
                  (long long)(start + length - 1), name);
    if (file != NULL)
        sync->made = file->site;
    return sync;
}

static int holds_some(uint64_t key, off_t start, off_t length)
{
    for (int i = 0; i < self->held_count; i++) {
        Sync *sync = &region->syncs[self->held[i].sync];
        if (sync->kind == SYNC_FILE_LOCK && sync->key[0] == key && overlaps(sync, start, length))
            return 1;
    }
    return 0;
}

static void unlock_range(int family, const struct stat *about, off_t start, off_t length, Site site)
{
    uint64_t key = file_key(family, about);
    /* There may be more than we know of, or somebody else has taken it: a thread of ours, or whose
       descriptor we have. */
    int unsure = self->held_count == MAX_HELD || !holds_some(key, start, length);
    for (int i = 1; i < MAX_SYNCS && unsure; i++) {
        Sync *sync = &region->syncs[i];
        if (sync->used && sync->kind == SYNC_FILE_LOCK && sync->key[0] == key &&
            overlaps(sync, start, length))
            join(&sync->released, &self->clock);
    }
    if (unsure)
        tick();
    for (int i = self->held_count; i-- > 0;) {
        Sync *sync = &region->syncs[self->held[i].sync];
        if (sync->kind != SYNC_FILE_LOCK || sync->key[0] != key || !overlaps(sync, start, length))
            continue;
        /* Of one that goes in part the rest is held still. */
        int mode = covers(start, length, sync) ? lets_go(sync, site) : self->held[i].mode;
        if (mode == HELD_SHARED) {
            join(&sync->second, &self->clock);
            tick();
        } else {
            release(sync);
        }
    }
}

/* Whoever holds it on record and is dead has let it go without saying so. */
static void hear_of_dead_holders(const Sync *sync)
{
    for (uint32_t i = 0; i < region->task_count && i < MAX_TASKS; i++) {
        Task *task = &region->tasks[i];
        for (int k = 0; k < task->held_count && (int)i != self_index; k++)
            if (task->held[k].sync == index_of(sync) &&
                (task->state != TASK_LIVE || is_dead(task->pid)))
                join(&self->clock, &task->clock);
    }
}

static void locked_range(int family, const struct stat *about, off_t start, off_t length,
                         int shared, Site site)
{
    uint64_t key = file_key(family, about);
    hear_of_scenario(BY_OBJECT);
    for (int i = 1; i < MAX_SYNCS; i++) {
        Sync *sync = &region->syncs[i];
        if (!sync->used || sync->kind != SYNC_FILE_LOCK || sync->key[0] != key ||
            !overlaps(sync, start, length))
            continue;
        acquire(sync);
        hear_of_dead_holders(sync);
        if (!shared)
            join(&self->clock, &sync->second);
    }
    join(&self->clock, &region->exited); /* Locks that exec() has closed */
    if (family == WHOLE)
        hear_of_dead(); /* Who inherited it has no record of it */
    Sync *sync = range(family, about, start, length);
    if (held_now(sync).mode) /* Converted: an upgrade, a downgrade */
        lets_go(sync, site);
    holds(sync, site, shared ? HELD_SHARED : HELD_LOCK);
}

/* Closing any descriptor of a file lets all its record locks go (fcntl(2)). A lock by flock(), or
   of an open file, goes with its last descriptor: which one that is is not known before, so each
   may be. */
static int has_open_file_locks;
static __thread struct stat doubtful; /* Is it locked by flock() still, once it is closed? */

void drop_file_locks(const struct stat *about, Site site)
{
    LOCKED({
        for (int family = RECORD; family <= WHOLE; family++)
            for (int i = 0; i < self->held_count; i++) {
                Sync *sync = &region->syncs[self->held[i].sync];
                if (sync->kind != SYNC_FILE_LOCK || sync->key[0] != file_key(family, about) ||
                    (family == RECORD && !has_open_file_locks))
                    continue;
                join(self->held[i].mode == HELD_SHARED ? &sync->second : &sync->released,
                     &self->clock);
                if (family == WHOLE)
                    doubtful = *about;
            }
        tick();
        if (!has_open_file_locks && holds_some(file_key(RECORD, about), 0, 0))
            unlock_range(RECORD, about, 0, 0, site);
    });
}

/* "1: FLOCK  ADVISORY  WRITE 42 08:01:131 0 EOF" (proc_locks(5)): of process 42, on inode 131. */
static int tells_of(const char *line, const struct stat *about)
{
    enum { KIND = 2, OWNER = 5, FILE = 6 };
    unsigned long long number = 0, owner = 0, inode = 0;
    int field = 0, is_flock = 0;
    for (const char *at = line; *at != '\0'; at++) {
        if (*at == ' ') {
            number = 0;
            continue;
        }
        if (at == line || at[-1] == ' ')
            field++;
        number = *at >= '0' && *at <= '9' ? number * 10 + (unsigned long long)(*at - '0') : 0;
        if (field == KIND)
            is_flock |= *at == 'F';
        else if (field == OWNER)
            owner = number;
        else if (field == FILE)
            inode = number; /* Of the last of three numbers in the end */
    }
    return is_flock && owner == (unsigned long long)getpid() && inode == about->st_ino;
}

/* Has this process a lock by flock() on it? Also where nobody tells. */
static int is_locked_still(const struct stat *about)
{
    enum { LINE = 128 };
    char line[LINE], part[512];
    int descriptor = (int)syscall(SYS_openat, AT_FDCWD, "/proc/locks", O_RDONLY | O_CLOEXEC);
    if (descriptor == -1)
        return 1;
    int found = 0;
    size_t length = 0;
    for (ssize_t got; !found && (got = syscall(SYS_read, descriptor, part, sizeof part)) > 0;)
        for (ssize_t i = 0; i < got; i++) {
            if (part[i] != '\n') {
                line[length] = part[i];
                length += length < LINE - 1;
                continue;
            }
            line[length] = '\0';
            length = 0;
            found |= tells_of(line, about);
        }
    syscall(SYS_close, descriptor);
    return found;
}

/* After close(): what went with the descriptor is held no longer. */
void closed(Site site)
{
    if (doubtful.st_ino == 0)
        return;
    int error = errno;
    if (!is_locked_still(&doubtful))
        LOCKED({
            for (int i = self->held_count; i-- > 0;) {
                Sync *sync = &region->syncs[self->held[i].sync];
                if (sync->kind == SYNC_FILE_LOCK && sync->key[0] == file_key(WHOLE, &doubtful))
                    lets_go(sync, site);
            }
        });
    doubtful.st_ino = 0;
    errno = error;
}

/* Who asks for a lock of another kind than it has lets others in: those who read if it had one to
   write, and by flock(2) those who write before it has the new one. */
static void converts_range(int family, const struct stat *about, off_t start, off_t length)
{
    for (int i = 0; i < self->held_count; i++) {
        Sync *sync = &region->syncs[self->held[i].sync];
        if (sync->kind == SYNC_FILE_LOCK && sync->key[0] == file_key(family, about) &&
            overlaps(sync, start, length))
            join(self->held[i].mode == HELD_SHARED ? &sync->second : &sync->released, &self->clock);
    }
}

/* That a lock is taken tells what came before whoever has it wanted it. */
static Sync *wants_range(int family, const struct stat *about, off_t start, off_t length)
{
    Sync *sync = range(family, about, start, length);
    converts_range(family, about, start, length);
    join(&sync->touched, &self->clock);
    tick();
    return sync;
}

static void found_taken(int family, const struct stat *about, off_t start, off_t length)
{
    LOCKED({
        for (int i = 1; i < MAX_SYNCS; i++) {
            Sync *sync = &region->syncs[i];
            if (sync->used && sync->kind == SYNC_FILE_LOCK &&
                sync->key[0] == file_key(family, about) && overlaps(sync, start, length))
                join(&self->clock, &sync->touched);
        }
    });
}

/* A lock that nobody holds was let go by all who held it, alive or not. */
static void found_free(const struct stat *about)
{
    LOCKED({
        for (int i = 1; i < MAX_SYNCS; i++) {
            Sync *sync = &region->syncs[i];
            if (sync->used && sync->kind == SYNC_FILE_LOCK &&
                sync->key[0] == file_key(RECORD, about)) {
                acquire(sync);
                hear_of_dead_holders(sync);
                join(&self->clock, &sync->second);
            }
        }
        join(&self->clock, &region->exited);
    });
}

static void looked_at(const struct stat *about, const struct flock *found)
{
    if (found->l_type == F_UNLCK)
        found_free(about);
    else
        found_taken(RECORD, about, found->l_start, found->l_len);
}

/* --- fcntl --- */

static int is_lock(int command)
{
    return command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK ||
           command == F_OFD_SETLKW;
}

static off_t start_of(int descriptor, const struct flock *wanted, const struct stat *about)
{
    off_t start = wanted->l_start;
    if (wanted->l_whence == SEEK_END)
        start += about->st_size;
    else if (wanted->l_whence == SEEK_CUR)
        start += REAL(lseek)(descriptor, 0, SEEK_CUR);
    return wanted->l_len < 0 ? start + wanted->l_len : start;
}

static int control(int descriptor, int command, void *argument, Site site)
{
    struct stat about;
    struct flock *wanted = argument;
    if ((command == F_GETLK || command == F_OFD_GETLK) && ACTIVE) {
        int result = REAL(fcntl)(descriptor, command, argument);
        if (result == 0 && REAL(fstat)(descriptor, &about) == 0)
            looked_at(&about, wanted);
        return result;
    }
    if (!is_lock(command) || !ACTIVE || wanted == NULL || REAL(fstat)(descriptor, &about) == -1)
        return REAL(fcntl)(descriptor, command, argument);
    if (command == F_OFD_SETLK || command == F_OFD_SETLKW)
        has_open_file_locks = 1;
    point(CALL_fcntl, site, BEFORE);
    if (fault_at(CALL_fcntl, site))
        return -1;
    off_t start = start_of(descriptor, wanted, &about),
          length = wanted->l_len < 0 ? -wanted->l_len : wanted->l_len;
    int type = wanted->l_type,
        waits = (command == F_SETLKW || command == F_OFD_SETLKW) && type != F_UNLCK;
    Sync *sync = NULL;
    LOCKED({
        if (type == F_UNLCK) {
            unlock_range(RECORD, &about, start, length, site);
        } else {
            sync = wants_range(RECORD, &about, start, length);
            wants(sync, site);
        }
    });
    if (waits)
        begin_wait(CALL_fcntl, site, sync, 0);
    int result = REAL(fcntl)(descriptor, command, argument);
    int error = errno;
    if (waits)
        end_wait(CALL_fcntl, site, sync, result);
    if (result == 0 && type != F_UNLCK)
        LOCKED({ locked_range(RECORD, &about, start, length, type == F_RDLCK, site); });
    if (result == -1 && type != F_UNLCK)
        LOCKED({ failed_to_take(sync, site, error); });
    if (result == -1 && (error == EAGAIN || error == EACCES))
        found_taken(RECORD, &about, start, length);
    point(CALL_fcntl, site, AFTER);
    errno = error;
    return result;
}

EXPORT int fcntl(int descriptor, int command, ...)
{
    Site site = HERE();
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return control(descriptor, command, argument, site);
}

EXPORT int fcntl64(int descriptor, int command, ...)
{
    Site site = HERE();
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return control(descriptor, command, argument, site);
}

/* --- flock, lockf --- */

EXPORT int flock(int descriptor, int operation)
{
    Site site = HERE();
    struct stat about;
    if (!ACTIVE || REAL(fstat)(descriptor, &about) == -1)
        return REAL(flock)(descriptor, operation);
    point(CALL_flock, site, BEFORE);
    if (fault_at(CALL_flock, site))
        return -1;
    int unlocks = (operation & LOCK_UN) != 0;
    Sync *sync = NULL;
    LOCKED({
        if (unlocks) {
            unlock_range(WHOLE, &about, 0, 0, site);
        } else {
            sync = wants_range(WHOLE, &about, 0, 0);
            wants(sync, site);
        }
    });
    if (!unlocks)
        begin_wait(CALL_flock, site, sync, 0);
    int result = REAL(flock)(descriptor, operation);
    int error = errno;
    if (!unlocks)
        end_wait(CALL_flock, site, sync, result);
    if (result == 0 && !unlocks)
        LOCKED({ locked_range(WHOLE, &about, 0, 0, (operation & LOCK_SH) != 0, site); });
    if (result == -1 && !unlocks)
        LOCKED({ failed_to_take(sync, site, error); });
    if (result == -1 && error == EWOULDBLOCK)
        found_taken(WHOLE, &about, 0, 0);
    point(CALL_flock, site, AFTER);
    errno = error;
    return result;
}

EXPORT int lockf(int descriptor, int operation, off_t size)
{
    Site site = HERE();
    struct stat about;
    if (!ACTIVE || REAL(fstat)(descriptor, &about) == -1)
        return REAL(lockf)(descriptor, operation, size);
    point(CALL_lockf, site, BEFORE);
    if (fault_at(CALL_lockf, site))
        return -1;
    off_t start = REAL(lseek)(descriptor, 0, SEEK_CUR) + (size < 0 ? size : 0),
          length = size < 0 ? -size : size;
    Sync *sync = NULL;
    LOCKED({
        if (operation == F_ULOCK) {
            unlock_range(RECORD, &about, start, length, site);
        } else if (operation != F_TEST) {
            sync = wants_range(RECORD, &about, start, length);
        }
    });
    if (operation == F_LOCK)
        begin_wait(CALL_lockf, site, sync, 0);
    int result = REAL(lockf)(descriptor, operation, size);
    int error = errno;
    if (operation == F_LOCK)
        end_wait(CALL_lockf, site, sync, result);
    if (result == 0 && (operation == F_LOCK || operation == F_TLOCK))
        LOCKED({ locked_range(RECORD, &about, start, length, 0, site); });
    if (result == -1 && (operation == F_LOCK || operation == F_TLOCK))
        LOCKED({ failed_to_take(sync, site, error); });
    if (result == 0 && operation == F_TEST)
        found_free(&about);
    if (result == -1 && (error == EAGAIN || error == EACCES))
        found_taken(RECORD, &about, start, length);
    point(CALL_lockf, site, AFTER);
    errno = error;
    return result;
}

extern __typeof__(lockf) lockf64 __attribute__((alias("lockf"), visibility("default")));
