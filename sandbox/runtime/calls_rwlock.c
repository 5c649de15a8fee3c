/* calls_rwlock.c - rwlocks, barriers, spin locks, once */
#include "pthread_objects.h"

#define RWLOCK(at) pthread_object(SYNC_RWLOCK, at, "rwlock")
#define BARRIER(at) pthread_object(SYNC_BARRIER, at, "barrier")

/* --- rwlocks: writers hear of readers, readers of writers only --- */

static void got_rwlock(Sync *sync, int result, int shared, Site site)
{
    LOCKED({
        if (result == 0) {
            acquire(sync);
            if (!shared)
                join(&self->clock, &sync->second);
            holds(sync, site, shared ? HELD_SHARED : HELD_LOCK);
        } else {
            failed_to_take(sync, site, result);
        }
    });
}

static int take_rwlock(int call, pthread_rwlock_t *at, int (*real)(pthread_rwlock_t *), int waits,
                       Site site)
{
    Sync *sync = NULL;
    int shared = call == CALL_pthread_rwlock_rdlock;
    point(call, site, BEFORE);
    LOCKED({
        sync = RWLOCK(at);
        if (waits)
            wants(sync, site);
    });
    if (waits)
        begin_wait(call, site, sync, 0);
    int result = real(at);
    if (waits)
        end_wait(call, site, sync, result);
    got_rwlock(sync, result, shared, site);
    point(call, site, AFTER);
    return result;
}

#define TIMED_RWLOCK(call, real)                                                                   \
    Site site = HERE();                                                                            \
    Sync *sync = NULL;                                                                             \
    point(call, site, BEFORE);                                                                     \
    if (times_out_at(call, site, limit))                                                           \
        return ETIMEDOUT;                                                                          \
    LOCKED({ sync = RWLOCK(at); });                                                                \
    begin_wait(call, site, sync, 0);                                                               \
    int result = real;                                                                             \
    end_wait(call, site, sync, result);                                                            \
    got_rwlock(sync, result, (call) == CALL_pthread_rwlock_rdlock, site);                          \
    return result

EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *at, const struct timespec *limit)
{
    TIMED_RWLOCK(CALL_pthread_rwlock_rdlock, REAL(pthread_rwlock_timedrdlock)(at, limit));
}

EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *at, const struct timespec *limit)
{
    TIMED_RWLOCK(CALL_pthread_rwlock_wrlock, REAL(pthread_rwlock_timedwrlock)(at, limit));
}

EXPORT int pthread_rwlock_clockrdlock(pthread_rwlock_t *at, clockid_t clock,
                                      const struct timespec *limit)
{
    TIMED_RWLOCK(CALL_pthread_rwlock_rdlock, REAL(pthread_rwlock_clockrdlock)(at, clock, limit));
}

EXPORT int pthread_rwlock_clockwrlock(pthread_rwlock_t *at, clockid_t clock,
                                      const struct timespec *limit)
{
    TIMED_RWLOCK(CALL_pthread_rwlock_wrlock, REAL(pthread_rwlock_clockwrlock)(at, clock, limit));
}

EXPORT int pthread_rwlock_rdlock(pthread_rwlock_t *at)
{
    return take_rwlock(CALL_pthread_rwlock_rdlock, at, REAL(pthread_rwlock_rdlock), 1, HERE());
}

EXPORT int pthread_rwlock_wrlock(pthread_rwlock_t *at)
{
    return take_rwlock(CALL_pthread_rwlock_wrlock, at, REAL(pthread_rwlock_wrlock), 1, HERE());
}

EXPORT int pthread_rwlock_tryrdlock(pthread_rwlock_t *at)
{
    return take_rwlock(CALL_pthread_rwlock_rdlock, at, REAL(pthread_rwlock_tryrdlock), 0, HERE());
}

EXPORT int pthread_rwlock_trywrlock(pthread_rwlock_t *at)
{
    return take_rwlock(CALL_pthread_rwlock_wrlock, at, REAL(pthread_rwlock_trywrlock), 0, HERE());
}

