/* calls_semaphore.c - POSIX semaphores, named and unnamed */
#include "descriptors.h"
#include <fcntl.h>
#include <semaphore.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where this process has named semaphores, and how often each is open: at the same address. */
enum { MAX_NAMED = 256 };
static struct {
    sem_t *at;
    unsigned times;
    uint64_t device, inode;
    char name[NAME_SIZE];
} named[MAX_NAMED];

static Sync *semaphore(sem_t *at)
{
    for (int i = 0; i < MAX_NAMED; i++)
        if (named[i].at == at) {
            Sync *sync =
                sync_at(SYNC_POSIX_SEMAPHORE, (uint64_t)1 << 60 | named[i].device, named[i].inode);
            name_sync(sync, "semaphore %s", named[i].name);
            return sync;
        }
    uint64_t key[2];
    key_of_address(at, key);
    Sync *sync = sync_at(SYNC_POSIX_SEMAPHORE, key[0], key[1]);
    if (is_shared(at))
        name_sync(sync, "semaphore at byte %D of %s", (long long)key[1],
                  region->segments[key[0]].name);
    else
        name_sync(sync, "semaphore in private memory");
    return sync;
}

static void remember(sem_t *at, const struct stat *about, const char *name)
{
    int place = -1;
    for (int i = MAX_NAMED - 1; i >= 0; i--)
        if (named[i].at == NULL)
            place = i;
    for (int i = 0; i < MAX_NAMED; i++)
        if (named[i].at == at) {
            named[i].times++;
            return;
        }
    if (place < 0) { /* Nothing is known of what it orders */
        region->lost |= LOST_SEGMENTS;
        return;
    }
    named[place].at = at;
    named[place].times = 1;
    named[place].device = about->st_dev;
    named[place].inode = about->st_ino;
    copy_text(named[place].name, NAME_SIZE, name);
}

static void path_of(char *path, size_t size, const char *name)
{
    text(path, size, "/dev/shm/sem.%s", name[0] == '/' ? name + 1 : name);
}

EXPORT sem_t *sem_open(const char *name, int flags, ...)
{
    Site site = HERE();
    mode_t mode = 0;
    unsigned value = 0;
    if (flags & O_CREAT) {
        va_list list;
        va_start(list, flags);
        mode = va_arg(list, mode_t);
        value = va_arg(list, unsigned);
        va_end(list);
    }
    point(CALL_sem_open, site, BEFORE);
    if (fault_at(CALL_sem_open, site))
        return SEM_FAILED;
    char path[256];
    struct stat about = {0};
    path_of(path, sizeof path, name);
    if (flags & O_CREAT)
        path_changed(path);
    /* Who makes it gives it its units, in one step: another may take one at once. */
    int fresh = 0;
    sem_t *at = SEM_FAILED;
    int error = 0;
    LOCKED({
        if (flags & O_CREAT) {
            at = REAL(sem_open)(name, flags | O_EXCL, mode, value);
            error = errno;
            fresh = at != SEM_FAILED && REAL(stat)(path, &about) == 0;
        }
        if (fresh) {
            remember(at, &about, name);
            Sync *sync = semaphore(at);
            set_value(sync, (int)value, site);
            sync->made = site;
            join(&sync->second, &self->clock);
            tick();
            made(ORIGIN_POSIX_SEM, CALL_sem_open, site, (int64_t)about.st_ino, about.st_dev, name);
        }
    });
    if (at == SEM_FAILED && !((flags & O_EXCL) && error == EEXIST)) {
        at = REAL(sem_open)(name, flags, mode, value);
        error = errno;
    }
    /* Of one that is found its units tell more exactly what was done before. */
    if ((at == SEM_FAILED || (flags & O_EXCL)) && tells_of_name(flags, at != SEM_FAILED, error))
        path_met(path);
    if (at != SEM_FAILED && ACTIVE && (fresh || REAL(stat)(path, &about) == 0)) {
        if (!fresh)
            remember(at, &about, name);
        LOCKED({
            if (!(flags & O_CREAT)) /* It was there: after it was made */
                join(&self->clock, &semaphore(at)->second);
            happened(CALL_sem_open, site, semaphore(at), (int)value, -1);
        });
    }
    point(CALL_sem_open, site, AFTER);
    errno = error;
    return at;
}

EXPORT int sem_close(sem_t *at)
{
    for (int i = 0; i < MAX_NAMED; i++)
        if (named[i].at == at && --named[i].times == 0)
            named[i].at = NULL;
    return REAL(sem_close)(at);
}

EXPORT int sem_unlink(const char *name)
{
    Site site = HERE();
    point(CALL_sem_unlink, site, BEFORE);
    char path[256];
    path_of(path, sizeof path, name);
    path_changed(path);
    int result = looked_up(path, REAL(sem_unlink)(name));
    if (result == 0)
        LOCKED({
            unmade(ORIGIN_POSIX_SEM, 0, name);
            happened(CALL_sem_unlink, site, NULL, 0, -1);
        });
    return result;
}

static void tell_memory(int kind, Sync *sync, Site site)
{
    /* What is not known as shared may be. */
    if (kind == REPORT_SEM_PRIVATE && (region->lost & LOST_SEGMENTS))
        return;
    Report *told = report(kind, site, site);
    if (told == NULL)
        return;
    told->sync = index_of(sync);
    told->first = access_now(0, site);
    publish(told);
}

