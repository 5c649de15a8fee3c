/* calls_process.c - fork, exec, exit, wait: order by birth and death */
#include "birth.h"
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utmp.h>

/* --- birth --------------------------------------------------------------------------------------
 */

pid_t parent_before; /* As getppid() told last */

int begin_birth(Birth *birth, int call, Site site)
{
    point(call, site, BEFORE);
    if (fault_at(call, site))
        return 0;
    *birth = (Birth){.site = site, .call = call, .child = -1, .parent = getpid()};
    LOCKED({
        birth->child = new_task(self_index, site, 0);
        tick();
    });
    /* A handler in the child must find it knowing who it is. No other signal is blocked: one that
     * is ignored would be kept for the process then, and end the waits of its other threads. */
    sigset_t handled_ones;
    sigemptyset(&handled_ones);
    for (int number = 1; number < SIGNALS; number++)
        if (actions[number].sa_handler != SIG_DFL && actions[number].sa_handler != SIG_IGN)
            sigaddset(&handled_ones, number);
    REAL(pthread_sigmask)(SIG_BLOCK, &handled_ones, &birth->mask);
    return 1;
}

void born(const Birth *birth)
{
    int error = errno;
    become(birth->child);
    parent_before = birth->parent;
    REAL(pthread_sigmask)(SIG_SETMASK, &birth->mask, NULL);
    LOCKED({ event(EVENT_BORN, CALL_NONE, birth->site, NULL, 0, 0, self->parent); });
    point(birth->call, birth->site, AFTER);
    errno = error;
}

void gave_birth(const Birth *birth, pid_t pid)
{
    int error = errno;
    REAL(pthread_sigmask)(SIG_SETMASK, &birth->mask, NULL);
    if (birth->child >= 0) {
        LOCKED({
            Task *task = &region->tasks[birth->child];
            if (pid == -1)
                task->state = TASK_REAPED;
            else if (task->pid == 0)
                task->pid = task->tid = pid; /* The child has not come to it yet */
            happened(birth->call, birth->site, NULL, pid, birth->child);
        });
        point(birth->call, birth->site, AFTER);
    }
    errno = error;
}

pid_t fork_at(Site site)
{
    Birth birth;
    if (!begin_birth(&birth, CALL_fork, site))
        return -1;
    pid_t pid = REAL(fork)();
    if (pid == 0)
        born(&birth);
    else
        gave_birth(&birth, pid);
    return pid;
}

EXPORT pid_t fork(void)
{
    Site site = HERE();
    call_at_fork(AT_FORK_PREPARE);
    pid_t pid = fork_at(site);
    call_at_fork(pid == 0 ? AT_FORK_CHILD : AT_FORK_PARENT);
    return pid;
}

EXPORT pid_t _Fork(void)
{
    return fork_at(HERE());
}

EXPORT int forkpty(int *main_end, char *name, const struct termios *mode,
                   const struct winsize *size)
{
    Site site = HERE();
    int other_end;
    if (openpty(main_end, &other_end, name, mode, size) == -1)
        return -1;
    pid_t pid = fork_at(site);
    if (pid == 0) {
        REAL(close)(*main_end);
        if (login_tty(other_end) == -1)
            _exit(1);
        return 0;
    }
    REAL(close)(other_end);
    if (pid == -1)
        REAL(close)(*main_end);
    return pid;
}

/* The numbers by which a child with memory of its own is made: see calls_number.c. */
long fork_by_number(long number, const long arguments[6], Site site)
{
    Birth birth;
    if (!begin_birth(&birth, CALL_fork, site))
        return -1;
    long pid = REAL(syscall)(number, arguments[0], arguments[1], arguments[2], arguments[3],
                             arguments[4], arguments[5]);
    if (pid == 0)
        born(&birth);
    else
        gave_birth(&birth, (pid_t)pid);
    return pid;
}

typedef struct {
    Birth birth;
    int (*function)(void *);
    void *argument;
} Clone;

/* In the child, on its own stack; its memory is a copy, with what the parent has prepared. */
CALLS_STUDENT static int begin_clone(void *given)
{
    Clone *clone = given;
    born(&clone->birth);
    int status = clone->function(clone->argument);
    _exit(status);
}

