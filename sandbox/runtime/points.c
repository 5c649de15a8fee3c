/* points.c - where a schedule holds a task, where a fault is injected, and sleeps cut short

   A point is a call of the student's or an access to shared memory, by its place in the code, the
   task, and how often the task has come there. Who is held waits in open() of a FIFO that nobody
   has open: a state that the driver sees, and ends when nobody else can go on.
*/
#include "runtime.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    MILLISECOND = 1000000,
    AS_GOOD_AS_NEVER = 30, /* Seconds: as long as a case may last, if it says nothing else */
    MOST_HOLDS = 100 /* Of a task that comes last everywhere: a loop shall not take for ever */
};

int points_wanted;
static int point_is_here;          /* The plan's point lies in this executable */
static __thread uint32_t passed;   /* How often this task came to it */
static __thread int holds_to_come; /* Of this task, since it came to a point that says "onwards" */
static __thread int counted_for = -1;
static __thread int was_ahead; /* This task has waited once for the one that goes first */

void find_points(void)
{
    const Point *wanted = &region->point;
    point_is_here =
        wanted->task[0] != '\0' && equal_text(wanted->image, region->images[image_index]);
    points_wanted = point_is_here || wanted->first || (region->flags & RECORD_SITES);
}

static void count_visit(int call, Site site, int after)
{
    for (unsigned i = 0, hash = site.pc * 2654435761u + (unsigned)self_index * 40503u;
         i < MAX_SITES; i++) {
        Visit *visit = &region->visits[(hash + i) % MAX_SITES];
        if (visit->count == 0) {
            *visit = (Visit){self_index, call, after, 1, site};
            region->visit_count++;
            return;
        }
        if (visit->task == self_index && visit->site.pc == site.pc &&
            visit->site.image == site.image) {
            visit->count++;
            return;
        }
    }
    region->lost |= LOST_SITES;
}

static void begin_anew_after_fork(void)
{
    if (counted_for == self_index)
        return;
    counted_for = self_index;
    passed = 0;
    holds_to_come = 0;
    was_ahead = 0;
}

/* Is this the place, the task and the time of the plan's point? */
static int arrived(Site site)
{
    const Point *wanted = &region->point;
    begin_anew_after_fork();
    if (!point_is_here || (wanted->pc != 0 && site.pc != wanted->pc))
        return 0;
    if (wanted->task[0] != '*' && !equal_text(wanted->task, self->path))
        return 0;
    if (++passed != wanted->occurrence)
        return 0;
    __atomic_add_fetch(&region->point_hits, 1, __ATOMIC_RELAXED);
    return 1;
}

/* Who is to go first lives, and nobody was let go since: all others wait for him, once. */
static int is_ahead(void)
{
    const Point *wanted = &region->point;
    begin_anew_after_fork();
    if (!wanted->first || was_ahead || equal_text(wanted->task, self->path) ||
        __atomic_load_n(&region->releases, __ATOMIC_ACQUIRE) != 0)
        return 0;
    for (uint32_t i = 0; i < region->task_count && i < MAX_TASKS; i++)
        if (region->tasks[i].state == TASK_LIVE &&
            equal_text(wanted->task, region->tasks[i].path)) {
            __atomic_add_fetch(&region->point_hits, 1, __ATOMIC_RELAXED);
            return was_ahead = 1;
        }
    return 0;
}

static int is_to_be_held(int call, Site site)
{
    if (region->point.fault != FAULT_NONE || call == CALL_malloc || call == CALL_free)
        return 0;
    if (arrived(site)) {
        holds_to_come = region->point.onwards ? MOST_HOLDS : 0;
        return 1;
    }
    if (is_ahead())
        return 1;
    if (!region->point.onwards || holds_to_come == 0)
        return 0;
    holds_to_come--;
    __atomic_add_fetch(&region->point_hits, 1, __ATOMIC_RELAXED);
    return 1;
}

static void wait_to_be_let_go(void)
{
    const uint32_t before = __atomic_load_n(&region->releases, __ATOMIC_ACQUIRE);
    self->is_held = 1;
    int is_open, is_mine;
    do { /* While the driver lets go whoever was held before, the FIFO opens for anybody */
        int descriptor = (int)syscall(SYS_openat, AT_FDCWD, hold_path, O_RDONLY | O_CLOEXEC);
        is_open = descriptor != -1;
        is_mine = __atomic_load_n(&region->releases, __ATOMIC_ACQUIRE) != before;
        if (is_open)
            syscall(SYS_close, descriptor);
    } while (is_open ? !is_mine : errno == EINTR);
    self->is_held = 0;
}

void be_held(Site site)
{
    LOCKED({ event(EVENT_HELD, CALL_NONE, site, NULL, 0, 0, -1); });
    wait_to_be_let_go();
    /* The others, who have waited for the one that goes first, were let go at the same time. */
    if (region->point.first && equal_text(region->point.task, self->path)) {
        __atomic_add_fetch(&region->point_hits, 1, __ATOMIC_RELAXED);
        wait_to_be_let_go();
    }
}

