/* calls_vfork.c - vfork(): the child runs in the memory of its parent, which waits until the child
   has begun another program or ended

   So the child can tell its parent something in a variable, and right programs do. Of ours, too,
   all memory is shared meanwhile, be it of this thread: who we are is changed by the child, and set
   right by the parent when it goes on.

   Both return from the same call, and what the child does next overwrites the stack below its
   caller's frame, where a wrapper would keep its variables. So this one is not in C, it leaves
   nothing on the stack, and what the parent needs later lies in a page of its own.
*/
#include "birth.h"
#include <sys/mman.h>
#include <sys/syscall.h>

#ifdef __x86_64__

typedef struct Suspended {
    struct Suspended *outer; /* Of a child that calls vfork() in its turn */
    void *return_address;
    Birth birth;
    int active, task, exit_status, in_handler;
    pid_t parent_before;
    struct sigaction actions[SIGNALS];
} Suspended;

static __thread Suspended *suspended;

/* Called from below. 0: there is no child, see errno. */
__attribute__((used)) int vfork_begins(void *return_address, void **frame)
{
    Site site = site_at(return_address, frame);
    Suspended *made = (Suspended *)syscall(SYS_mmap, NULL, sizeof *made, PROT_READ | PROT_WRITE,
                                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    if (made == MAP_FAILED)
        return 0;
    made->active = ACTIVE;
    if (made->active && !begin_birth(&made->birth, CALL_fork, site)) {
        syscall(SYS_munmap, made, sizeof *made);
        return 0;
    }
    made->outer = suspended;
    made->return_address = return_address;
    made->task = self_index;
    made->exit_status = exit_status;
    made->in_handler = in_handler;
    made->parent_before = parent_before;
    __builtin_memcpy(made->actions, actions, sizeof actions);
    suspended = made;
    return 1;
}

typedef struct {
    long pid;
    void *return_address;
} Returned;

/* The same, with what the kernel has returned: first in the child, then in the parent. */
__attribute__((used)) Returned vfork_returns(long pid)
{
    Suspended *made = suspended;
    Returned returned = {pid, made->return_address};
    if (pid == 0) {
        if (made->active)
            born(&made->birth);
        return returned;
    }
    /* The child may have been killed at any place. */
    inside = !made->active;
    deferred_count = 0;
    suspended = made->outer;
    exit_status = made->exit_status;
    in_handler = made->in_handler;
    parent_before = made->parent_before;
    __builtin_memcpy(actions, made->actions, sizeof actions);
    Birth birth = made->birth;
    int active = made->active, task = made->task;
    syscall(SYS_munmap, made, sizeof *made);
    if (pid < 0) {
        errno = (int)-pid;
        returned.pid = -1;
    }
    if (active) {
        become(task);
        gave_birth(&birth, (pid_t)returned.pid);
        note_mask();
        LOCKED({
            if (pid > 0 && birth.child >= 0)
                join_process(&self->clock, birth.child);
        });
    }
    return returned;
}

/* The frame pointer is pushed only so that site_at() finds the caller's. */
__asm__(".text\n"
        ".weak vfork\n"
        ".type vfork, @function\n"
        "vfork:\n"
        "    push %rbp\n"
        "    mov %rsp, %rbp\n"
        "    mov 8(%rbp), %rdi\n"
        "    mov %rbp, %rsi\n"
        "    call vfork_begins\n"
        "    pop %rbp\n"
        "    test %eax, %eax\n"
        "    jz 1f\n"
        "    pop %rdx\n"
        "    mov $58, %eax\n" /* SYS_vfork */
        "    syscall\n"
        "    mov %rax, %rdi\n"
        "    call vfork_returns\n"
        "    jmp *%rdx\n"
        "1:  mov $-1, %rax\n"
        "    ret\n"
        ".size vfork, . - vfork\n");

#else
#include <fcntl.h>

/* Elsewhere it is a child of fork(), with memory of its own. */
static int high_descriptor(int low)
{
    enum { HIGH = 100 }; /* Where it is in nobody's way */
    int high = (int)syscall(SYS_fcntl, low, F_DUPFD_CLOEXEC, HIGH);
    syscall(SYS_close, low);
    return high;
}

EXPORT pid_t vfork(void)
{
    Site site = HERE();
    int ends[2] = {-1, -1}, error = errno;
    char byte;
    if (ACTIVE && syscall(SYS_pipe2, ends, O_CLOEXEC) == 0) {
        ends[0] = high_descriptor(ends[0]);
        ends[1] = high_descriptor(ends[1]);
    }
    errno = error;
    pid_t pid = fork_at(site);
    error = errno;
    if (pid == 0) {
        syscall(SYS_close, ends[0]);
        errno = error;
        return 0;
    }
    syscall(SYS_close, ends[1]);
    while (pid > 0 && syscall(SYS_read, ends[0], &byte, (size_t)1) == -1 && errno == EINTR)
        ;
    syscall(SYS_close, ends[0]);
    if (pid > 0)
        LOCKED({
            int child = task_of(pid);
            if (child >= 0)
                join(&self->clock, &region->tasks[child].clock);
        });
    errno = error;
    return pid;
}

#endif
