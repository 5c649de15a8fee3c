/* tasks.c - processes and threads: who was born of whom, who has ended

   A task has a place in every clock. Places are few, so that of a process which was reaped is given
   to a new one, whose time goes on where the other's ended: what the dead did before stays ordered
   right.
*/
#include "runtime.h"
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int exit_status = -1;
int has_threads;

static int free_place(void)
{
    if (region->task_count < MAX_TASKS)
        return (int)region->task_count++;
    for (int i = 0; i < MAX_TASKS; i++)
        if (region->tasks[i].state == TASK_REAPED)
            return i;
    for (int i = 0; i < MAX_TASKS; i++) /* Nobody waits for it: SIGCHLD is ignored */
        if (region->tasks[i].state == TASK_EXITED && !region->tasks[i].thread &&
            is_dead(region->tasks[i].pid))
            return i;
    region->lost |= LOST_TASKS;
    return -1;
}

/* How the scenario counts a program that it has started; of one that is unknown, its pid. */
static int number_of_root(pid_t pid)
{
    for (uint32_t i = 0; i < region->root_count && i < MAX_ROOTS; i++)
        if (region->roots[i].pid == pid)
            return region->roots[i].index;
    return pid;
}

enum { LONGEST_STEP = 8, DEEP = 1000000 };

int new_task(int parent, Site born, int thread)
{
    int index = free_place();
    if (index < 0)
        return -1;
    Task *task = &region->tasks[index];
    Clock *clock = &task->clock;
    uint32_t time = clock->of[index];
    __builtin_memset(task, 0, sizeof *task);
    task->parent = parent;
    task->born = born;
    task->waits_for = -1;
    if (parent >= 0) {
        Task *mother = &region->tasks[parent];
        task->clock = mother->clock;
        task->number = thread ? ++mother->threads : ++mother->children;
        task->scenario = mother->scenario;
        if (__builtin_strlen(mother->path) + LONGEST_STEP < NAME_SIZE)
            text(task->path, NAME_SIZE, thread ? "%s.t%d" : "%s.%d", mother->path, task->number);
        else /* Too deep to be told, but not the same as anybody else */
            text(task->path, NAME_SIZE, "%d", DEEP + index);
        copy_text(task->name, NAME_SIZE, mother->name);
        task->thread = thread;
        task->pid = thread ? mother->pid : 0;
    } else {
        task->number = number_of_root(getpid());
        text(task->path, NAME_SIZE, "%d", task->number);
    }
    clock->of[index] = time + 1;
    task->state = TASK_LIVE;
    return index;
}

int task_of(pid_t pid)
{
    for (int i = (int)region->task_count; i-- > 0;)
        if (region->tasks[i].pid == pid && !region->tasks[i].thread &&
            region->tasks[i].state != TASK_REAPED)
            return i;
    return -1;
}

void become(int index)
{
    self_index = index;
    self = index >= 0 ? &region->tasks[index] : NULL;
    if (self != NULL) {
        self->tid = (int32_t)syscall(SYS_gettid);
        self->pid = getpid();
    }
}

/* What a process has done its threads have done: one of them may have ended it. */
void join_process(Clock *into, int index)
{
    int pid = region->tasks[index].pid;
    join(into, &region->tasks[index].clock);
    for (uint32_t i = 0; i < region->task_count && i < MAX_TASKS; i++)
        if (region->tasks[i].thread && region->tasks[i].pid == pid)
            join(into, &region->tasks[i].clock);
}

/* With the lock held. What it holds stays on record: it explains who waits for ever. */
void task_exits(void)
{
    if (self->state != TASK_LIVE)
        return;
    join_process(&region->exited, self_index);
    for (int i = 0; i < self->held_count; i++) {
        Sync *sync = &region->syncs[self->held[i].sync];
        if (sync->kind == SYNC_FILE_LOCK)
            join(&sync->released, &self->clock);
        else if (self->held[i].mode == HELD_UNDO)
            give(sync, 1);
    }
    event(EVENT_EXIT, CALL_NONE, self->exits, NULL, exit_status, 0, -1);
    self->state = TASK_EXITED;
}

