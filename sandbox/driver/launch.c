/* launch: becomes the submission, from the trusted side.
 *
 * The driver starts it (with posix_spawn, so that starting costs no copy of a Python process) and
 * it turns into the program that a case names, in this order: session, gate, limits, namespace,
 * identity, capabilities, working directory, exec. Whatever fails is told on ERRFD and ends with
 * status 127; after a successful exec that descriptor is closed, which tells the driver "started".
 *
 * Usage: launch KEY=VALUE ... -- FILE ARGV0 [ARG ...]
 *   uid=N gid=N     who to become; 0 stays the driver's user, without any of its capabilities
 *   userns=FD       enter this user namespace first (then uid and gid are those in it)
 *   errfd=FD        where failures go: "what errno"
 *   gate=FD         wait until this descriptor reaches end-of-file before exec
 *   tty=FD          make this terminal the controlling one; a parent of ours stays as the leader of
 *                   the session until `leader=FD` reaches end-of-file, because the death of a
 *                   session's leader hangs the terminal up and kills who is left (setsid(2),
 *                   tty_ioctl(4)); the pid of the program goes to ERRFD as "pid N\n"
 *   cwd=DIR         where to run
 *   cpu= as= nproc= nofile= fsize= msgqueue=   resource limits (setrlimit(2)), -1: leave
 *
 *   launch hold-namespace errfd=FD   makes a user namespace and waits for end-of-file on stdin,
 *                   so that the driver can write its maps and keep it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static long option_userns = -1, option_errfd = -1, option_gate = -1, option_tty = -1;
static long option_leader = -1, option_uid = -1, option_gid = -1;
static long option_cpu = -1, option_as = -1, option_nproc = -1, option_nofile = -1;
static long option_fsize = -1, option_msgqueue = -1;
static const char *option_cwd = NULL;

static const struct {
    const char *name;
    long *value;
} numbers[] = {
    {"userns", &option_userns},     {"errfd", &option_errfd},   {"gate", &option_gate},
    {"tty", &option_tty},           {"leader", &option_leader}, {"uid", &option_uid},
    {"gid", &option_gid},           {"cpu", &option_cpu},       {"as", &option_as},
    {"nproc", &option_nproc},       {"nofile", &option_nofile}, {"fsize", &option_fsize},
    {"msgqueue", &option_msgqueue},
};

static void tell(const char *text)
{
    if (option_errfd >= 0 && write((int)option_errfd, text, strlen(text)) < 0)
        _exit(126);
}

static _Noreturn void fail(const char *what)
{
    char text[128];

    snprintf(text, sizeof text, "%s %d\n", what, errno);
    tell(text);
    _exit(127);
}

static void parse(const char *argument)
{
    const char *equals = strchr(argument, '=');

    if (equals == NULL)
        return;
    if (strncmp(argument, "cwd=", 4) == 0) {
        option_cwd = equals + 1;
        return;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        size_t length = strlen(numbers[i].name);

        if ((size_t)(equals - argument) == length &&
            strncmp(argument, numbers[i].name, length) == 0)
            *numbers[i].value = strtol(equals + 1, NULL, 10);
    }
}

static void wait_for_end(int fd)
{
    char byte;
    ssize_t got;

    do
        got = read(fd, &byte, 1);
    while (got > 0 || (got < 0 && errno == EINTR));
}

/* Keep the session and its terminal alive until the driver lets go; then vanish. */
static _Noreturn void lead_session(int leader)
{
    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        signal(signal_number, SIG_IGN);
    prctl(PR_SET_DUMPABLE, 0);
    for (int fd = 0; fd < leader; fd++)
        close(fd);
    syscall(SYS_close_range, (unsigned)leader + 1, ~0U, 0);
    wait_for_end(leader);
    _exit(0);
}

