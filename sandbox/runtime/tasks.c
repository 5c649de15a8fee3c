/* tasks.c - processes and threads: who was born of whom, who has ended

   A task has a place in every clock. Places are few, so that of a process which was reaped is given
   to a new one, whose time goes on where the other's ended: what the dead did before stays ordered
   right.
*/
#include "runtime.h"
#include <fcntl.h>
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

/* With the lock held. What it holds stays on record: it explains who waits for ever. */
void task_exits(void)
{
    if (self->state != TASK_LIVE)
        return;
    join(&region->exited, &self->clock);
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
        if (!task->thread || task->pid != pid || task->state == TASK_REAPED)
            continue;
        join(&self->clock, &task->clock);
        join(&region->exited, &task->clock);
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
    join(&self->clock, &region->tasks[index].clock);
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        join(&region->exited, &region->tasks[index].clock); /* Who was killed has not said so */
        region->tasks[index].state = TASK_REAPED;
        threads_reaped(pid);
    }
}

/* Has it died, be it unreaped, or begun to? SEM_UNDO is done before it is a zombie (PF_EXITING). */
int is_dead(pid_t pid)
{
    char path[32], stat[512];
    if (pid <= 0)
        return 0;
    int descriptor =
        (int)syscall(SYS_openat, AT_FDCWD, text(path, sizeof path, "/proc/%d/stat", (int)pid),
                     O_RDONLY | O_CLOEXEC);
    if (descriptor == -1)
        return errno == ENOENT; /* Others' may be hidden from us: then nothing is known */
    ssize_t length = syscall(SYS_read, descriptor, stat, sizeof stat - 1);
    syscall(SYS_close, descriptor);
    char *at = NULL;
    for (ssize_t i = 0; i < length; i++)
        if (stat[i] == ')')
            at = stat + i;
    if (at == NULL || at + 2 >= stat + length)
        return 1;
    if (at[2] == 'Z' || at[2] == 'X')
        return 1;
    stat[length] = '\0';
    unsigned flags = 0;
    int field = 2;
    for (at++; *at != '\0' && field < 9; at++)
        if (*at == ' ')
            field++;
    for (; *at >= '0' && *at <= '9'; at++)
        flags = flags * 10 + (unsigned)(*at - '0');
    return (flags & 4) != 0;
}
