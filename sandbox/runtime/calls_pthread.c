/* calls_pthread.c - what all objects of pthread.h have in common, mutexes, condition variables */
#include "pthread_objects.h"
#include <unistd.h>

Sync *pthread_object(int kind, const void *at, const char *what)
{
    uint64_t key[2];
    key_of_address(at, key);
    Sync *sync = sync_at(kind, key[0], key[1]);
    if (sync->name[0] == '\0') {
        if (is_shared(at))
            name_sync(sync, "%s at byte %D of %s", what, (long long)key[1],
                      region->segments[key[0]].name);
        else
            name_sync(sync, "%s in private memory", what);
    }
    return sync;
}

#define MUTEX(at) pthread_object(SYNC_MUTEX, at, "mutex")
#define CONDITION(at) pthread_object(SYNC_CONDITION, at, "condition variable")

/* One for the threads of a process is told of when another process comes to it. */
static void tell_not_shared(Sync *sync, const char *what, Site site)
{
    Report *told = report(REPORT_MUTEX_NOT_SHARED, site, site);
    if (told == NULL)
        return;
    told->sync = index_of(sync);
    told->first = access_now(0, site);
    copy_text(told->text, sizeof told->text, what);
    publish(told);
}

void used_by_process(Sync *sync, const char *what)
{
    if (sync->private_to != 0 && sync->private_to != getpid())
        tell_not_shared(sync, what, sync->made);
}

void initialised(Sync *sync, const void *at, int shared, int call, Site site)
{
    LOCKED({
        sync->made = site;
        sync->private_to = !shared && is_shared(at) ? getpid() : 0;
        happened(call, site, sync, 0, -1);
    });
}

/* --- mutexes --- */

EXPORT int pthread_mutex_init(pthread_mutex_t *at, const pthread_mutexattr_t *attributes)
{
    Site site = HERE();
    int shared = 0;
    if (attributes != NULL)
        pthread_mutexattr_getpshared(attributes, &shared);
    Sync *sync = NULL;
    LOCKED({ sync = MUTEX(at); });
    if (sync != NULL)
        initialised(sync, at, shared, CALL_pthread_mutex_init, site);
    return REAL(pthread_mutex_init)(at, attributes);
}

/* One that was given PTHREAD_MUTEX_INITIALIZER, or nothing at all, is told of when a second process
   comes to it. */
static void used_by(Sync *sync, const pthread_mutex_t *at, Site site)
{
    enum { PSHARED_BIT = 128 }; /* Of glibc's __kind; pthread_mutexattr_setpshared() sets it */
    uint32_t pid = (uint32_t)getpid();
    used_by_process(sync, "mutex");
    if (sync->private_to != 0)
        return;
    if (!is_shared(at) || (at->__data.__kind & PSHARED_BIT))
        return;
    if (sync->set_at == 0)
        sync->set_at = pid;
    else if (sync->set_at != pid)
        tell_not_shared(sync, "mutex", site);
}

static void locked(pthread_mutex_t *at, int result, Site site)
{
    LOCKED({
        Sync *sync = MUTEX(at);
        if (result == EOWNERDEAD)
            hear_of_dead_owner(sync);
        if (result == 0 || result == EOWNERDEAD) {
            acquire(sync);
            holds(sync, site, HELD_LOCK);
        } else {
            failed_to_take(sync, site, result);
        }
    });
}

EXPORT int pthread_mutex_lock(pthread_mutex_t *at)
{
    Site site = HERE();
    unsafe("pthread_mutex_lock", site);
    point(CALL_pthread_mutex_lock, site, BEFORE);
    Sync *sync = NULL;
    LOCKED({
        sync = MUTEX(at);
        wants(sync, site);
        used_by(sync, at, site);
    });
    begin_wait(CALL_pthread_mutex_lock, site, sync, 0);
    int result = REAL(pthread_mutex_lock)(at);
    end_wait(CALL_pthread_mutex_lock, site, sync, result);
    locked(at, result, site);
    point(CALL_pthread_mutex_lock, site, AFTER);
    return result;
}

