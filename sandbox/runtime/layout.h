/* layout.h - the region: what the runtime writes and the driver reads

   One file, mapped by every process of a case that was built with the runtime, so that programs
   which were forked, exec'ed and started apart all keep one record. README.md tells the theory of
   it; sandbox/driver/region.py is the same layout for Python, and tests/sandbox/test_region.py
   holds the two together.

   Everything is a table of fixed size, filled from the front; a count grows only when its entry is
   complete, so that a process may be killed at any moment and the rest can be read. Nothing in here
   is a pointer. What is full stays full, and `lost` says so; but events go round, since the last
   ones tell most: number N lies at N modulo MAX_EVENTS. Visits lie where a hash puts them.
*/
#ifndef GRADER_LAYOUT_H
#define GRADER_LAYOUT_H

#include <stdint.h>

#define REGION_MAGIC 0x31656367u
#define REGION_NAME "trace/region" /* Beside the directory programs/ in which executables lie */
#define HOLD_NAME "trace/hold"     /* A FIFO: who is held waits in open() of it */

enum {
    MAX_TASKS = 256,
    MAX_HELD = 12,
    MAX_LOCKSETS = 2048,
    MAX_SYNCS = 1024,
    MAX_TOKENS = 32,
    MAX_SEGMENTS = 128,
    MAX_PAGES = 16384,
    MAX_CHUNKS = 384,
    MAX_SITES = 4096,
    MAX_EVENTS = 4096,
    MAX_REPORTS = 128,
    MAX_ORIGINS = 1024,
    MAX_EDGES = 1024,
    MAX_IMAGES = 16,
    MAX_ROOTS = 256,
    MAX_ENDS = 128,
    SLOTS = 12,
    SHARED_PAGE = 4096,
    GRANULE = 8,
    CELLS = SHARED_PAGE / GRANULE,
    NAME_SIZE = 64
};

/* A place in the code: an executable of `images`, the offset in it of the instruction, and that of
   the call to the function in which it lies (students wrap semop() in P() and V()). */
typedef struct {
    uint32_t pc;
    uint32_t caller;
    uint16_t image;
    uint16_t unused;
} Site;

typedef struct {
    uint32_t of[MAX_TASKS];
} Clock;

/* --- what the driver asks for, before any program starts --- */

enum { CUT_SLEEPS = 1, RECORD_SITES = 2, RECORD_EVENTS = 4 };

/* A point of a schedule: the `occurrence`th time (from 1) that `task` comes to `pc`. An empty task
   is nobody, "*" everybody; pc 0 is wherever the task comes to. */
typedef struct {
    char task[NAME_SIZE];
    char image[NAME_SIZE]; /* Base name of the executable */
    uint32_t pc;
    uint32_t occurrence;
    uint32_t fault;   /* What is injected there; 0: the task is held */
    uint32_t onwards; /* It is held wherever it comes to after that, too */
    uint32_t first;   /* Until it has come there all others are held where they are */
} Point;

enum {
    FAULT_NONE,
    FAULT_EINTR,
    FAULT_SHORT,
    FAULT_ENOSPC,
    FAULT_EAGAIN,
    FAULT_ENOMEM,
    FAULT_EMFILE,
    FAULT_EIO,
    FAULT_TIMEOUT,
    FAULT_STOPPED
};

/* A program that the scenario started: pid, and its place among those that it started. */
typedef struct {
    int32_t pid;
    int32_t index;
} Root;

/* The scenario is a partner in every exchange: who hears of it by a byte, a signal or its own birth
   has heard of everything that happened before. `clock` is each task's own time at that moment. */
enum { BY_BIRTH = 1, BY_DATA = 2, BY_SIGNAL = 4, BY_OBJECT = 8 };

typedef struct {
    uint32_t sequence; /* Grows with each step that acts */
    uint32_t ways;     /* In which ways it can be heard of */
    Clock clock;
} Scenario;

/* --- what the runtime records --- */

enum { TASK_FREE, TASK_LIVE, TASK_EXITED, TASK_REAPED };

enum {
    SYNC_NONE,
    SYNC_SEMAPHORE, /* System V: id, number */
    SYNC_POSIX_SEMAPHORE,
    SYNC_MUTEX,
    SYNC_CONDITION,
    SYNC_RWLOCK,
    SYNC_BARRIER,
    SYNC_PIPE, /* device, inode */
    SYNC_SOCKET,
    SYNC_MESSAGES,
    SYNC_FILE_LOCK,
    SYNC_ATOMIC,
    SYNC_KEY,
    SYNC_PATH,
    SYNC_THREAD,
    SYNC_MQUEUE
};

