/* calls_wait.c - waiting for several descriptors, or for time to pass */
#include "descriptors.h"
#include <poll.h>
#include <sys/epoll.h>
#include <time.h>

/* --- waiting for several --- */

static void ready(int result)
{
    if (result < 0 && errno != EINTR)
        return;
    LOCKED({
        join(&self->clock, &self->signalled);
        hear_of_scenario(BY_SIGNAL);
    });
}

/* That it can be read, or written to, tells of whoever has made it so. */
static void is_ready(int descriptor, int events)
{
    acquire_descriptor(descriptor, (events & (POLLHUP | POLLRDHUP | POLLERR)) != 0);
    if (events & POLLOUT) {
        Sync *sync = known_sync(descriptor);
        if (sync != NULL)
            found_room(sync);
    }
}

static void polled(const struct pollfd *watched, nfds_t count, int result)
{
    for (nfds_t i = 0; i < count && result > 0; i++)
        if (watched[i].revents != 0)
            is_ready(watched[i].fd, watched[i].revents);
}

static void selected(int count, const fd_set *reading, const fd_set *writing, int result)
{
    for (int i = 0; i < count && result > 0; i++) {
        int reads = reading != NULL && FD_ISSET(i, reading),
            writes = writing != NULL && FD_ISSET(i, writing);
        struct pollfd one = {i, POLLIN, 0};
        if ((reads || writes) && REAL(poll)(&one, 1, 0) >= 0)
            is_ready(i, one.revents | (writes ? POLLOUT : 0));
    }
}

/* What an epoll set watches is asked again, since its events need not name descriptors. */
enum { WATCHED = 64 };
static struct {
    int set, descriptor;
} epolled[WATCHED];

EXPORT int epoll_ctl(int set, int operation, int descriptor, struct epoll_event *event)
{
    release_descriptor(set); /* Another process may wait for it */
    int result = REAL(epoll_ctl)(set, operation, descriptor, event);
    int place = 0;
    while (place < WATCHED - 1 && epolled[place].set != 0 &&
           (epolled[place].set != set || epolled[place].descriptor != descriptor))
        place++;
    if (result == 0) {
        epolled[place].set = operation == EPOLL_CTL_DEL ? -1 : set;
        epolled[place].descriptor = descriptor;
    }
    return result;
}

static void epoll_told(int set, int result)
{
    Sync *sync = result > 0 ? known_sync(set) : NULL;
    if (sync != NULL)
        LOCKED({ acquire(sync); });
    for (int i = 0; i < WATCHED && result > 0; i++) {
        struct pollfd one = {epolled[i].descriptor, POLLIN | POLLOUT | POLLRDHUP, 0};
        if (epolled[i].set == set && REAL(poll)(&one, 1, 0) > 0)
            is_ready(one.fd, one.revents);
    }
}

#define EPOLL_WAIT(set, real)                                                                      \
    Site site = HERE();                                                                            \
    point(CALL_epoll_wait, site, BEFORE);                                                          \
    begin_wait(CALL_epoll_wait, site, NULL, 0);                                                    \
    int result = real;                                                                             \
    end_wait(CALL_epoll_wait, site, NULL, result);                                                 \
    ready(result);                                                                                 \
    epoll_told(set, result);                                                                       \
    return result

EXPORT int epoll_pwait(int set, struct epoll_event *events, int count, int milliseconds,
                       const sigset_t *mask)
{
    EPOLL_WAIT(set, REAL(epoll_pwait)(set, events, count, milliseconds, mask));
}

#if __GLIBC_PREREQ(2, 35)
EXPORT int epoll_pwait2(int set, struct epoll_event *events, int count,
                        const struct timespec *limit, const sigset_t *mask)
{
    EPOLL_WAIT(set, REAL(epoll_pwait2)(set, events, count, limit, mask));
}
#endif

static int64_t of_timeval(const struct timeval *limit)
{
    return (int64_t)limit->tv_sec * 1000000000 + (int64_t)limit->tv_usec * 1000;
}

EXPORT int poll(struct pollfd *watched, nfds_t count, int milliseconds)
{
    Site site = HERE();
    point(CALL_poll, site, BEFORE);
    if (fault_at(CALL_poll, site))
        return -1;
    if (count == 0 && milliseconds >= 0 && cut_sleep((int64_t)milliseconds * 1000000))
        return 0;
    begin_wait(CALL_poll, site, NULL, 0);
    int result = REAL(poll)(watched, count, milliseconds);
    end_wait(CALL_poll, site, NULL, result);
    ready(result);
    polled(watched, count, result);
    point(CALL_poll, site, AFTER);
    return result;
}