EXPORT int pthread_mutex_trylock(pthread_mutex_t *at)
{
    Site site = HERE();
    point(CALL_pthread_mutex_trylock, site, BEFORE);
    int result = REAL(pthread_mutex_trylock)(at);
    locked(at, result, site);
    point(CALL_pthread_mutex_trylock, site, AFTER);
    return result;
}

EXPORT int pthread_mutex_timedlock(pthread_mutex_t *at, const struct timespec *limit)
{
    Site site = HERE();
    Sync *sync = NULL;
    point(CALL_pthread_mutex_lock, site, BEFORE);
    if (times_out_at(CALL_pthread_mutex_lock, site, limit))
        return ETIMEDOUT;
    LOCKED({ sync = MUTEX(at); });
    begin_wait(CALL_pthread_mutex_lock, site, sync, 0);
    int result = REAL(pthread_mutex_timedlock)(at, limit);
    end_wait(CALL_pthread_mutex_lock, site, sync, result);
    locked(at, result, site);
    return result;
}

EXPORT int pthread_mutex_clocklock(pthread_mutex_t *at, clockid_t clock,
                                   const struct timespec *limit)
{
    Site site = HERE();
    Sync *sync = NULL;
    point(CALL_pthread_mutex_lock, site, BEFORE);
    if (times_out_at(CALL_pthread_mutex_lock, site, limit))
        return ETIMEDOUT;
    LOCKED({ sync = MUTEX(at); });
    begin_wait(CALL_pthread_mutex_lock, site, sync, 0);
    int result = REAL(pthread_mutex_clocklock)(at, clock, limit);
    end_wait(CALL_pthread_mutex_lock, site, sync, result);
    locked(at, result, site);
    return result;
}

/* Who unlocks what nobody has, after a lock that timed out, has kept nobody out before. */
static int is_locked(const pthread_mutex_t *at)
{
    return __atomic_load_n(&at->__data.__lock, __ATOMIC_RELAXED) != 0;
}

EXPORT int pthread_mutex_unlock(pthread_mutex_t *at)
{
    Site site = HERE();
    point(CALL_pthread_mutex_unlock, site, BEFORE);
    LOCKED({
        Sync *sync = MUTEX(at);
        if (is_locked(at))
            release(sync);
        lets_go(sync, site);
        happened(CALL_pthread_mutex_unlock, site, sync, 0, -1);
    });
    int result = REAL(pthread_mutex_unlock)(at);
    point(CALL_pthread_mutex_unlock, site, AFTER);
    return result;
}

/* --- condition variables --- */

EXPORT int pthread_cond_init(pthread_cond_t *at, const pthread_condattr_t *attributes)
{
    Site site = HERE();
    int shared = 0;
    if (attributes != NULL)
        pthread_condattr_getpshared(attributes, &shared);
    Sync *sync = NULL;
    LOCKED({ sync = CONDITION(at); });
    if (sync != NULL)
        initialised(sync, at, shared, CALL_pthread_cond_init, site);
    return REAL(pthread_cond_init)(at, attributes);
}

static Sync *before_wait(pthread_cond_t *at, pthread_mutex_t *mutex, Site site)
{
    Sync *condition = NULL;
    point(CALL_pthread_cond_wait, site, BEFORE);
    LOCKED({
        Sync *sync = MUTEX(mutex);
        release(sync);
        lets_go(sync, site);
        condition = CONDITION(at);
        used_by_process(condition, "condition variable");
    });
    begin_wait(CALL_pthread_cond_wait, site, condition, 0);
    return condition;
}