/* A new session; with a terminal, one whose leader is not the program. */
static void make_session(void)
{
    char text[32];
    long pid;

    if (setsid() < 0)
        fail("setsid");
    if (option_tty < 0)
        return;
    if (ioctl((int)option_tty, TIOCSCTTY, 0) < 0)
        fail("TIOCSCTTY");
    /* CLONE_PARENT: the program is the driver's child, not ours, so the driver reaps it. */
    pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0)
        fail("clone");
    if (pid > 0)
        lead_session((int)option_leader);
    signal(SIGTTOU, SIG_IGN);
    if (setpgid(0, 0) < 0)
        fail("setpgid");
    if (tcsetpgrp((int)option_tty, getpgrp()) < 0)
        fail("tcsetpgrp");
    snprintf(text, sizeof text, "pid %d\n", (int)getpid());
    tell(text);
}

static void limit(int resource, long value)
{
    struct rlimit bound = {(rlim_t)value, (rlim_t)value}, now;

    if (value < 0)
        return;
    /* Never above what we have: raising a hard limit needs a capability that may be missing. */
    if (getrlimit(resource, &now) == 0 && now.rlim_max < bound.rlim_max)
        bound.rlim_cur = bound.rlim_max = now.rlim_max;
    if (setrlimit(resource, &bound) < 0)
        fail("setrlimit");
}

static void set_limits(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    /* When memory runs out the submission goes, not the driver. */
    if (fd >= 0) {
        if (write(fd, "1000", 4) < 0)
            fail("oom_score_adj");
        close(fd);
    }
    limit(RLIMIT_CPU, option_cpu);
    limit(RLIMIT_AS, option_as);
    limit(RLIMIT_NOFILE, option_nofile);
    limit(RLIMIT_FSIZE, option_fsize);
    limit(RLIMIT_MSGQUEUE, option_msgqueue);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_MEMLOCK, 64 * 1024);
}

static void drop_privileges(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2];

    if (option_userns >= 0) {
        if (setns((int)option_userns, CLONE_NEWUSER) < 0)
            fail("setns");
    } else if (option_uid != 0 && setgroups(0, NULL) < 0) {
        fail("setgroups");
    }
    for (int capability = 0; capability <= 63; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno != EINVAL)
            fail("capbset");
    if (setresgid((gid_t)option_gid, (gid_t)option_gid, (gid_t)option_gid) < 0)
        fail("setresgid");
    /* Counted for the uid that we become; setresuid() itself never fails for it (setuid(2)). */
    limit(RLIMIT_NPROC, option_nproc);
    if (setresuid((uid_t)option_uid, (uid_t)option_uid, (uid_t)option_uid) < 0)
        fail("setresuid");
    memset(none, 0, sizeof none);
    if (syscall(SYS_capset, &header, none) < 0)
        fail("capset");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        fail("no_new_privs");
}

static void reset_signals(void)
{
    sigset_t none;

    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        signal(signal_number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void hold_namespace(void)
{
    if (unshare(CLONE_NEWUSER) < 0)
        fail("unshare");
    tell("ready\n");
    wait_for_end(0);
    /* The maps are written: the submission shall make no user namespaces of its own. */
    int fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) < 0)
        fail("max_user_namespaces");
    tell("done\n");
    _exit(0);
}

int main(int argc, char *argv[])
{
    int first = 1;

    while (first < argc && strcmp(argv[first], "--") != 0)
        parse(argv[first++]);
    if (argc > 1 && strcmp(argv[1], "hold-namespace") == 0)
        hold_namespace();
    if (argc - first < 3 || option_uid < 0 || option_gid < 0)
        _exit(126);

    make_session();
    set_limits();
    drop_privileges();
    if (option_cwd != NULL && chdir(option_cwd) < 0)
        fail("chdir");
    if (option_gate >= 0)
        wait_for_end((int)option_gate);
    reset_signals();
    /* Everything but the standard three closes at exec, ERRFD too: its end-of-file says "started".
     */
    if (syscall(SYS_close_range, 3U, ~0U, 1U << 2 /* CLOSE_RANGE_CLOEXEC */) < 0)
        fail("close_range");
    execv(argv[first + 1], argv + first + 2);
    fail("exec");
}
