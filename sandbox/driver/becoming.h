/* becoming: the steps in which a process turns into the submission, from the trusted side.
 *
 * In this order: session, out-of-memory score, limits, namespace, identity, capabilities, filter of
 * system calls, descriptors, working directory, gate, exec (sandbox/README.md tells why). launch.c
 * and launch_here.c begin them, and explain the options.
 */
#ifndef GRADER_BECOMING_H
#define GRADER_BECOMING_H

#define _GNU_SOURCE
#include "bare.h"
#include "filter.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/types.h>

static long option_userns = -1, option_errfd = -1, option_gate = -1, option_tty = -1;
static long option_leader = -1, option_uid = -1, option_gid = -1;
static long option_cpu = -1, option_as = -1, option_nproc = -1, option_nofile = -1;
static long option_fsize = -1, option_msgqueue = -1, option_landlock = -1, option_proc = -1;
static long option_stdin = -1, option_stdout = -1, option_stderr = -1;
static const char *option_cwd = NULL, *option_path = NULL;

static const struct {
    const char *name;
    long *value;
} numbers[] = {
    {"userns=", &option_userns},     {"errfd=", &option_errfd},       {"gate=", &option_gate},
    {"tty=", &option_tty},           {"leader=", &option_leader},     {"uid=", &option_uid},
    {"gid=", &option_gid},           {"cpu=", &option_cpu},           {"as=", &option_as},
    {"nproc=", &option_nproc},       {"nofile=", &option_nofile},     {"fsize=", &option_fsize},
    {"msgqueue=", &option_msgqueue}, {"landlock=", &option_landlock}, {"proc=", &option_proc},
    {"stdin=", &option_stdin},       {"stdout=", &option_stdout},     {"stderr=", &option_stderr},
};

/* What the system call itself wants (rt_sigaction(2)): glibc's struct sigaction is another. */
struct kernel_sigaction {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

static char told[64]; /* what has failed, where there is no ERRFD */

static void tell(const char *text)
{
    size_t length = bare_length(text);

    if (option_errfd < 0) {
        length = length < sizeof told ? length : sizeof told - 1;
        memcpy(told, text, length);
        told[length] = '\0';
    } else if (CALL3(write, option_errfd, text, length) < 0) {
        bare_exit(126);
    }
}

/* One line "WORD NUMBER", in one write, so that no reader sees half of it. */
static void tell_number(const char *word, long number)
{
    char text[64], digits[20];
    size_t length = 0, count = 0;

    while (word[length] != '\0' && length < sizeof text - sizeof digits - 2) {
        text[length] = word[length];
        length++;
    }
    text[length++] = ' ';
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0)
        text[length++] = digits[--count];
    text[length++] = '\n';
    text[length] = '\0';
    tell(text);
}

/* result: of the system call that failed. */
static _Noreturn void fail(const char *what, long result)
{
    tell_number(what, -result);
    bare_exit(127);
}

static void must(const char *what, long result)
{
    if (result < 0)
        fail(what, result);
}

static void parse(const char *argument)
{
    if (bare_begins(argument, "cwd="))
        option_cwd = argument + 4;
    if (bare_begins(argument, "path="))
        option_path = argument + 5;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (bare_begins(argument, numbers[i].name))
            *numbers[i].value = bare_number(argument + bare_length(numbers[i].name));
}

static void wait_for_end(long fd)
{
    char byte;
    long got;

    do
        got = CALL3(read, fd, &byte, 1);
    while (got > 0 || got == -EINTR);
}

static void handle(int signal_number, void (*handler)(int))
{
    struct kernel_sigaction action = {handler, 0, NULL, 0};

    /* SIGKILL and SIGSTOP are refused, and that is right. */
    CALL4(rt_sigaction, signal_number, &action, NULL, sizeof action.mask);
}

/* Keep the session and its terminal alive until the driver lets go; then vanish. */
static _Noreturn void lead_session(long leader)
{
    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        handle(signal_number, SIG_IGN);
    CALL2(prctl, PR_SET_DUMPABLE, 0);
    for (long fd = 0; fd < leader; fd++)
        CALL1(close, fd);
    CALL3(close_range, leader + 1, ~0U, 0);
    wait_for_end(leader);
    bare_exit(0);
}