static void after_wait(Sync *condition, pthread_mutex_t *mutex, int result, Site site)
{
    end_wait(CALL_pthread_cond_wait, site, condition, result);
    if (result == 0 && held_without(CALL_pthread_cond_wait, site) &&
        REAL(pthread_mutex_unlock)(mutex) == 0) {
        be_held(site);
        REAL(pthread_mutex_lock)(mutex);
    }
    LOCKED({
        Sync *sync = MUTEX(mutex);
        if (result == EOWNERDEAD)
            hear_of_dead_owner(sync);
        acquire(sync);
        holds(sync, site, HELD_LOCK);
        acquire(condition);
    });
}

/* Who is cancelled there has got the mutex again when its cleanup handlers run. */
typedef struct {
    Sync *condition;
    pthread_mutex_t *mutex;
    Site site;
} Waited;

static void wait_was_cancelled(void *given)
{
    const Waited *waited = given;
    after_wait(waited->condition, waited->mutex, ECANCELED, waited->site);
}

#define WAIT(at, mutex, real)                                                                      \
    Waited waited = {NULL, mutex, HERE()};                                                         \
    int result;                                                                                    \
    waited.condition = before_wait(at, mutex, waited.site);                                        \
    pthread_cleanup_push(wait_was_cancelled, &waited);                                             \
    result = real;                                                                                 \
    pthread_cleanup_pop(0);                                                                        \
    after_wait(waited.condition, mutex, result, waited.site);                                      \
    return result

EXPORT int pthread_cond_wait(pthread_cond_t *at, pthread_mutex_t *mutex)
{
    WAIT(at, mutex, REAL(pthread_cond_wait)(at, mutex));
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *at, pthread_mutex_t *mutex,
                                  const struct timespec *limit)
{
    if (times_out_at(CALL_pthread_cond_wait, HERE(), limit))
        return ETIMEDOUT;
    WAIT(at, mutex, REAL(pthread_cond_timedwait)(at, mutex, limit));
}

EXPORT int pthread_cond_clockwait(pthread_cond_t *at, pthread_mutex_t *mutex, clockid_t clock,
                                  const struct timespec *limit)
{
    if (times_out_at(CALL_pthread_cond_wait, HERE(), limit))
        return ETIMEDOUT;
    WAIT(at, mutex, REAL(pthread_cond_clockwait)(at, mutex, clock, limit));
}

static void signalled(int call, pthread_cond_t *at, Site site)
{
    unsafe(call == CALL_pthread_cond_signal ? "pthread_cond_signal" : "pthread_cond_broadcast",
           site);
    point(call, site, BEFORE);
    LOCKED({
        Sync *sync = CONDITION(at);
        used_by_process(sync, "condition variable");
        release(sync);
        happened(call, site, sync, 0, -1);
    });
}

EXPORT int pthread_cond_signal(pthread_cond_t *at)
{
    Site site = HERE();
    signalled(CALL_pthread_cond_signal, at, site);
    int result = REAL(pthread_cond_signal)(at);
    point(CALL_pthread_cond_signal, site, AFTER);
    return result;
}

EXPORT int pthread_cond_broadcast(pthread_cond_t *at)
{
    Site site = HERE();
    signalled(CALL_pthread_cond_broadcast, at, site);
    int result = REAL(pthread_cond_broadcast)(at);
    point(CALL_pthread_cond_broadcast, site, AFTER);
    return result;
}

/* Waits until nobody is counted as waiting any more: for ever, where a waiter was killed. */
EXPORT int pthread_cond_destroy(pthread_cond_t *at)
{
    Site site = HERE();
    Sync *sync = NULL;
    point(CALL_pthread_cond_destroy, site, BEFORE);
    LOCKED({ sync = CONDITION(at); });
    begin_wait(CALL_pthread_cond_destroy, site, sync, 0);
    int result = REAL(pthread_cond_destroy)(at);
    end_wait(CALL_pthread_cond_destroy, site, sync, result > 0 ? -1 : 0);
    return result;
}