enum { HELD_LOCK = 1, HELD_SHARED, HELD_UNDO };

typedef struct {
    uint16_t sync;
    uint16_t mode;
    Site site;
} Held;

typedef struct {
    int32_t pid;
    int32_t tid;
    int32_t state;
    int32_t parent;   /* Task, or -1: the scenario started it */
    int32_t children; /* Made so far */
    int32_t threads;
    int32_t number; /* Which child or thread of its parent, from 1; of the scenario: its index */
    char path[NAME_SIZE];
    char name[NAME_SIZE]; /* Of its executable */
    Site born;            /* fork(), pthread_create() */
    Clock clock;
    Clock signalled; /* Of those who sent it signals */
    uint32_t lockset;
    int32_t held_count;
    Held held[MAX_HELD];
    Held failed; /* As in Lockset */
    Held gave;
    int32_t thread; /* It is a thread of its parent's process */
    /* What it does now */
    int32_t waiting;    /* CALL_..., 0: nothing that waits */
    Site at;            /* The last call that was recorded */
    int32_t waits_for;  /* Sync, or -1 */
    int32_t alarm;      /* alarm() or setitimer() is pending */
    int32_t is_held;    /* By a point */
    int32_t sleeping;   /* In a sleep that was cut short */
    uint32_t steps;     /* Calls and accesses to shared memory so far */
    uint32_t unflushed; /* Bytes in stdout's buffer when it began to wait */
    Site printed;       /* Where the last of them was printed */
    Site exits;         /* exit(), _exit(); pc 0: it returned from main(), or was killed */
    Site output[3];     /* By descriptor 1 and 2: where something was last written to it */
    uint32_t scenario;  /* Scenario.sequence that it has heard of */
    int32_t ended_by;   /* A signal, as whoever waited for it was told */
} Task;

typedef struct {
    uint64_t key[2];
    int32_t kind;
    int32_t used;
    Clock released;
    Clock second;      /* Of those who wait for zero; of shared holders */
    Clock touched;     /* Each task's own time when it last used it; of others: who wanted it */
    uint64_t from, to; /* Of a lock on a file: its bytes, the last one exclusive */
    uint32_t head, count;
    Clock tokens[MAX_TOKENS];
    int32_t known;      /* Its value was seen to be set */
    int32_t most;       /* The largest value that it was set to */
    int32_t foreign;    /* Given by others than those who took it */
    int32_t returned;   /* And by those */
    int32_t setter;     /* Task that set it last, or -1 */
    uint32_t set_at;    /* Its time then */
    int32_t set_to;     /* Its value then; -1: somebody has given to it since */
    int32_t opened;     /* By that those who waited for a unit were let go */
    int32_t private_to; /* Pid of who has initialised it for threads only, in shared memory */
    Site set_site;
    Site made;
    char name[NAME_SIZE];
} Sync;

typedef struct {
    uint64_t key[2];
    uint64_t size;
    uint32_t first_page; /* In `pages` */
    int32_t kind;        /* ORIGIN_... */
    int64_t id;
    Site made;
    char name[NAME_SIZE];
} Segment;

typedef struct {
    uint32_t count;
    Held held[MAX_HELD];
    Held failed; /* mode: the error of the last call that should have taken it, and did not */
    Held gave;   /* What was given last, and not taken since */
} Lockset;

enum {
    ACCESS_WRITE = 1,
    ACCESS_ATOMIC = 2,
    ACCESS_VOLATILE = 4,
    ACCESS_LIBRARY = 8, /* By a function of the C library that was handed the address */
    ACCESS_HANDLER = 16
};

/* One access to a granule. `clock` is written last: 0 says that the slot is free. */
typedef struct {
    uint32_t clock;
    uint16_t task;
    uint8_t mask; /* Which of the eight bytes */
    uint8_t flags;
    Site site;
    uint16_t lockset;
    uint16_t unused;
    uint32_t sequence;
} Slot;

typedef struct {
    Slot slots[SLOTS];
} Cell;

typedef struct {
    Cell cells[CELLS];
} Chunk;

typedef struct {
    int32_t task;
    uint32_t clock;
    uint32_t flags;
    uint32_t lockset;
    uint32_t sequence;
    Site site;
} Access;