/* A new session; with a terminal, one whose leader is not the program. */
static void make_session(void)
{
    int group;
    long pid;

    must("setsid", CALL0(setsid));
    if (option_tty < 0)
        return;
    must("TIOCSCTTY", CALL3(ioctl, option_tty, TIOCSCTTY, 0));
    /* CLONE_PARENT: the program is the driver's child, not ours, so the driver reaps it. */
    pid = CALL5(clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    must("clone", pid);
    if (pid > 0)
        lead_session(option_leader);
    handle(SIGTTOU, SIG_IGN);
    must("setpgid", CALL2(setpgid, 0, 0));
    group = (int)CALL0(getpid);
    must("tcsetpgrp", CALL3(ioctl, option_tty, TIOCSPGRP, &group));
    tell_number("pid", group);
}

static void limit(int resource, long value)
{
    struct rlimit bound = {(rlim_t)value, (rlim_t)value}, now;

    if (value < 0)
        return;
    /* Never above what we have: raising a hard limit needs a capability that may be missing. */
    if (CALL4(prlimit64, 0, resource, NULL, &now) == 0 && now.rlim_max < bound.rlim_max)
        bound.rlim_cur = bound.rlim_max = now.rlim_max;
    must("setrlimit", CALL4(prlimit64, 0, resource, &bound, NULL));
}

static int in_driver; /* as a child that has the driver's memory (launch_here.c) */

/* When memory runs out the submission goes, not the driver. It stays so where /proc is read-only
 * for it, by its mount or by Landlock.
 */
static void go_first(void)
{
    const char *path = option_proc >= 0 ? "self/oom_score_adj" : "/proc/self/oom_score_adj";
    long from = option_proc >= 0 ? option_proc : AT_FDCWD;
    long fd;

    /* Of who is not dumpable, as the driver is, /proc/self belongs to root: of the machine. */
    if (in_driver)
        must("dumpable", CALL5(prctl, PR_SET_DUMPABLE, 1, 0, 0, 0));
    fd = CALL4(openat, from, path, O_WRONLY | O_CLOEXEC, 0);
    if (fd >= 0) {
        must("oom_score_adj", CALL3(write, fd, "1000", 4));
        CALL1(close, fd);
    }
    if (in_driver)
        must("dumpable", CALL5(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0));
}

static void set_limits(void)
{
    limit(RLIMIT_CPU, option_cpu);
    limit(RLIMIT_AS, option_as);
    limit(RLIMIT_NOFILE, option_nofile);
    limit(RLIMIT_FSIZE, option_fsize);
    limit(RLIMIT_MSGQUEUE, option_msgqueue);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_MEMLOCK, 64 * 1024);
}

/* Where driver and submission have one uid, the kernel lets these reach the driver: limits and
 * priorities of other processes than the caller. Passing 0 means oneself. */
#define SELF_ONLY(name)                                                                            \
    CASE(name, 4), LOAD(args[0]), IF_ANY(0xffffffffU), REFUSE(EPERM), RETURN(SECCOMP_RET_ALLOW)

static const struct sock_filter same_uid_program[] = {
    LOAD(nr),
    SELF_ONLY(prlimit64),
    SELF_ONLY(sched_setaffinity),
    SELF_ONLY(sched_setscheduler),
    SELF_ONLY(sched_setparam),
    SELF_ONLY(sched_setattr),
    DENY(ioprio_set),
    CASE(setpriority, 7), /* (which, who): neither a user's processes nor others */
    LOAD(args[0]),
    IF_ANY(2U),
    REFUSE(EPERM),
    LOAD(args[1]),
    IF_ANY(0xffffffffU),
    REFUSE(EPERM),
    RETURN(SECCOMP_RET_ALLOW),
    RETURN(SECCOMP_RET_ALLOW),
};
static const struct sock_fprog same_uid = {
    sizeof same_uid_program / sizeof same_uid_program[0],
    (struct sock_filter *)(uintptr_t)same_uid_program,
};

