/* signals.c - handlers, what they may do, and the waits that lose a signal

   A handler runs between any two instructions. Ours stands before the student's: it tells which
   signal is handled, orders the sender's past before it, sees whether errno is left as it was, and
   puts off a signal that has come while the runtime held its lock.

   What handlers and the program use together is looked at in variables.c.
*/
#include "runtime.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEFERRED = 64 };

__thread int in_handler;
int handlers, interrupting;
int notifier;                      /* The queue of mq_notify(), 0: none */
struct sigaction actions[SIGNALS]; /* As the student asked for them */

__thread int mask_is_stale; /* A jump may have changed it */

static Site ignored_at[SIGNALS], blocked_at[SIGNALS]; /* Where the program did that last */

void unsafe(const char *function, Site site)
{
    if (!in_handler || !ACTIVE ||
        site.pc == 0) /* One that the C library calls itself is told of by its caller */
        return;
    LOCKED({
        Report *told = report(REPORT_UNSAFE_CALL, site, site);
        if (told != NULL) {
            told->first = access_now(ACCESS_HANDLER, site);
            told->number = in_handler;
            copy_text(told->text, sizeof told->text, function);
            publish(told);
        }
    });
}

/* --- handlers --- */

static Site site_of_function(void *function)
{
    /* The instruction that follows its first byte lies in it. */
    return site_at((char *)function + 1, (void **)__builtin_frame_address(0));
}

static void alarm_has_come(void)
{
    if (self != NULL && self->alarm == ALARM_ONCE)
        self->alarm = 0;
}

/* Waits that set errno themselves when a handler has run, and during which alone the signal can
 * come. */
static int errno_is_set_anyway(int number)
{
    return (blocked & signal_bit(number)) != 0 && self != NULL && self->waiting != 0;
}

/* With the lock held. Of a message that mq_notify() told of its sender is heard by the queue. */
static void hear_of_signal(int number)
{
    join(&self->clock, &self->signalled);
    hear_of_scenario(BY_SIGNAL);
    hear_of_kernel(number);
    if (notifier != 0)
        acquire(&region->syncs[notifier]);
}

/* What is told with it: of a child that has stopped, but goes on by now, it is the only trace. */
static void hear_of_sender(int number, const siginfo_t *info)
{
    if (number == SIGCHLD && info != NULL)
        hear_of_child(info->si_pid);
}

void hear_of_senders(int number)
{
    LOCKED({ hear_of_signal(number); });
}

static int is_fault(int number, const siginfo_t *info)
{
    return (number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL) &&
           info != NULL && info->si_code > 0;
}

CALLS_STUDENT static void call_handler(int number, siginfo_t *info, void *context)
{
    struct sigaction *action = &actions[number];
    int outer = in_handler, outer_fault = in_fault, before = errno;
    void *outer_frame = handler_frame;
    in_handler = number;
    in_fault = is_fault(number, info);
    handler_frame = __builtin_frame_address(0);
    handler_runs++;
    if (action->sa_flags & (int)SA_RESETHAND)
        handled &= ~signal_bit(number);
    if (number == SIGALRM)
        alarm_has_come();
    LOCKED({
        hear_of_signal(number);
        hear_of_sender(number, info);
        event(EVENT_HANDLER, CALL_NONE, site_of_function((void *)action->sa_sigaction), NULL,
              number, 0, -1);
    });
    if (action->sa_flags & SA_SIGINFO)
        action->sa_sigaction(number, info, context);
    else
        action->sa_handler(number);
    if (errno != before && !errno_is_set_anyway(number)) {
        Site site = site_of_function((void *)action->sa_sigaction);
        site.caller = 0;
        LOCKED({
            Report *told = report(REPORT_ERRNO, site, site);
            if (told != NULL) {
                told->first = access_now(ACCESS_HANDLER, site);
                told->number = number;
                publish(told);
            }
        });
    }
    in_handler = outer;
    in_fault = outer_fault;
    handler_frame = outer_frame;
}

typedef struct {
    int number;
    siginfo_t info;
} Deferred;