enum {
    REPORT_RACE = 1,
    REPORT_INIT_RACE,        /* SETVAL or SETALL not ordered with another's use */
    REPORT_PAUSE_RACE,       /* Test, then pause() */
    REPORT_UNSAFE_CALL,      /* In a handler: text is the function */
    REPORT_ERRNO,            /* A handler changed errno: number is the signal */
    REPORT_HANDLER_VARIABLE, /* Neither volatile nor atomic, changed by a handler */
    REPORT_SEM_PRIVATE,      /* sem_t for processes in memory that is not shared */
    REPORT_SEM_NOT_SHARED,   /* sem_t in shared memory with pshared 0 */
    REPORT_MUTEX_NOT_SHARED, /* Mutex (text: or what else) in shared memory without
                                PTHREAD_PROCESS_SHARED */
    REPORT_LOST_UPDATE,      /* Explains only */
    REPORT_SPLIT_UPDATE,     /* Explains only */
    REPORT_FILE_RACE,        /* Of bytes of a file, by read() and write(); explains only */
    REPORT_HANDLER_UPDATE,   /* Read and written in two steps, by a handler and the program */
    REPORT_HALF_UNDONE,      /* Taken with SEM_UNDO and given back without, or so; explains only */
    REPORT_INHERITED /* Ignored (size 1) or blocked by the first, then exec; explains only */
};

/* first, second: of a race in the order in which they came; of others as README.md tells. */
typedef struct {
    int32_t kind;
    int32_t segment; /* Or -1 */
    uint64_t offset;
    uint32_t size;
    int32_t sync; /* Or -1 */
    int32_t number;
    int32_t unused;
    Access first, second, third;
    char text[NAME_SIZE];
} Report;

/* Of what was made, the call that made it. */
enum {
    ORIGIN_SHM = 1,
    ORIGIN_SEM,
    ORIGIN_MSG,
    ORIGIN_POSIX_SHM,
    ORIGIN_POSIX_SEM,
    ORIGIN_MQUEUE,
    ORIGIN_FIFO,
    ORIGIN_FILE, /* Also what was only opened */
    ORIGIN_PIPE,
    ORIGIN_SOCKET, /* Name: what it was bound to */
    ORIGIN_MAPPING,
    ORIGIN_DIRECTORY,
    ORIGIN_SYMLINK,
    ORIGIN_OTHER_DESCRIPTOR, /* epoll, eventfd, ... */
    ORIGIN_CONTENTS          /* Only a segment: what read() and write() see of a file */
};

typedef struct {
    int32_t kind;
    int32_t task;
    int64_t id;      /* System V: id. Pipes, sockets, files: inode */
    uint64_t device; /* Or the key of a System V object */
    int32_t removed;
    int32_t call; /* CALL_... */
    Site site;
    char name[2 * NAME_SIZE];
} Origin;

/* A place at which a schedule can hold a task or a fault can be injected. `after`: behind the call.
 */
typedef struct {
    int32_t task;
    int32_t call; /* CALL_...; 0: an access to shared memory */
    int32_t after;
    uint32_t count;
    Site site;
} Visit;

/* Whoever holds `first` (taken at `first_site`) wants `second`. */
typedef struct {
    uint16_t first, second;
    int32_t task;
    uint32_t lockset;
    uint32_t clock;
    Site first_site, second_site;
} Edge;

enum {
    EVENT_CALL = 1,
    EVENT_WAIT,
    EVENT_RETURN,
    EVENT_HANDLER,
    EVENT_EXIT,
    EVENT_BORN,
    EVENT_HELD,
    EVENT_FAULT
};

typedef struct {
    uint64_t nanoseconds; /* CLOCK_MONOTONIC */
    int32_t task;
    int16_t kind;
    int16_t call;
    int32_t sync;  /* Or -1 */
    int32_t value; /* semop: change; kill: signal; read, write: bytes; -1 and an error: see error */
    int32_t error; /* errno of a call that failed */
    int32_t
        other; /* kill: task that is signalled; wait: task that was reaped; fork: child; or -1 */
    Site site;
} Event;

typedef struct {
    uint64_t device, inode;
} End;

