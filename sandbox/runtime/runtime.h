/* runtime.h - what the files of the runtime share

   README.md tells the theory. In short: a wrapper of a call takes the region's lock for a moment
   before and after the real call, never during it, and says what order the call makes:

       Site site = HERE();                     where in the student's source
       if (fault_at(CALL_semop, site)) ...     a fault that the plan injects here
       point(CALL_semop, site, BEFORE);        a place at which a schedule can hold the task
       LOCKED({ release(sync_of(...)); });     what happens-before what
       begin_wait(...); result = REAL(semop)(...); end_wait(...);
       LOCKED({ acquire(sync_of(...)); });

   Everything between enter() and leave() runs with the task's `inside` set: signals that come there
   are handled when it leaves, so that a handler never finds the lock taken by its own thread.
*/
#ifndef GRADER_RUNTIME_H
#define GRADER_RUNTIME_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef __NO_INLINE__
#define __NO_INLINE__ 1 /* Of stdio.h: the wrappers are functions */
#endif
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

#include "layout.h"

/* Weak: a program that has a function of that name, too, means its own. */
#define EXPORT __attribute__((visibility("default"), noinline, weak))
/* Of functions that call the student's: they are no place in the student's source. */
#define CALLS_STUDENT __attribute__((section("grader_callers"), noinline))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* --- the C library's own functions (real.c) --- */

typedef struct {
    void *function;
    const char *name;
} Real;

void *resolve(Real *real);
void resolve_all(void);