static __thread Deferred deferred[DEFERRED];
__thread int deferred_count;

static void handle(int number, siginfo_t *info, void *context)
{
    if (LIKELY(inside == 0)) {
        call_handler(number, info, context);
        return;
    }
    if (is_fault(number,
                 info)) { /* It would come again and again: our caller's pointer was wrong */
        int depth = inside, has_lock = self != NULL && region->owner == self->tid;
        if (has_lock)
            unlock();
        inside = 0;
        call_handler(number, info, context);
        inside = depth; /* It has mended the page, and what made the fault is done again */
        if (has_lock)
            lock();
        return;
    }
    if (deferred_count < DEFERRED) {
        deferred[deferred_count].number = number;
        if (info != NULL)
            deferred[deferred_count].info = *info;
        deferred_count++;
    }
}

/* What the kernel would have blocked meanwhile is blocked meanwhile. */
void run_deferred(void)
{
    int error = errno;
    sigset_t all, before;
    sigfillset(&all);
    REAL(pthread_sigmask)(SIG_BLOCK, &all, &before);
    while (deferred_count > 0) {
        Deferred next = deferred[0];
        deferred_count--;
        REAL(memmove)(deferred, deferred + 1, (size_t)deferred_count * sizeof *deferred);
        sigset_t during = before;
        for (int number = 1; number < SIGNALS; number++)
            if (number == next.number || sigismember(&actions[next.number].sa_mask, number) == 1)
                sigaddset(&during, number);
        REAL(pthread_sigmask)(SIG_SETMASK, &during, NULL);
        call_handler(next.number, &next.info, NULL);
        REAL(pthread_sigmask)(SIG_BLOCK, &all, NULL);
    }
    REAL(pthread_sigmask)(SIG_SETMASK, &before, NULL);
    errno = error;
}

/* The mask of the main program; one that a handler changes is its own affair. */
void note_mask(void)
{
    if (in_handler)
        return;
    uint64_t mask = 0;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof mask);
    mask_is_stale = 0;
    blocked = mask;
}

static int is_function(const struct sigaction *action)
{
    return action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN;
}

static int set_action(int number, const struct sigaction *wanted, struct sigaction *old)
{
    if (number < 1 || number >= SIGNALS || region == NULL)
        return REAL(sigaction)(number, wanted, old);
    struct sigaction before = actions[number], ours, current;
    uint64_t handled_before = handled;
    if (wanted != NULL) {
        actions[number] = *wanted; /* First: it may come at once */
        ours = *wanted;
        if (is_function(wanted)) {
            ours.sa_sigaction = handle;
            ours.sa_flags |= SA_SIGINFO;
            handlers++;
            handled |= signal_bit(number);
            interrupting += !(wanted->sa_flags & SA_RESTART);
        }
    }
    int result = REAL(sigaction)(number, wanted != NULL ? &ours : NULL, &current);
    if (result == -1 && wanted != NULL) {
        actions[number] = before;
        handled = handled_before;
    } else if (wanted != NULL && !is_function(wanted)) {
        handled &= ~signal_bit(number);
    }
    if (result == 0 && old != NULL) {
        *old = current;
        if ((current.sa_flags & SA_SIGINFO) && current.sa_sigaction == handle)
            *old = before;
    }
    return result;
}

static void note_ignored(int number, __sighandler_t handler, Site site)
{
    if (number >= 1 && number < SIGNALS && handler == SIG_IGN)
        ignored_at[number] = site;
}

EXPORT int sigaction(int number, const struct sigaction *wanted, struct sigaction *old)
{
    Site site = HERE();
    point(CALL_sigaction, site, BEFORE);
    LOCKED({ happened(CALL_sigaction, site, NULL, number, -1); });
    int result = set_action(number, wanted, old);
    if (result == 0 && wanted != NULL)
        note_ignored(number, wanted->sa_handler, site);
    point(CALL_sigaction, site, AFTER);
    return result;
}