EXPORT int pthread_rwlock_unlock(pthread_rwlock_t *at)
{
    Site site = HERE();
    point(CALL_pthread_rwlock_unlock, site, BEFORE);
    LOCKED({
        Sync *sync = RWLOCK(at);
        if (lets_go(sync, site) == HELD_SHARED) {
            join(&sync->second, &self->clock);
            tick();
        } else {
            release(sync);
        }
        happened(CALL_pthread_rwlock_unlock, site, sync, 0, -1);
    });
    int result = REAL(pthread_rwlock_unlock)(at);
    point(CALL_pthread_rwlock_unlock, site, AFTER);
    return result;
}

/* --- barriers --- */

EXPORT int pthread_barrier_init(pthread_barrier_t *at, const pthread_barrierattr_t *attributes,
                                unsigned count)
{
    Site site = HERE();
    int shared = 0;
    if (attributes != NULL)
        pthread_barrierattr_getpshared(attributes, &shared);
    Sync *sync = NULL;
    LOCKED({ sync = BARRIER(at); });
    if (sync != NULL)
        initialised(sync, at, shared, CALL_pthread_barrier_init, site);
    return REAL(pthread_barrier_init)(at, attributes, count);
}

EXPORT int pthread_barrier_wait(pthread_barrier_t *at)
{
    Site site = HERE();
    Sync *sync = NULL;
    point(CALL_pthread_barrier_wait, site, BEFORE);
    LOCKED({
        sync = BARRIER(at);
        used_by_process(sync, "barrier");
        release(sync);
    });
    begin_wait(CALL_pthread_barrier_wait, site, sync, 0);
    int result = REAL(pthread_barrier_wait)(at);
    end_wait(CALL_pthread_barrier_wait, site, sync, result > 0 ? -1 : 0);
    LOCKED({ acquire(sync); });
    point(CALL_pthread_barrier_wait, site, AFTER);
    return result;
}

/* --- spin locks --- */

static Sync *spin(pthread_spinlock_t *at)
{
    return pthread_object(SYNC_MUTEX, (const void *)at, "spin lock");
}

static int spun(pthread_spinlock_t *at, int result, Site site)
{
    if (result == 0)
        LOCKED({
            Sync *sync = spin(at);
            acquire(sync);
            holds(sync, site, HELD_LOCK);
        });
    return result;
}

EXPORT int pthread_spin_lock(pthread_spinlock_t *at)
{
    Site site = HERE();
    point(CALL_pthread_spin_lock, site, BEFORE);
    return spun(at, REAL(pthread_spin_lock)(at), site);
}

EXPORT int pthread_spin_trylock(pthread_spinlock_t *at)
{
    Site site = HERE();
    point(CALL_pthread_spin_lock, site, BEFORE);
    return spun(at, REAL(pthread_spin_trylock)(at), site);
}

EXPORT int pthread_spin_unlock(pthread_spinlock_t *at)
{
    Site site = HERE();
    point(CALL_pthread_spin_unlock, site, BEFORE);
    LOCKED({
        Sync *sync = spin(at);
        release(sync);
        lets_go(sync, site);
    });
    int result = REAL(pthread_spin_unlock)(at);
    point(CALL_pthread_spin_unlock, site, AFTER);
    return result;
}

/* --- once: whoever finds it done comes after whoever did it --- */

static Sync *once(const pthread_once_t *at)
{
    return pthread_object(SYNC_MUTEX, at, "pthread_once()");
}

static __thread void (*initialiser)(void);
static __thread const pthread_once_t *initialised_once;

CALLS_STUDENT static void initialise_once(void)
{
    const pthread_once_t *at = initialised_once;
    initialiser();
    LOCKED({ release(once(at)); });
}

EXPORT int pthread_once(pthread_once_t *at, void (*function)(void))
{
    void (*outer)(void) = initialiser;
    const pthread_once_t *outer_once = initialised_once;
    initialiser = function;
    initialised_once = at;
    int result = REAL(pthread_once)(at, initialise_once);
    initialiser = outer;
    initialised_once = outer_once;
    LOCKED({ acquire(once(at)); });
    return result;
}