/* Another name by which programs call a function: with _FILE_OFFSET_BITS=64, without its lock. */
#define ALSO(name, of)                                                                             \
    extern __typeof__(of) name __attribute__((alias(#of), visibility("default"), weak))

/* The function that a wrapper stands before. Each use leaves an entry in a section of its own, so
   that all are looked up at the start: dlsym() is not for signal handlers. */
#define REAL(name)                                                                                 \
    ({                                                                                             \
        static Real real_ __attribute__((section("grader_reals"), used)) = {NULL, #name};          \
        (__typeof__(&name))(real_.function ? real_.function : resolve(&real_));                    \
    })

/* The program's own syscall() is wrapped, too (calls_number.c). */
#define syscall(...) REAL(syscall)(__VA_ARGS__)

/* --- who and where (region.c) --- */

extern Region *region; /* NULL until it is mapped */
extern __thread Task *self;
extern __thread int self_index; /* -1: this thread is no task */
extern __thread int inside;
extern __thread void *stack_top; /* Above every frame of this thread */
extern uint16_t image_index;
extern const char *hold_path;

/* Does the runtime look at what this thread does now? */
#define ACTIVE (self != NULL && inside == 0)

Site site_at(void *return_address, void **frame);
#define HERE() site_at(__builtin_return_address(0), __builtin_frame_address(0))

void initialise(void);
void enter(void);
void leave(void); /* Handles the signals that came meanwhile */
void lock(void);
void unlock(void);

/* Statements in a critical section, if the runtime is to look at all. errno is kept. */
#define LOCKED(...)                                                                                \
    do {                                                                                           \
        if (ACTIVE) {                                                                              \
            int errno_ = errno;                                                                    \
            enter();                                                                               \
            lock();                                                                                \
            __VA_ARGS__                                                                            \
            unlock();                                                                              \
            leave();                                                                               \
            errno = errno_;                                                                        \
        }                                                                                          \
    } while (0)

/* --- words (text.c): snprintf() and its kin are the student's here --- */

/* %s, %d, %x (unsigned), %D (long long); NUL-terminated, cut to size. Returns to. */
char *text(char *to, size_t size, const char *format, ...);
size_t copy_text(char *to, size_t size, const char *from);
int equal_text(const char *one, const char *other);

/* --- time and order (clocks.c). All with the lock held ------------------------------------------
 */

void join(Clock *into, const Clock *from);
void tick(void);
Sync *sync_at(int kind, uint64_t first, uint64_t second);
void name_sync(Sync *sync, const char *format, ...);
static inline int index_of(const Sync *sync)
{
    return (int)(sync - region->syncs);
}
void release(Sync *sync);
void acquire(Sync *sync);
void give(Sync *sync, int units); /* Tokens with our clock */
void take(Sync *sync, int units);
void take_back(Sync *sync, int units); /* What was given by a call that then failed */
void set_value(Sync *sync, int value, Site site);
void hear_of_dead(void);
void hear_of_scenario(int way);

/* --- locks that are held (locksets.c) --- */

void wants(Sync *sync, Site site); /* Before it may block: for the order of locks */
void holds(Sync *sync, Site site, int mode);
void failed_to_take(Sync *sync, Site site, int error);
extern __thread uint32_t lock_turns;       /* How often the thread has let go its last lock */
int held_any(uint32_t lockset);            /* Any lock at all */
int lets_go(Sync *sync, Site site);        /* The mode in which it was held, 0: it was not */
Held held_now(const Sync *sync);           /* As it was taken last; mode 0: not held */
void hear_of_dead_owner(const Sync *sync); /* Of a robust mutex */

/* --- tasks (tasks.c) ----------------------------------------------------------------------------
 */

int new_task(int parent, Site born, int thread);
extern int has_threads; /* pthread_create() was called here */
int task_of(pid_t pid);
void become(int index);
void task_exits(void);
enum { AT_FORK_PREPARE, AT_FORK_PARENT, AT_FORK_CHILD, AT_FORK_KINDS };
void call_at_fork(int kind); /* What pthread_atfork() was given (calls_notify.c) */
extern int exit_status;      /* Of this process, when it is known; else -1 */
void task_reaped(pid_t pid, int status);
int is_dead(pid_t pid);
int is_dead_or_stopped(pid_t pid);
void hear_of_child(pid_t pid);
void hear_of_kernel(int number);
void join_process(Clock *into, int task); /* Its past, and that of its threads */
pid_t group_met(pid_t pid, pid_t result); /* Its group was looked at */

/* --- accesses to memory (shadow.c) --- */

/* kind: ORIGIN_...; the memory of an object that all who attach it share. -1: no room for it. */
int segment_for(int kind, uint64_t first, uint64_t second, uint64_t size, Site made);
void name_segment(int segment, int64_t id, const char *format, ...);
void add_mapping(void *start, size_t size, uint64_t offset, int segment);
void move_mapping(void *old, size_t size, void *start, size_t length); /* mremap() */
void remove_mapping(void *start, size_t size); /* size 0: all that begins there */
int is_shared(const void *address);
int64_t id_of_segment(const void *address); /* Of System V memory; -1: it is none */
/* What a synchronisation object at an address is known by, in every process that shares it. */
void key_of_address(const void *address, uint64_t key[2]);
extern uintptr_t lowest, highest; /* Of all shared mappings of this process */
void access_to(int segment, uint64_t offset, size_t size, unsigned flags, Site site); /* Locked */
void shared_access(uintptr_t address, size_t size, unsigned flags, Site site);
void touch(const void *address, size_t size, unsigned flags, Site site); /* By a library function */
/* Of the thread that asks: by any function that is under way. */
static inline __attribute__((always_inline)) int on_stack(uintptr_t address)
{
    uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    return address > frame - 4096 && address < (uintptr_t)stack_top;
}
size_t read_of(const char *text, size_t limit); /* Bytes that reading a text looks at */

/* --- points of a schedule, faults (points.c) -----------------------------------------------------
 */

enum { BEFORE = 0, AFTER = 1, TIMED = 2 };
extern int points_wanted; /* Somebody asks where we are */
void point(int call, Site site, int after);
int held_without(int call, Site site); /* Is that to be held here? */
void be_held(Site site);
int fault_at(int call, Site site);                    /* errno, or 0 */
int fault_in_size(int call, Site site, size_t *size); /* The same; a short transfer makes *size 1 */
/* A wait with a limit: is it to end by that, at once? The caller says so as the call does. */
int times_out_at(int call, Site site, const struct timespec *limit);
int times_out_after(int call, Site site, const struct timespec *limit);
int cut_sleep(int64_t nanoseconds); /* 1: slept, a millisecond at most */

/* --- what is told (reports.c) --- */

Report *report(int kind, Site one, Site other); /* NULL: told before, or no room. Lock held */
void publish(Report *made);                     /* When it is filled in */
Access access_now(unsigned flags, Site site);
Access access_of(const Slot *slot);
void made(int kind, int call, Site site, int64_t id, uint64_t device, const char *name);
void unmade(int kind, int64_t id, const char *name);
Origin *origin_of(int kind, int64_t id, uint64_t device);
void event(int kind, int call, Site site, const Sync *sync, int value, int error, int other);
void begin_wait(int call, Site site, const Sync *sync, int value);
void end_wait(int call, Site site, const Sync *sync, int result);
/* Where the value that is told is not the result. error: 0, or errno. */
void end_wait_with(int call, Site site, const Sync *sync, int value, int error);
void happened(int call, Site site, const Sync *sync, int value,
              int other); /* A call that does not wait */

/* --- descriptors that stdio and the end of a process write to (calls_descriptor.c) --- */

void stream_written(int descriptor);
void closing(int descriptor, Site site);
void closed(Site site);
void stream_read(int descriptor, int at_end);
void note_output(int descriptor, Site site);

/* --- signals (signals.c) -------------------------------------------------------------------------
 */

enum { SIGNALS = 65 };
extern struct sigaction actions[SIGNALS]; /* As the student asked for them */
extern __thread int in_handler;           /* The signal that is handled, 0: none */
extern int handlers;                      /* How many were ever installed */
extern int interrupting;                  /* How many of them without SA_RESTART */
extern int notifier;                      /* The queue of mq_notify(), 0: none */
extern __thread uint64_t blocked;         /* In the main program, outside of handlers */
extern __thread int mask_is_stale;
uint64_t signal_bit(int number);
void run_deferred(void);
extern __thread int deferred_count;
void note_mask(void);
void unsafe(const char *function, Site site);
void tell_inherited(Site exec); /* Signals that another program will find ignored or blocked */
void signal_sent(int call, pid_t pid, int number, Site site); /* pid 0: any */
void hear_of_senders(int number);                             /* One has come */
enum { ALARM_ONCE = 1, ALARM_AGAIN };                         /* Task.alarm */

/* --- what handlers and the program share (variables.c) ------------------------------------------
 */

extern uint64_t handled;             /* Signals that have a handler now */
extern int handler_runs;             /* So often one has begun */
extern uintptr_t stack_written;      /* A handler has written to the stack of the program */
extern __thread void *handler_frame; /* What lies below it is the handler's own */
extern __thread int in_fault;        /* It is handled what the program did itself: SIGSEGV */
void variable_access(uintptr_t address, size_t size, unsigned flags, Site site);
void private_access(uintptr_t address, size_t size, unsigned flags, Site site);
void forget_freed(uintptr_t start, size_t size);
void begin_pause(Site site);
void asked_for_children(Site site);
void stop_pausing(void);
void forget_reads(void);

/* Is an access to memory that nobody shares to be looked at? The stack's own variables are seldom
   shared with a handler. */
static inline __attribute__((always_inline)) int watched(uintptr_t address)
{
    return UNLIKELY(handlers != 0) && (!on_stack(address) || in_handler || stack_written) && ACTIVE;
}

#endif