/* One that shares our memory is left alone: it could not have a record of its own. */
EXPORT int clone(int (*function)(void *), void *stack, int flags, void *argument, ...)
{
    Site site = HERE();
    va_list list;
    va_start(list, argument);
    pid_t *parent_tid = va_arg(list, pid_t *);
    void *tls = va_arg(list, void *);
    pid_t *child_tid = va_arg(list, pid_t *);
    va_end(list);
    if (!ACTIVE || (flags & CLONE_VM))
        return REAL(clone)(function, stack, flags, argument, parent_tid, tls, child_tid);
    Clone given = {.function = function, .argument = argument};
    if (!begin_birth(&given.birth, CALL_clone, site))
        return -1;
    int pid = REAL(clone)(begin_clone, stack, flags, &given, parent_tid, tls, child_tid);
    gave_birth(&given.birth, pid);
    return pid;
}

/* The C library's own would go on as somebody whom the region does not know. */
EXPORT int daemon(int stays, int keeps)
{
    pid_t pid = fork_at(HERE());
    if (pid == -1)
        return -1;
    if (pid > 0)
        _exit(0);
    if (setsid() == -1 || (!stays && chdir("/") == -1))
        return -1;
    int null = keeps ? -1 : (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR);
    for (int i = 0; i < 3 && null >= 0; i++)
        REAL(dup2)(null, i);
    if (null > 2)
        syscall(SYS_close, null);
    return keeps || null >= 0 ? 0 : -1;
}

/* --- another program: descriptors that are closed by it tell as those that are closed by an end
 * --- */

static void before_exec(Site site)
{
    point(CALL_execve, site, BEFORE);
    tell_inherited(site);
    LOCKED({
        join(&region->exited, &self->clock);
        tick();
        happened(CALL_execve, site, NULL, 0, -1);
    });
}

EXPORT int execve(const char *path, char *const arguments[], char *const environment[])
{
    before_exec(HERE());
    return REAL(execve)(path, arguments, environment);
}

EXPORT int execv(const char *path, char *const arguments[])
{
    before_exec(HERE());
    return REAL(execv)(path, arguments);
}

EXPORT int execvp(const char *file, char *const arguments[])
{
    before_exec(HERE());
    return REAL(execvp)(file, arguments);
}

EXPORT int execvpe(const char *file, char *const arguments[], char *const environment[])
{
    before_exec(HERE());
    return REAL(execvpe)(file, arguments, environment);
}

EXPORT int fexecve(int file, char *const arguments[], char *const environment[])
{
    before_exec(HERE());
    return REAL(fexecve)(file, arguments, environment);
}

/* The arguments of execl() and its kin as an array; they end with a null pointer. */
#define LISTED(first, call)                                                                        \
    before_exec(HERE());                                                                           \
    va_list list;                                                                                  \
    size_t count = 1;                                                                              \
    va_start(list, first);                                                                         \
    while (va_arg(list, char *) != NULL)                                                           \
        count++;                                                                                   \
    va_end(list);                                                                                  \
    char *arguments[count + 1];                                                                    \
    arguments[0] = (char *)(first);                                                                \
    va_start(list, first);                                                                         \
    for (size_t i = 1; i <= count; i++)                                                            \
        arguments[i] = va_arg(list, char *);                                                       \
    int result = call;                                                                             \
    va_end(list);                                                                                  \
    return result

EXPORT int execl(const char *path, const char *first, ...)
{
    LISTED(first, REAL(execv)(path, arguments));
}

EXPORT int execlp(const char *file, const char *first, ...)
{
    LISTED(first, REAL(execvp)(file, arguments));
}

EXPORT int execle(const char *path, const char *first, ...)
{
    LISTED(first, REAL(execve)(path, arguments, va_arg(list, char **)));
}

/* --- death ---------------------------------------------------------------------------------------
 */

enum { STREAMS = 32 }; /* Descriptors of streams that exit() flushes are seldom higher */

static void note_exit(int call, int status, Site site)
{
    exit_status = status;
    if (call == CALL_exit)
        unsafe("exit", site); /* It runs atexit() functions and flushes stdio */
    point(call, site, BEFORE);
    if (call == CALL_exit)
        for (int i = 1; i < STREAMS; i++)
            stream_written(i); /* What is flushed now */
    LOCKED({
        self->exits = self->at = site;
        if (call != CALL_exit)
            task_exits();
    });
}