static void drop_privileges(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    int ordinary; /* a user without a namespace of its own: there is nothing to drop */

    if (option_userns >= 0)
        must("setns", CALL2(setns, option_userns, CLONE_NEWUSER));
    ordinary = option_userns < 0 && CALL0(geteuid) != 0;
    if (option_userns < 0 && option_uid != 0 && !ordinary)
        must("setgroups", CALL2(setgroups, 0, NULL));
    for (long capability = 0; capability <= 63 && !ordinary; capability++) {
        /* To ask costs a sixth of dropping again what the driver has dropped (confine.py). */
        long has = CALL5(prctl, PR_CAPBSET_READ, capability, 0, 0, 0);

        if (has == -EINVAL && capability > 0) /* the kernel has no capability beyond */
            break;
        must("capbset", has);
        if (has > 0)
            must("capbset", CALL5(prctl, PR_CAPBSET_DROP, capability, 0, 0, 0));
    }
    must("setresgid", CALL3(setresgid, option_gid, option_gid, option_gid));
    /* Counted for the uid that we become; setresuid() itself never fails for it (setuid(2)). */
    limit(RLIMIT_NPROC, option_nproc);
    must("setresuid", CALL3(setresuid, option_uid, option_uid, option_uid));
    must("capset", CALL2(capset, &header, none));
    must("no_new_privs", CALL5(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    if (option_landlock >= 0)
        must("landlock", CALL2(landlock_restrict_self, option_landlock, 0));
    if (ordinary)
        must("seccomp", CALL3(seccomp, SECCOMP_SET_MODE_FILTER, 0, &same_uid));
    must("seccomp", CALL3(seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter));
}

static void reset_signals(void)
{
    uint64_t none = 0;

    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        handle(signal_number, SIG_DFL);
    CALL4(rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

/* The options in front of "--"; how many words there are. */
static int read_options(int argc, char *argv[])
{
    int count = 0;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        *numbers[i].value = -1;
    option_cwd = option_path = NULL;
    while (count < argc && !bare_equal(argv[count], "--"))
        parse(argv[count++]);
    return count;
}

/* As execvp(3): a name without a slash is that of a command, which lies in one of option_path. */
static long execute(const char *file, char *argv[], char *envp[])
{
    char place[512];
    long result = -ENOENT;

    if (*file == '\0')
        return -ENOENT;
    for (const char *rest = file; *rest != '\0'; rest++)
        if (*rest == '/')
            return CALL3(execve, file, argv, envp);
    for (const char *directory = option_path; directory != NULL && *directory != '\0';) {
        size_t length = 0;
        long refused;

        while (*directory != '\0' && *directory != ':' && length < sizeof place - 1)
            place[length++] = *directory++;
        if (length + bare_length(file) + 2 > sizeof place)
            return -ENAMETOOLONG;
        place[length] = '/';
        memcpy(place + length + 1, file, bare_length(file) + 1);
        refused = CALL3(execve, place, argv, envp);
        if (refused != -ENOENT && refused != -ENOTDIR)
            result = refused;
        directory += *directory == ':';
    }
    return result;
}

/* What is left of the driver's descriptors. From here on paths are the submission's to choose, and
 * could lead to them by /proc/self/fd.
 */
static void close_all(void)
{
    int gate_last = option_gate > option_errfd;
    long kept[] = {gate_last ? option_errfd : option_gate, gate_last ? option_gate : option_errfd};
    long first = 3;

    for (size_t i = 0; i < 2; i++) {
        if (kept[i] > first)
            must("close_range", CALL3(close_range, first, kept[i] - 1, 0));
        if (kept[i] >= first)
            first = kept[i] + 1;
    }
    must("close_range", CALL3(close_range, first, ~0U, 0));
}

/* argv: the file to execute and its arguments. */
static _Noreturn void become(char *argv[], char *envp[])
{
    make_session();
    go_first();
    set_limits();
    drop_privileges();
    close_all();
    if (option_cwd != NULL)
        must("chdir", CALL1(chdir, option_cwd));
    if (option_gate >= 0)
        wait_for_end(option_gate);
    reset_signals();
    /* Everything but the standard three closes at exec, ERRFD too: its end-of-file says "started".
     */
    must("close_range", CALL3(close_range, 3, ~0U, 1U << 2 /* CLOSE_RANGE_CLOEXEC */));
    fail("exec", execute(argv[0], argv + 1, envp));
}

#endif