static __sighandler_t set_handler(int number, __sighandler_t handler, int flags)
{
    struct sigaction wanted = {.sa_handler = handler, .sa_flags = flags}, old;
    return set_action(number, &wanted, &old) == -1 ? SIG_ERR : old.sa_handler;
}

EXPORT __sighandler_t signal(int number, __sighandler_t handler)
{
    Site site = HERE();
    point(CALL_signal, site, BEFORE);
    LOCKED({ happened(CALL_signal, site, NULL, number, -1); });
    __sighandler_t old = set_handler(number, handler, SA_RESTART);
    note_ignored(number, handler, site);
    point(CALL_signal, site, AFTER);
    return old;
}

/* What signal() is under -std=c99 and the like. */
EXPORT __sighandler_t __sysv_signal(int number, __sighandler_t handler)
{
    return set_handler(number, handler, (int)(SA_RESETHAND | SA_NODEFER));
}

EXPORT __sighandler_t ssignal(int number, __sighandler_t handler)
{
    return set_handler(number, handler, SA_RESTART);
}

/* --- those of System V --- */

static int change_mask(int how, int number)
{
    sigset_t only;
    sigemptyset(&only);
    if (sigaddset(&only, number) == -1 || REAL(sigprocmask)(how, &only, NULL) == -1)
        return -1;
    note_mask();
    return 0;
}

EXPORT __sighandler_t sigset(int number, __sighandler_t handler)
{
    sigset_t before;
    REAL(sigprocmask)(SIG_BLOCK, NULL, &before);
    int was_held = sigismember(&before, number) == 1;
    if (handler == SIG_HOLD) {
        struct sigaction old;
        if (change_mask(SIG_BLOCK, number) == -1 || set_action(number, NULL, &old) == -1)
            return SIG_ERR;
        return was_held ? SIG_HOLD : old.sa_handler;
    }
    __sighandler_t old = set_handler(number, handler, 0);
    if (old == SIG_ERR || change_mask(SIG_UNBLOCK, number) == -1)
        return SIG_ERR;
    return was_held ? SIG_HOLD : old;
}

EXPORT int sighold(int number)
{
    return change_mask(SIG_BLOCK, number);
}

EXPORT int sigrelse(int number)
{
    return change_mask(SIG_UNBLOCK, number);
}

EXPORT int sigignore(int number)
{
    return set_handler(number, SIG_IGN, 0) == SIG_ERR ? -1 : 0;
}

static void note_blocked(int how, const sigset_t *set, Site site)
{
    for (int number = 1; set != NULL && how != SIG_UNBLOCK && number < SIGNALS; number++)
        if (sigismember(set, number) == 1)
            blocked_at[number] = site;
}

EXPORT int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    Site site = HERE();
    point(CALL_sigprocmask, site, BEFORE);
    int result = REAL(sigprocmask)(how, set, old);
    note_blocked(how, set, site);
    note_mask();
    return result;
}

EXPORT int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
    Site site = HERE();
    int result = REAL(pthread_sigmask)(how, set, old);
    note_blocked(how, set, site);
    note_mask();
    return result;
}

/* What exec leaves as it is, and the other program does not expect. */
void tell_inherited(Site exec)
{
    static const int first[] = {SIGPIPE, SIGINT, SIGTERM, SIGCHLD};
    enum { FIRST = sizeof first / sizeof *first };
    sigset_t mask;
    if (!ACTIVE || REAL(pthread_sigmask)(SIG_BLOCK, NULL, &mask) != 0)
        return;
    for (int i = 0; i < FIRST + SIGNALS - 1; i++) {
        int number = i < FIRST ? first[i] : i - FIRST + 1;
        int ignored = actions[number].sa_handler == SIG_IGN && ignored_at[number].pc != 0;
        Site site = ignored ? ignored_at[number] : blocked_at[number];
        if (site.pc == 0 || (!ignored && sigismember(&mask, number) != 1))
            continue;
        LOCKED({
            Report *told = report(REPORT_INHERITED, site, exec);
            if (told != NULL) {
                told->number = number;
                told->size = (uint32_t)ignored;
                told->first = (Access){self_index, 0, 0, 0, 0, site};
                told->second = access_now(0, exec);
                publish(told);
            }
        });
    }
}