/* Who has been woken, but has not got the mutex yet, waits there without it: another may come in.
 */
int held_without(int call, Site site)
{
    if (!ACTIVE || LIKELY(!points_wanted) || site.pc == 0)
        return 0;
    site.pc += AFTER;
    if (region->flags & RECORD_SITES)
        LOCKED({ count_visit(call, site, AFTER); });
    return is_to_be_held(call, site);
}

void point(int call, Site site, int after)
{
    if (!ACTIVE)
        return;
    self->steps++;
    if (LIKELY(!points_wanted))
        return;
    if (site.pc == 0)
        return;
    site.pc += (uint32_t)after;
    int error = errno;
    if (region->flags & RECORD_SITES)
        LOCKED({ count_visit(call, site, after); });
    if (is_to_be_held(call, site))
        be_held(site);
    errno = error;
}

/* --- faults --- */

static int error_of(uint32_t fault)
{
    switch (fault) {
    case FAULT_EINTR:
    case FAULT_STOPPED:
        return EINTR;
    case FAULT_ENOSPC:
        return ENOSPC;
    case FAULT_EAGAIN:
        return EAGAIN;
    case FAULT_ENOMEM:
        return ENOMEM;
    case FAULT_EMFILE:
        return EMFILE;
    case FAULT_TIMEOUT:
        return ETIMEDOUT;
    default:
        return EIO;
    }
}

/* What cannot happen is not injected: a call is interrupted by a handler without SA_RESTART, or by
   any handler; some calls also by being stopped and continued (signal(7)). */
static int can_be_interrupted(int call)
{
    switch (call) {
    case CALL_semop:
    case CALL_epoll_wait:
    case CALL_sigwait:
        return 1;
    case CALL_poll:
    case CALL_select:
    case CALL_msgsnd:
    case CALL_msgrcv:
        return handlers > 0;
    default:
        return interrupting > 0;
    }
}

static void note_fault(int call, Site site)
{
    LOCKED({
        region->fault_site = site;
        region->fault_call = call;
        region->fault_task = self_index;
        event(EVENT_FAULT, call, site, NULL, 0, error_of(region->point.fault), -1);
    });
}

/* size NULL: this call does all or nothing. */
int fault_in_size(int call, Site site, size_t *size)
{
    if (!ACTIVE || !point_is_here || region->point.fault == FAULT_NONE || !arrived(site))
        return 0;
    if (region->point.fault == FAULT_EINTR && !can_be_interrupted(call))
        return 0;
    if (region->point.fault == FAULT_SHORT && (size == NULL || *size < 2))
        return 0;
    note_fault(call, site);
    if (region->point.fault != FAULT_SHORT)
        return errno = error_of(region->point.fault);
    *size = 1;
    return 0;
}

int fault_at(int call, Site site)
{
    return fault_in_size(call, site, NULL);
}

/* How long somebody else keeps what is waited for is nobody's promise: a limit may be over at any
   wait that has one. It is a point of its own, two behind that of the call. */
static int times_out(int call, Site site, time_t seconds)
{
    if (seconds >= AS_GOOD_AS_NEVER)
        return 0;
    if (!ACTIVE || LIKELY(!points_wanted) || site.pc == 0)
        return 0;
    Site here = site;
    here.pc += TIMED;
    if (region->flags & RECORD_SITES)
        LOCKED({ count_visit(CALL_times_out, here, BEFORE); });
    if (region->point.fault != FAULT_TIMEOUT || !arrived(here))
        return 0;
    note_fault(call, site);
    return 1;
}

int times_out_after(int call, Site site, const struct timespec *limit)
{
    return limit != NULL && times_out(call, site, limit->tv_sec);
}

/* A condition variable does not tell its clock, but a time of one clock is no time of the other. */
int times_out_at(int call, Site site, const struct timespec *limit)
{
    struct timespec now;
    if (LIKELY(!points_wanted) || limit == NULL || clock_gettime(CLOCK_REALTIME, &now) == -1)
        return 0;
    if (limit->tv_sec < now.tv_sec / 2 && clock_gettime(CLOCK_MONOTONIC, &now) == -1)
        return 0;
    return times_out(call, site, limit->tv_sec - now.tv_sec);
}

/* --- sleeps: they order nothing, so a search need not wait for them --- */

int cut_sleep(int64_t nanoseconds)
{
    if (!ACTIVE || !(region->flags & CUT_SLEEPS))
        return 0;
    struct timespec time = {0, nanoseconds < MILLISECOND ? (long)nanoseconds : MILLISECOND};
    self->sleeping = 1;
    REAL(nanosleep)(&time, NULL); /* As the sleep itself, it is where a thread can be cancelled */
    self->sleeping = 0;
    return 1;
}
