/* calls_notify.c - functions of the program that the C library calls at another time: at fork(),
   and in a thread of its own when a timer has run off */
#include "runtime.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* --- at fork() ---------------------------------------------------------------------------------
   fork() calls them itself: the child's must find it knowing who it is, and what the parent's first
   one does is done before the child is born. */

enum { MAX_AT_FORK = 32 };
static struct {
    void (*call[AT_FORK_KINDS])(void);
} at_fork[MAX_AT_FORK];
static int at_fork_count;

EXPORT int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
    if (at_fork_count == MAX_AT_FORK)
        return ENOMEM;
    at_fork[at_fork_count].call[AT_FORK_PREPARE] = prepare;
    at_fork[at_fork_count].call[AT_FORK_PARENT] = parent;
    at_fork[at_fork_count].call[AT_FORK_CHILD] = child;
    at_fork_count++;
    return 0;
}

/* The first ones in the reverse order. */
CALLS_STUDENT void call_at_fork(int kind)
{
    int count = at_fork_count;
    for (int i = 0; i < count; i++) {
        void (*call)(void) = at_fork[kind == AT_FORK_PREPARE ? count - 1 - i : i].call[kind];
        if (call != NULL)
            call();
    }
}

/* --- SIGEV_THREAD ------------------------------------------------------------------------------
   Each time that the timer runs off, the C library makes a thread that calls the function. All of a
   timer are one task here: they come one after the other. One that comes while another is under way
   is not seen. */

typedef struct {
    void (*function)(union sigval);
    union sigval value;
    Site site;
    int creator, task, busy;
} Notified;

/* What was done before any timer of this process was set. */
static Sync *timers(void)
{
    return sync_at(SYNC_THREAD, (uint64_t)getpid(), 1);
}

static void begin_task(Notified *notified)
{
    inside++;
    lock();
    if (notified->task < 0) {
        notified->task = new_task(notified->creator, notified->site, 1);
        if (notified->task >= 0) { /* It knows no more than who set the timer knew then */
            Clock *clock = &region->tasks[notified->task].clock;
            uint32_t own = clock->of[notified->task];
            *clock = timers()->released;
            clock->of[notified->task] = own;
        }
    }
    become(notified->task);
    if (self != NULL) {
        self->state = TASK_LIVE;
        acquire(timers());
    }
    unlock();
    inside--;
}

CALLS_STUDENT static void begin_notified(union sigval given)
{
    Notified *notified = given.sival_ptr;
    int busy = __atomic_exchange_n(&notified->busy, 1, __ATOMIC_ACQ_REL);
    if (!busy) {
        stack_top = __builtin_frame_address(0);
        begin_task(notified);
        note_mask();
    }
    notified->function(notified->value);
    if (busy)
        return;
    LOCKED({ self->state = TASK_EXITED; });
    become(-1);
    __atomic_store_n(&notified->busy, 0, __ATOMIC_RELEASE);
}

EXPORT int timer_create(clockid_t clock, struct sigevent *event, timer_t *timer)
{
    Site site = HERE();
    if (!ACTIVE || event == NULL || event->sigev_notify != SIGEV_THREAD)
        return REAL(timer_create)(clock, event, timer);
    inside++;
    Notified *notified = malloc(sizeof *notified);
    inside--;
    if (notified == NULL) {
        errno = EAGAIN;
        return -1;
    }
    *notified =
        (Notified){event->sigev_notify_function, event->sigev_value, site, self_index, -1, 0};
    has_threads = 1;
    struct sigevent ours = *event;
    ours.sigev_notify_function = begin_notified;
    ours.sigev_value.sival_ptr = notified;
    return REAL(timer_create)(clock, &ours, timer);
}

EXPORT int timer_settime(timer_t timer, int flags, const struct itimerspec *wanted,
                         struct itimerspec *old)
{
    LOCKED({ release(timers()); });
    return REAL(timer_settime)(timer, flags, wanted, old);
}
