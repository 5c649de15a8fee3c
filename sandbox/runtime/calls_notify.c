/* calls_notify.c - functions of the program that the C library calls at another time: at fork(),
   and in a thread of its own when a timer has run off or a message has come */
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
   timer (or a queue) are one task here: they come one after the other. One that comes while another
   is under way is not seen. */

typedef struct {
    void (*function)(union sigval);
    union sigval value;
    Site site;
    int creator, task, busy;
    int queue; /* Of whose senders it hears; -1: none */
    pid_t pid;
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
        if (notified->queue >= 0)
            acquire(&region->syncs[notified->queue]);
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

/* What the C library is to be given instead; 0 where there is no memory. known: of an earlier time
 */
static Notified *notified_by(struct sigevent *event, Notified *known, int queue, Site site)
{
    Notified *notified = known;
    if (notified == NULL) {
        inside++;
        notified = malloc(sizeof *notified);
        inside--;
        if (notified == NULL) {
            errno = EAGAIN;
            return NULL;
        }
        *notified = (Notified){.site = site, .creator = self_index, .task = -1, .pid = getpid()};
    }
    notified->function = event->sigev_notify_function;
    notified->value = event->sigev_value;
    notified->queue = queue;
    has_threads = 1;
    event->sigev_notify_function = begin_notified;
    event->sigev_value.sival_ptr = notified;
    return notified;
}

EXPORT int timer_create(clockid_t clock, struct sigevent *event, timer_t *timer)
{
    Site site = HERE();
    if (!ACTIVE || event == NULL || event->sigev_notify != SIGEV_THREAD)
        return REAL(timer_create)(clock, event, timer);
    struct sigevent ours = *event;
    if (notified_by(&ours, NULL, -1, site) == NULL)
        return -1;
    return REAL(timer_create)(clock, &ours, timer);
}

/* A queue is asked for anew after each message, so what is there serves again. */
int notify_by_thread(struct sigevent *event, int queue, Site site)
{
    static Notified *last;
    int same = last != NULL && last->pid == getpid() && last->queue == queue;
    Notified *notified = notified_by(event, same ? last : NULL, queue, site);
    if (notified == NULL)
        return -1;
    last = notified;
    LOCKED({ release(timers()); });
    return 0;
}

EXPORT int timer_settime(timer_t timer, int flags, const struct itimerspec *wanted,
                         struct itimerspec *old)
{
    LOCKED({ release(timers()); });
    return REAL(timer_settime)(timer, flags, wanted, old);
}