/* A process ends with all its threads, also those that nobody has joined. */
static void threads_reaped(pid_t pid)
{
    for (uint32_t i = 0; i < region->task_count && i < MAX_TASKS; i++) {
        Task *task = &region->tasks[i];
        if (task->thread && task->pid == pid)
            task->state = TASK_REAPED;
    }
}

void task_reaped(pid_t pid, int status)
{
    int index = task_of(pid);
    if (index < 0) {
        hear_of_dead();
        return;
    }
    join_process(&self->clock, index);
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        join_process(&region->exited, index); /* Who was killed has not said so */
        region->tasks[index].state = TASK_REAPED;
        region->tasks[index].ended_by = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        threads_reaped(pid);
    }
}

/* What /proc/PID/stat tells from the state on; NULL: there is no such process. Others' may be
   hidden from us: then nothing is known. */
enum { STAT_SIZE = 512 };

static const char *state_of(pid_t pid, char stat[STAT_SIZE])
{
    char path[32];
    int descriptor =
        (int)syscall(SYS_openat, AT_FDCWD, text(path, sizeof path, "/proc/%d/stat", (int)pid),
                     O_RDONLY | O_CLOEXEC);
    if (descriptor == -1)
        return errno == ENOENT ? NULL : "";
    ssize_t length = syscall(SYS_read, descriptor, stat, STAT_SIZE - 1);
    syscall(SYS_close, descriptor);
    char *at = NULL;
    for (ssize_t i = 0; i < length; i++)
        if (stat[i] == ')')
            at = stat + i;
    if (at == NULL || at + 2 >= stat + length)
        return NULL;
    stat[length] = '\0';
    return at + 2;
}

/* Has it died, be it unreaped, or begun to? SEM_UNDO is done before it is a zombie (PF_EXITING). */
int is_dead(pid_t pid)
{
    char stat[STAT_SIZE];
    if (pid <= 0)
        return 0;
    const char *at = state_of(pid, stat);
    if (at == NULL || *at == 'Z' || *at == 'X')
        return 1;
    unsigned flags = 0;
    int field = 3;
    for (; *at != '\0' && field < 9; at++)
        if (*at == ' ')
            field++;
    for (; *at >= '0' && *at <= '9'; at++)
        flags = flags * 10 + (unsigned)(*at - '0');
    return (flags & 4) != 0;
}

/* Has it died, or been stopped? Then it does nothing more, until somebody lets it go on. */
int is_dead_or_stopped(pid_t pid)
{
    char stat[STAT_SIZE];
    const char *at = pid > 0 ? state_of(pid, stat) : "";
    return at != NULL && (*at == 'T' || *at == 't') ? 1 : is_dead(pid);
}

/* --- what the kernel tells of others -------------------------------------------------------------
 */

/* SIGCHLD tells of it: it has stopped, goes on, or has ended. */
void hear_of_child(pid_t pid)
{
    int child = task_of(pid);
    if (child >= 0 && child != self_index)
        join_process(&self->clock, child);
}

/* Has prctl() asked for that signal when the parent ends? The kernel keeps it, over exec(), too. */
static int is_of_parent(int number)
{
    int of_parent = 0;
    return number != 0 && syscall(SYS_prctl, PR_GET_PDEATHSIG, &of_parent) == 0 &&
           number == of_parent;
}

/* A signal that the kernel sends of itself: a child has stopped or ended, our parent, or who leads
   the session of our terminal; or nobody reads what we write, which of our pipes that is it does
   not say.
 */
void hear_of_kernel(int number)
{
    if (number == SIGCHLD || number == SIGHUP || number == SIGPIPE || is_of_parent(number))
        hear_of_dead();
    for (int i = 0; number == SIGPIPE && i < MAX_SYNCS; i++)
        if (region->syncs[i].kind == SYNC_PIPE || region->syncs[i].kind == SYNC_SOCKET)
            acquire(&region->syncs[i]);
}
