/* calls_signal.c - signals that are sent, at once or by a timer */
#include "runtime.h"
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>

static void tell_targets(pid_t pid)
{
    for (uint32_t i = 0; i < region->task_count; i++)
        if (pid <= 0 || region->tasks[i].pid == pid)
            join(&region->tasks[i].signalled, &self->clock);
    tick();
}

void signal_sent(int call, pid_t pid, int number, Site site)
{
    LOCKED({
        if (number != 0)
            tell_targets(pid);
        happened(call, site, NULL, number, pid > 0 ? task_of(pid) : -1);
    });
}

/* It may have been for ourselves, and have stopped us until somebody let us go on. Whoever is not
   there any more has ended. */
static int sent(int result)
{
    if (result == ESRCH || (result == -1 && errno == ESRCH))
        LOCKED({ hear_of_dead(); });
    hear_of_senders(0);
    return result;
}

EXPORT int kill(pid_t pid, int number)
{
    Site site = HERE();
    point(CALL_kill, site, BEFORE);
    signal_sent(CALL_kill, pid, number, site);
    int result = sent(REAL(kill)(pid, number));
    if (result == 0 && pid < -1)
        group_met(-pid, 0);
    point(CALL_kill, site, AFTER);
    return result;
}

/* A signal to one thread, or to who is known by a descriptor. */
EXPORT int tgkill(pid_t pid, pid_t thread, int number)
{
    Site site = HERE();
    point(CALL_kill, site, BEFORE);
    signal_sent(CALL_kill, pid, number, site);
    return sent((int)syscall(SYS_tgkill, pid, thread, number));
}

/* pidfd_send_signal(2), which older C libraries do not know by name: to whom is not looked up. */
EXPORT int pidfd_send_signal(int descriptor, int number, siginfo_t *info, unsigned flags)
{
    Site site = HERE();
    point(CALL_kill, site, BEFORE);
    signal_sent(CALL_kill, 0, number, site);
    return sent((int)syscall(SYS_pidfd_send_signal, descriptor, number, info, flags));
}

EXPORT int killpg(pid_t group, int number)
{
    Site site = HERE();
    point(CALL_killpg, site, BEFORE);
    signal_sent(CALL_killpg, 0, number, site);
    return sent(REAL(killpg)(group, number));
}

EXPORT int raise(int number)
{
    Site site = HERE();
    signal_sent(CALL_raise, getpid(), number, site);
    return sent(REAL(raise)(number));
}

EXPORT int pthread_kill(pthread_t thread, int number)
{
    Site site = HERE();
    point(CALL_kill, site, BEFORE);
    signal_sent(CALL_kill, getpid(), number, site);
    return sent(REAL(pthread_kill)(thread, number));
}

EXPORT int pthread_sigqueue(pthread_t thread, int number, const union sigval value)
{
    Site site = HERE();
    point(CALL_sigqueue, site, BEFORE);
    signal_sent(CALL_sigqueue, getpid(), number, site);
    return sent(REAL(pthread_sigqueue)(thread, number, value));
}

EXPORT int sigqueue(pid_t pid, int number, const union sigval value)
{
    Site site = HERE();
    point(CALL_sigqueue, site, BEFORE);
    signal_sent(CALL_sigqueue, pid, number, site);
    return sent(REAL(sigqueue)(pid, number, value));
}

/* That it is there tells as much as its handler would know. */
EXPORT int sigpending(sigset_t *set)
{
    int result = REAL(sigpending)(set);
    for (int number = 1; number < SIGNALS && result == 0; number++)
        if (sigismember(set, number) == 1)
            hear_of_senders(number);
    return result;
}

/* --- timers --- */

EXPORT unsigned alarm(unsigned seconds)
{
    if (self != NULL)
        self->alarm = seconds != 0 ? ALARM_ONCE : 0;
    return REAL(alarm)(seconds);
}

EXPORT unsigned ualarm(useconds_t first, useconds_t interval)
{
    if (self != NULL)
        self->alarm = first == 0 ? 0 : interval != 0 ? ALARM_AGAIN : ALARM_ONCE;
    return REAL(ualarm)(first, interval);
}

EXPORT int setitimer(__itimer_which_t which, const struct itimerval *wanted, struct itimerval *old)
{
    if (self != NULL && which == ITIMER_REAL && wanted != NULL) {
        int set = wanted->it_value.tv_sec != 0 || wanted->it_value.tv_usec != 0;
        int again = wanted->it_interval.tv_sec != 0 || wanted->it_interval.tv_usec != 0;
        self->alarm = !set ? 0 : again ? ALARM_AGAIN : ALARM_ONCE;
    }
    return REAL(setitimer)(which, wanted, old);
}
