/* region.c - the region that all processes of a case share: found, mapped, locked

   It is the file trace/region beside the directory in which the executables lie, made by the driver
   before each case. Where there is none (somebody runs the program by hand), the process keeps a
   record of its own and its descendants' that nobody reads.
*/
#include "runtime.h"
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

Region *region;
__thread Task *self;
__thread int self_index = -1;
__thread int inside;
__thread void *stack_top;
uint16_t image_index;
const char *hold_path;

static uintptr_t image_base, image_end;
static char hold_room[4096 + NAME_SIZE];
extern void *__libc_stack_end; /* Of the loader: the frame of whoever started main() */

/* --- places in the code ------------------------------------------------------------------------
 */

static int first_image(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size, (void)unused;
    image_base = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t end = info->dlpi_addr + part->p_vaddr + part->p_memsz;
        if (part->p_type == PT_LOAD && end > image_end)
            image_end = end;
    }
    return 1; /* The executable comes first */
}

extern char __start_grader_callers[], __stop_grader_callers[];

static uint32_t offset_in_image(uintptr_t address)
{
    if (address > (uintptr_t)__start_grader_callers && address <= (uintptr_t)__stop_grader_callers)
        return 0;
    return address > image_base && address <= image_end ? (uint32_t)(address - 1 - image_base) : 0;
}

/* frame: of the wrapper, whose saved frame pointer is that of the student's function. One that was
   compiled otherwise has left anything there: only what lies on this stack, above us, is followed.
 */
Site site_at(void *return_address, void **frame)
{
    Site site = {offset_in_image((uintptr_t)return_address), 0, image_index, 0};
    void **above = frame[0];
    if (above > frame && (void *)(above + 1) < stack_top && ((uintptr_t)above & 7) == 0)
        site.caller = offset_in_image((uintptr_t)above[1]);
    return site;
}

/* --- the lock ------------------------------------------------------------------------------------
 */

/* A critical section is short, and held by a thread that runs; but it may have been killed in
   there, or stopped (then the driver makes it go on). Entries are written so that a torn one is not
   counted. */
void lock(void)
{
    int me = self != NULL ? self->tid : (int)syscall(SYS_gettid);
    for (unsigned tries = 1;; tries++) {
        int owner = 0;
        if (__atomic_compare_exchange_n(&region->owner, &owner, me, 0, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return;
        if (tries % 64 == 0) {
            if (tries % 4096 == 0 && is_dead(owner))
                __atomic_compare_exchange_n(&region->owner, &owner, 0, 0, __ATOMIC_RELAXED,
                                            __ATOMIC_RELAXED);
            sched_yield();
        }
    }
}

void unlock(void)
{
    __atomic_store_n(&region->owner, 0, __ATOMIC_RELEASE);
}

void enter(void)
{
    inside++;
    __asm__ volatile("" ::: "memory");
}

void leave(void)
{
    __asm__ volatile("" ::: "memory");
    inside--;
    if (UNLIKELY(inside == 0 && deferred_count > 0))
        run_deferred();
}

/* --- the beginning --- */

static char executable[4096];

/* Cut off the last `parts` components of the executable's path, and put `name` in their place. */
static const char *beside_executable(char *room, size_t size, int parts, const char *name)
{
    size_t length = copy_text(room, size, executable);
    while (parts > 0 && length > 0)
        if (room[--length] == '/')
            parts--;
    room[length] = '/';
    copy_text(room + length + 1, size - length - 1, name);
    return room;
}

static void map_region(void)
{
    ssize_t length = REAL(readlink)("/proc/self/exe", executable, sizeof executable - 1);
    executable[length > 0 ? length : 0] = '\0';
    char path[sizeof executable + NAME_SIZE];
    int descriptor =
        (int)syscall(SYS_openat, AT_FDCWD, beside_executable(path, sizeof path, 3, REGION_NAME),
                     O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    int flags =
        descriptor == -1 ? MAP_SHARED | MAP_NORESERVE | MAP_ANONYMOUS : MAP_SHARED | MAP_NORESERVE;
    void *mapped = (void *)syscall(SYS_mmap, NULL, sizeof(Region), PROT_READ | PROT_WRITE, flags,
                                   descriptor, 0L);
    if (descriptor != -1)
        syscall(SYS_close, descriptor);
    if (mapped == MAP_FAILED)
        return;
    hold_path = beside_executable(hold_room, sizeof hold_room, 3, HOLD_NAME);
    region = mapped;
    region->magic = REGION_MAGIC;
}

static void register_image(void)
{
    const char *name = executable;
    for (const char *at = executable; *at != '\0'; at++)
        if (*at == '/')
            name = at + 1;
    for (image_index = 0; image_index < region->image_count; image_index++)
        if (equal_text(region->images[image_index], name))
            return;
    if (image_index == MAX_IMAGES) {
        image_index = 0;
        return;
    }
    copy_text(region->images[image_index], sizeof region->images[0], name);
    region->image_count++;
}

/* Which task is this process? One that exec'ed goes on; one that the scenario started is in
   `roots`; any other is the child of whoever is its parent (vfork, posix_spawn), or unknown. */
static int own_task(void)
{
    pid_t pid = getpid();
    int known = task_of(pid);
    if (known >= 0 && region->tasks[known].state == TASK_LIVE)
        return known;
    Site nowhere = {0, 0, image_index, 0};
    for (uint32_t i = 0; i < region->root_count && i < MAX_ROOTS; i++)
        if (region->roots[i].pid == pid)
            return new_task(-1, nowhere, 0);
    int parent = task_of(getppid());
    int made = new_task(parent, nowhere, 0);
    if (parent >= 0 && made >= 0) /* What its parent does from now on it has not heard of */
        region->tasks[parent].clock.of[parent]++;
    if (parent < 0 && made >= 0)
        for (uint32_t i = 0; i < region->task_count; i++)
            join(&region->tasks[made].clock, &region->tasks[i].clock);
    return made;
}

void initialise(void)
{
    if (region != NULL || inside)
        return;
    inside++;
    stack_top = __libc_stack_end;
    dl_iterate_phdr(first_image, NULL);
    resolve_all();
    map_region();
    if (region != NULL) {
        lock();
        register_image();
        int index = own_task();
        become(index);
        if (index >= 0) {
            const char *name = region->images[image_index];
            copy_text(self->name, sizeof self->name, name);
            self->lockset = 0;
            self->held_count = 0;
            self->failed = (Held){0};
            self->gave = (Held){0};
            self->waiting = 0;
            hear_of_scenario(BY_BIRTH);
            event(EVENT_BORN, CALL_NONE, self->born, NULL, 0, 0, -1);
        }
        unlock();
        extern void find_points(void);
        find_points();
        note_mask();
    }
    inside--;
}

__attribute__((constructor(101))) static void start(void)
{
    initialise();
}

__attribute__((destructor)) static void finish(void)
{
    stream_written(STDOUT_FILENO); /* What is about to be flushed */
    LOCKED({ task_exits(); });
}
