/* launch: becomes the submission, from the trusted side.
 *
 * The driver starts it (with posix_spawn, so that starting costs no copy of a Python process) and
 * it turns into the program that a case names, in the steps of becoming.h. Whatever fails is told
 * on ERRFD and ends with status 127; after a successful exec that descriptor is closed, which tells
 * the driver "started".
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
 *   landlock=FD     stay under this set of rules (landlock(7))
 *   proc=FD         a /proc that can be written to, where the one that is seen cannot
 *   cwd=DIR         where to run
 *   path=DIR:...    where to look for FILE if there is no slash in it
 *   cpu= as= nproc= nofile= fsize= msgqueue=   resource limits (setrlimit(2)), -1: leave
 *
 *   launch hold-namespace errfd=FD   makes a user namespace and waits for end-of-file on stdin,
 *                   so that the driver can write its maps and keep it.
 */
#include "becoming.h"

static _Noreturn void hold_namespace(void)
{
    long fd;

    must("unshare", CALL1(unshare, CLONE_NEWUSER));
    tell("ready\n");
    wait_for_end(0);
    /* The maps are written: the submission shall make no user namespaces of its own. */
    fd = CALL4(openat, AT_FDCWD, "/proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC, 0);
    must("max_user_namespaces", fd);
    must("max_user_namespaces", CALL3(write, fd, "0", 1));
    tell("done\n");
    bare_exit(0);
}

int bare_main(int argc, char *argv[], char *envp[])
{
    int first = read_options(argc, argv);

    if (argc > 1 && bare_equal(argv[1], "hold-namespace"))
        hold_namespace();
    if (argc - first < 3 || option_uid < 0 || option_gid < 0)
        bare_exit(126);
    become(argv + first + 1, envp);
}
