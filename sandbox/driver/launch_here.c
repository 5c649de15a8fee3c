/* launch_here: what launch.c does, as a library, for a driver that need not fear for its child.
 *
 * The child of a vfork() lives in the driver's memory until it executes the submission's program,
 * and the driver stands still meanwhile. That saves the execution of a program in between, and the
 * driver knows at once whether the program was executed. But who stops such a child stops the
 * driver, so this is only for where no process of the submission is about, and nothing that it has
 * left behind can keep the child waiting (vforking.py).
 *
 * The arguments are those of launch.c, each with its NUL, one behind the other; those that name a
 * descriptor name it by the driver's number, since the child has a copy of them all. Beside them:
 *   stdin=FD stdout=FD stderr=FD    what becomes its 0, 1 and 2 (none of these itself), -1: closed
 * There is no gate, and no terminal.
 */
#define BARE_LIBRARY
#include "becoming.h"

#define EXPORTED __attribute__((visibility("default")))
#define MOST 256 /* words: a program with more of them is launched by launch.c */

struct words {
    char *at[MOST + 1];
    int count;
};

/* False where there are too many. */
static int part(char *text, long size, struct words *words)
{
    words->count = 0;
    for (long i = 0; i < size; i += (long)bare_length(text + i) + 1) {
        if (words->count == MOST)
            return 0;
        words->at[words->count++] = text + i;
    }
    words->at[words->count] = NULL;
    return 1;
}

static void put(long from, long to)
{
    if (from < 0)
        CALL1(close, to);
    else
        must("dup", CALL3(dup3, from, to, 0));
}

/* A function of its own, so that nothing is changed in the frame that the parent returns from. */
static __attribute__((noinline)) _Noreturn void child(char *argv[], char *envp[])
{
    in_driver = 1;
    put(option_stdin, 0);
    put(option_stdout, 1);
    put(option_stderr, 2);
    become(argv, envp);
}

EXPORTED long launch_here(char *arguments, long size, char *environment, long length);
EXPORTED const char *launch_failure(void);

/* The pid, or what clone() says; -E2BIG where there are too many words. */
long launch_here(char *arguments, long size, char *environment, long length)
{
    uint64_t all = ~(uint64_t)0, before;
    struct words words, variables;
    long dumpable, pid;
    int first;

    if (!part(arguments, size, &words) || !part(environment, length, &variables))
        return -E2BIG;
    first = read_options(words.count, words.at);
    if (words.count - first < 3 || option_uid < 0 || option_gid < 0)
        return -EINVAL;
    told[0] = '\0';
    dumpable = CALL5(prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
    /* A handler of the driver's must not run in the child, whose memory it would change. */
    CALL4(rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all);
    pid = CALL5(clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        child(words.at + first + 1, variables.at);
    CALL4(rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
    CALL5(prctl, PR_SET_DUMPABLE, dumpable, 0, 0, 0);
    return pid;
}

/* What the last one could not do, as launch.c tells it; nothing when its program was executed. */
const char *launch_failure(void)
{
    return told;
}