/* Who leaves a handler by a jump is in no handler any more, nor in the call that it interrupted. */
static void jumped(void)
{
    if (in_handler == 0)
        return;
    in_handler = 0;
    mask_is_stale = 1;
    stop_pausing();
    if (self != NULL)
        self->waiting = self->is_held = self->sleeping = 0;
}

EXPORT void longjmp(jmp_buf place, int value)
{
    jumped();
    REAL(longjmp)(place, value);
    __builtin_unreachable();
}

EXPORT void siglongjmp(sigjmp_buf place, int value)
{
    jumped();
    REAL(siglongjmp)(place, value);
    __builtin_unreachable();
}

EXPORT void _longjmp(jmp_buf place, int value)
{
    jumped();
    REAL(_longjmp)(place, value);
    __builtin_unreachable();
}

/* --- waiting --- */

EXPORT int pause(void)
{
    Site site = HERE();
    point(CALL_pause, site, BEFORE);
    if (ACTIVE)
        begin_pause(site);
    begin_wait(CALL_pause, site, NULL, 0);
    int result = REAL(pause)();
    end_wait(CALL_pause, site, NULL, 0);
    stop_pausing();
    forget_reads();
    hear_of_senders(0);
    return result;
}

EXPORT int sigsuspend(const sigset_t *mask)
{
    Site site = HERE();
    point(CALL_sigsuspend, site, BEFORE);
    begin_wait(CALL_sigsuspend, site, NULL, 0);
    int result = REAL(sigsuspend)(mask);
    end_wait(CALL_sigsuspend, site, NULL, 0);
    forget_reads();
    hear_of_senders(0);
    return result;
}

EXPORT int __xpg_sigpause(int number) /* sigpause(), as X/Open has it */
{
    Site site = HERE();
    sigset_t mask;
    REAL(sigprocmask)(SIG_BLOCK, NULL, &mask);
    sigdelset(&mask, number);
    point(CALL_sigsuspend, site, BEFORE);
    begin_wait(CALL_sigsuspend, site, NULL, 0);
    int result = REAL(sigsuspend)(&mask);
    end_wait(CALL_sigsuspend, site, NULL, 0);
    forget_reads();
    hear_of_senders(0);
    return result;
}

EXPORT int sigwait(const sigset_t *set, int *number)
{
    Site site = HERE();
    point(CALL_sigwait, site, BEFORE);
    begin_wait(CALL_sigwait, site, NULL, 0);
    int result = REAL(sigwait)(set, number);
    end_wait(CALL_sigwait, site, NULL, result == 0 ? *number : -1);
    if (result == 0 && *number == SIGALRM)
        alarm_has_come();
    hear_of_senders(result == 0 ? *number : 0);
    point(CALL_sigwait, site, AFTER);
    return result;
}

EXPORT int sigwaitinfo(const sigset_t *set, siginfo_t *info)
{
    Site site = HERE();
    point(CALL_sigwait, site, BEFORE);
    if (fault_at(CALL_sigwait, site))
        return -1;
    begin_wait(CALL_sigwait, site, NULL, 0);
    int result = REAL(sigwaitinfo)(set, info);
    end_wait(CALL_sigwait, site, NULL, result);
    if (result == SIGALRM)
        alarm_has_come();
    hear_of_senders(result);
    LOCKED({ hear_of_sender(result, info); });
    return result;
}

EXPORT int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *limit)
{
    Site site = HERE();
    point(CALL_sigwait, site, BEFORE);
    if (times_out_after(CALL_sigwait, site, limit)) {
        errno = EAGAIN;
        return -1;
    }
    begin_wait(CALL_sigwait, site, NULL, 0);
    int result = REAL(sigtimedwait)(set, info, limit);
    end_wait(CALL_sigwait, site, NULL, result);
    if (result == SIGALRM)
        alarm_has_come();
    hear_of_senders(result);
    LOCKED({ hear_of_sender(result, info); });
    return result;
}