typedef struct {
    uint32_t magic;
    uint32_t flags;
    Point point;
    uint32_t releases; /* So often all who were held have been let go */
    uint32_t root_count;
    Root roots[MAX_ROOTS];
    Scenario scenario;
    uint32_t end_count;
    End ends[MAX_ENDS]; /* Pipes and FIFOs that the scenario writes to */

    int32_t owner; /* Tid of who is in a critical section, 0: nobody */
    uint32_t sequence;
    uint32_t lost; /* Bit N: table N is full (LOST_...) */
    uint32_t point_hits;
    Site fault_site;
    int32_t fault_call;
    int32_t fault_task;

    uint32_t image_count, task_count, lockset_count, segment_count, page_count, chunk_count,
        visit_count, event_count;
    uint32_t report_count, origin_count, edge_count, mapping_count;
    Clock exited; /* Of all who have exited */
    char images[MAX_IMAGES][128];
    Task tasks[MAX_TASKS];
    Lockset locksets[MAX_LOCKSETS];
    Segment segments[MAX_SEGMENTS];
    uint16_t pages[MAX_PAGES]; /* Of shared memory: its chunk, from 1; 0: never touched */
    Visit visits[MAX_SITES];
    Report reports[MAX_REPORTS];
    Origin origins[MAX_ORIGINS];
    Edge edges[MAX_EDGES];
    Event events[MAX_EVENTS];
    Sync syncs[MAX_SYNCS];
    Chunk chunks[MAX_CHUNKS];
} Region;

enum {
    LOST_TASKS = 1,
    LOST_SYNCS = 2,
    LOST_SEGMENTS = 4,
    LOST_SHADOW = 8,
    LOST_SITES = 16,
    LOST_REPORTS = 32,
    LOST_ORIGINS = 64,
    LOST_EDGES = 128,
    LOST_LOCKSETS = 256
};

/* Calls by number, for the driver; names in region.py. New ones are added at the end. */
/* clang-format off */
#define CALLS(X)                                                                                  \
    X(fork) X(wait) X(waitpid) X(waitid) X(exit) X(_exit) X(execve) X(pthread_create)             \
    X(pthread_join) X(shmget) X(shmat) X(shmdt) X(shmctl) X(mmap) X(munmap) X(shm_open)           \
    X(shm_unlink) X(semget) X(semctl) X(semop) X(sem_open) X(sem_close) X(sem_unlink) X(sem_init) \
    X(sem_destroy) X(sem_post) X(sem_wait) X(sem_trywait) X(sem_timedwait) X(pthread_mutex_lock)  \
    X(pthread_mutex_trylock) X(pthread_mutex_unlock) X(pthread_mutex_init) X(pthread_cond_wait)   \
    X(pthread_cond_signal) X(pthread_cond_broadcast) X(pthread_cond_init)                         \
    X(pthread_rwlock_rdlock) X(pthread_rwlock_wrlock) X(pthread_rwlock_unlock)                    \
    X(pthread_barrier_init) X(pthread_barrier_wait) X(pthread_spin_lock) X(pthread_spin_unlock)   \
    X(pipe) X(socketpair) X(socket) X(bind) X(connect) X(accept) X(open) X(close) X(dup)          \
    X(mkfifo) X(mknod) X(unlink) X(rename) X(read) X(write) X(send) X(recv) X(fcntl) X(flock)     \
    X(lockf) X(msgget) X(msgctl) X(msgsnd) X(msgrcv) X(mq_open) X(mq_unlink) X(mq_send)           \
    X(mq_receive) X(signal) X(sigaction) X(kill) X(raise) X(sigqueue) X(pause) X(sigsuspend)      \
    X(sigwait) X(alarm) X(setitimer) X(sleep) X(poll) X(select) X(epoll_wait) X(printf)           \
    X(fprintf) X(puts) X(putchar) X(fputs) X(fputc) X(fwrite) X(fflush) X(fclose) X(perror)       \
    X(fgets) X(fgetc) X(fread) X(scanf) X(getline) X(malloc) X(free) X(ftruncate) X(msync)        \
    X(mkdir) X(symlink) X(fopen) X(popen) X(system) X(killpg) X(sigprocmask) X(listen) X(eventfd) \
    X(signalfd) X(epoll_create) X(timerfd_create) X(memfd_create) X(mkstemp) X(posix_spawn) \
    X(clone) X(shutdown) X(futex) X(times_out) X(pthread_cond_destroy) X(mq_notify) \
    X(variable)
/* clang-format on */

enum {
    CALL_NONE,
#define ENUMERATE(name) CALL_##name,
    CALLS(ENUMERATE)
#undef ENUMERATE
        CALL_COUNT
};

#endif