/* Of those for processes that lie in private memory: told of when another process comes to one. */
enum { MAX_PRIVATE = 16 };
static struct {
    const sem_t *at;
    pid_t pid;
    Site site;
} private[MAX_PRIVATE];

static void remember_private(const sem_t *at, Site site)
{
    int place = 0;
    while (place < MAX_PRIVATE - 1 && private[place].at != NULL && private[place].at != at)
        place++;
    private[place].at = at;
    private[place].pid = getpid();
    private[place].site = site;
}

static void used_by(const sem_t *at, Sync *sync)
{
    if (sync->private_to != 0 && sync->private_to != getpid())
        tell_memory(REPORT_SEM_NOT_SHARED, sync, sync->made);
    for (int i = 0; i < MAX_PRIVATE && private[i].at != NULL; i++)
        if (private[i].at == at && private[i].pid != getpid())
            tell_memory(REPORT_SEM_PRIVATE, sync, private[i].site);
}

EXPORT int sem_init(sem_t *at, int shared, unsigned value)
{
    Site site = HERE();
    point(CALL_sem_init, site, BEFORE);
    int result = REAL(sem_init)(at, shared, value);
    if (result == 0)
        LOCKED({
            Sync *sync = semaphore(at);
            set_value(sync, (int)value, site);
            sync->made = site;
            tick();
            if (shared && !is_shared(at))
                remember_private(at, site);
            sync->private_to = !shared && is_shared(at) ? getpid() : 0;
            happened(CALL_sem_init, site, sync, (int)value, -1);
        });
    point(CALL_sem_init, site, AFTER);
    return result;
}

EXPORT int sem_post(sem_t *at)
{
    Site site = HERE();
    point(CALL_sem_post, site, BEFORE);
    LOCKED({
        Sync *sync = semaphore(at);
        used_by(at, sync);
        give(sync, 1);
        tick();
        lets_go(sync, site);
        happened(CALL_sem_post, site, sync, 1, -1);
    });
    int result = REAL(sem_post)(at);
    point(CALL_sem_post, site, AFTER);
    return result;
}

/* How few there are tells who has taken one. */
static Sync *takes(sem_t *at)
{
    Sync *sync = semaphore(at);
    join(&sync->touched, &self->clock);
    tick();
    return sync;
}

static void got(sem_t *at, int result, Site site)
{
    int error = errno;
    LOCKED({
        Sync *sync = semaphore(at);
        if (result == 0) {
            hear_of_scenario(BY_OBJECT);
            take(sync, 1);
            holds(sync, site, HELD_LOCK);
        } else {
            failed_to_take(sync, site, error);
        }
    });
    errno = error;
}

EXPORT int sem_wait(sem_t *at)
{
    Site site = HERE();
    point(CALL_sem_wait, site, BEFORE);
    if (fault_at(CALL_sem_wait, site))
        return -1;
    Sync *sync = NULL;
    LOCKED({
        sync = takes(at);
        used_by(at, sync);
        wants(sync, site);
    });
    begin_wait(CALL_sem_wait, site, sync, 0);
    int result = REAL(sem_wait)(at);
    end_wait(CALL_sem_wait, site, sync, result);
    got(at, result, site);
    point(CALL_sem_wait, site, AFTER);
    return result;
}

EXPORT int sem_trywait(sem_t *at)
{
    Site site = HERE();
    point(CALL_sem_trywait, site, BEFORE);
    LOCKED({ takes(at); });
    int result = REAL(sem_trywait)(at);
    got(at, result, site);
    point(CALL_sem_trywait, site, AFTER);
    return result;
}

EXPORT int sem_timedwait(sem_t *at, const struct timespec *limit)
{
    Site site = HERE();
    point(CALL_sem_timedwait, site, BEFORE);
    if (fault_at(CALL_sem_timedwait, site))
        return -1;
    if (times_out_at(CALL_sem_timedwait, site, limit)) {
        errno = ETIMEDOUT;
        return -1;
    }
    Sync *sync = NULL;
    LOCKED({ sync = takes(at); });
    begin_wait(CALL_sem_timedwait, site, sync, 0);
    int result = REAL(sem_timedwait)(at, limit);
    end_wait(CALL_sem_timedwait, site, sync, result);
    got(at, result, site);
    point(CALL_sem_timedwait, site, AFTER);
    return result;
}

EXPORT int sem_clockwait(sem_t *at, clockid_t clock, const struct timespec *limit)
{
    Site site = HERE();
    point(CALL_sem_timedwait, site, BEFORE);
    if (fault_at(CALL_sem_timedwait, site))
        return -1;
    if (times_out_at(CALL_sem_timedwait, site, limit)) {
        errno = ETIMEDOUT;
        return -1;
    }
    Sync *sync = NULL;
    LOCKED({ sync = takes(at); });
    begin_wait(CALL_sem_timedwait, site, sync, 0);
    int result = REAL(sem_clockwait)(at, clock, limit);
    end_wait(CALL_sem_timedwait, site, sync, result);
    got(at, result, site);
    point(CALL_sem_timedwait, site, AFTER);
    return result;
}

EXPORT int sem_getvalue(sem_t *at, int *value)
{
    int result = REAL(sem_getvalue)(at, value);
    touch(value, sizeof *value, ACCESS_WRITE, HERE());
    LOCKED({
        acquire(semaphore(at));
        join(&self->clock, &semaphore(at)->touched);
    });
    return result;
}