EXPORT void exit(int status)
{
    note_exit(CALL_exit, status, HERE());
    REAL(exit)(status);
    __builtin_unreachable();
}

EXPORT void _exit(int status)
{
    note_exit(CALL__exit, status, HERE());
    syscall(SYS_exit_group, status);
    __builtin_unreachable();
}

EXPORT void _Exit(int status)
{
    note_exit(CALL__exit, status, HERE());
    syscall(SYS_exit_group, status);
    __builtin_unreachable();
}

/* --- waiting for it --- */

static void waited(int call, Site site, pid_t pid, int status)
{
    if (pid > 0)
        LOCKED({
            int task = task_of(pid);
            task_reaped(pid, status);
            event(EVENT_CALL, call, site, NULL, pid, 0, task);
        });
    else if (pid == -1 && errno == ECHILD)
        LOCKED({ hear_of_dead(); });
    point(call, site, AFTER);
}

EXPORT pid_t wait(int *status)
{
    Site site = HERE();
    int found = 0;
    point(CALL_wait, site, BEFORE);
    if (fault_at(CALL_wait, site))
        return -1;
    begin_wait(CALL_wait, site, NULL, 0);
    pid_t pid = REAL(wait)(&found);
    end_wait(CALL_wait, site, NULL, pid);
    waited(CALL_wait, site, pid, found);
    if (pid > 0 && status != NULL) {
        touch(status, sizeof *status, ACCESS_WRITE, site);
        *status = found;
    }
    return pid;
}

static pid_t wait_for(Site site, pid_t who, int *status, int options, struct rusage *usage)
{
    int found = 0;
    point(CALL_waitpid, site, BEFORE);
    if (fault_at(CALL_waitpid, site))
        return -1;
    begin_wait(CALL_waitpid, site, NULL, 0);
    pid_t pid = REAL(wait4)(who, &found, options, usage);
    end_wait(CALL_waitpid, site, NULL, pid);
    waited(CALL_waitpid, site, pid, found);
    if (pid == 0 && ACTIVE)
        asked_for_children(site);
    if (pid > 0 && status != NULL) {
        touch(status, sizeof *status, ACCESS_WRITE, site);
        *status = found;
    }
    return pid;
}

EXPORT pid_t waitpid(pid_t who, int *status, int options)
{
    return wait_for(HERE(), who, status, options, NULL);
}

EXPORT pid_t wait3(int *status, int options, struct rusage *usage)
{
    return wait_for(HERE(), -1, status, options, usage);
}

EXPORT pid_t wait4(pid_t who, int *status, int options, struct rusage *usage)
{
    return wait_for(HERE(), who, status, options, usage);
}

EXPORT int waitid(idtype_t kind, id_t id, siginfo_t *info, int options)
{
    Site site = HERE();
    siginfo_t own = {0};
    point(CALL_waitid, site, BEFORE);
    if (fault_at(CALL_waitid, site))
        return -1;
    begin_wait(CALL_waitid, site, NULL, 0);
    int result = REAL(waitid)(kind, id, &own, options);
    end_wait(CALL_waitid, site, NULL, result);
    int ended = own.si_code == CLD_EXITED || own.si_code == CLD_KILLED || own.si_code == CLD_DUMPED;
    waited(CALL_waitid, site, result == -1 ? -1 : own.si_pid,
           ended && !(options & WNOWAIT) ? 0 : 0x137f);
    if (result == 0 && own.si_pid == 0 && ACTIVE)
        asked_for_children(site);
    if (info != NULL && result == 0)
        *info = own;
    return result;
}

/* Who has another parent than before has lost the one that it had. */
EXPORT pid_t getppid(void)
{
    pid_t now = REAL(getppid)();
    if (now != parent_before)
        LOCKED({ hear_of_dead(); });
    parent_before = now;
    return now;
}

EXPORT int system(const char *command)
{
    Site site = HERE();
    unsafe("system", site);
    point(CALL_system, site, BEFORE);
    begin_wait(CALL_system, site, NULL, 0);
    int result = REAL(system)(command);
    end_wait(CALL_system, site, NULL, result);
    LOCKED({ hear_of_dead(); });
    return result;
}