EXPORT int ppoll(struct pollfd *watched, nfds_t count, const struct timespec *limit,
                 const sigset_t *mask)
{
    Site site = HERE();
    point(CALL_poll, site, BEFORE);
    if (fault_at(CALL_poll, site))
        return -1;
    begin_wait(CALL_poll, site, NULL, 0);
    int result = REAL(ppoll)(watched, count, limit, mask);
    end_wait(CALL_poll, site, NULL, result);
    ready(result);
    polled(watched, count, result);
    point(CALL_poll, site, AFTER);
    return result;
}

EXPORT int select(int count, fd_set *reading, fd_set *writing, fd_set *failing,
                  struct timeval *limit)
{
    Site site = HERE();
    point(CALL_select, site, BEFORE);
    if (fault_at(CALL_select, site))
        return -1;
    if (count == 0 && limit != NULL && cut_sleep(of_timeval(limit)))
        return 0;
    begin_wait(CALL_select, site, NULL, 0);
    int result = REAL(select)(count, reading, writing, failing, limit);
    end_wait(CALL_select, site, NULL, result);
    ready(result);
    selected(count, reading, writing, result);
    point(CALL_select, site, AFTER);
    return result;
}

EXPORT int pselect(int count, fd_set *reading, fd_set *writing, fd_set *failing,
                   const struct timespec *limit, const sigset_t *mask)
{
    Site site = HERE();
    point(CALL_select, site, BEFORE);
    if (fault_at(CALL_select, site))
        return -1;
    begin_wait(CALL_select, site, NULL, 0);
    int result = REAL(pselect)(count, reading, writing, failing, limit, mask);
    end_wait(CALL_select, site, NULL, result);
    ready(result);
    selected(count, reading, writing, result);
    point(CALL_select, site, AFTER);
    return result;
}

EXPORT int epoll_wait(int set, struct epoll_event *events, int count, int milliseconds)
{
    Site site = HERE();
    point(CALL_epoll_wait, site, BEFORE);
    if (fault_at(CALL_epoll_wait, site))
        return -1;
    begin_wait(CALL_epoll_wait, site, NULL, 0);
    int result = REAL(epoll_wait)(set, events, count, milliseconds);
    end_wait(CALL_epoll_wait, site, NULL, result);
    ready(result);
    epoll_told(set, result);
    point(CALL_epoll_wait, site, AFTER);
    return result;
}

/* --- sleeping
 * --------------------------------------------------------------------------------------------------
 */

static int64_t of_timespec(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

EXPORT unsigned sleep(unsigned seconds)
{
    Site site = HERE();
    point(CALL_sleep, site, BEFORE);
    if (cut_sleep((int64_t)seconds * 1000000000))
        return 0;
    begin_wait(CALL_sleep, site, NULL, 0);
    unsigned left = REAL(sleep)(seconds);
    end_wait(CALL_sleep, site, NULL, 0);
    return left;
}

EXPORT int usleep(useconds_t microseconds)
{
    Site site = HERE();
    point(CALL_sleep, site, BEFORE);
    if (cut_sleep((int64_t)microseconds * 1000))
        return 0;
    begin_wait(CALL_sleep, site, NULL, 0);
    int result = REAL(usleep)(microseconds);
    end_wait(CALL_sleep, site, NULL, result);
    return result;
}

EXPORT int nanosleep(const struct timespec *time, struct timespec *left)
{
    Site site = HERE();
    point(CALL_sleep, site, BEFORE);
    if (cut_sleep(of_timespec(time)))
        return 0;
    begin_wait(CALL_sleep, site, NULL, 0);
    int result = REAL(nanosleep)(time, left);
    end_wait(CALL_sleep, site, NULL, result);
    return result;
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                           struct timespec *left)
{
    Site site = HERE();
    point(CALL_sleep, site, BEFORE);
    if (!(flags & TIMER_ABSTIME) && cut_sleep(of_timespec(time)))
        return 0;
    return REAL(clock_nanosleep)(clock, flags, time, left);
}
