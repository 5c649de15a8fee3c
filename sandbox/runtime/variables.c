/* variables.c - what a signal handler and the program that it interrupts both use

   A handler runs between any two instructions of the program, so what it shares with the program
   must be read and written in one step each: volatile sig_atomic_t, or atomic. That holds for
   shared memory, too: no lock helps between the two. Told of are:
   - what a handler writes and the program uses, neither volatile nor atomic, unless the signal was
     blocked when the program used it, or had no handler yet. That it has none any more does not
     help: the compiler may keep the value from before, for kill() and signal() are `leaf` to it;
   - what the program goes on changing after a handler has read it, while it can come. Once is not
     enough: a pid or a descriptor that is stored late, and then stays, does no harm;
   - what both change by reading and writing it, like ++ and --, which volatile does not help;
   - a test of what a handler writes, just before pause(), or a look for children that have ended.

   Whoever changes a variable here may be interrupted by a handler, who comes here, too: so what an
   entry is known by is written last.
*/
#include "runtime.h"
#include <signal.h>

enum { READS = 16, WRITES = 64, LOOKS = 32, UPDATES = 16, NEAR = 96 };

typedef struct {
    uintptr_t address; /* 0: nothing */
    uintptr_t owner;   /* Of a variable on the stack: whose it is */
    size_t size;
    uint64_t signals; /* Handlers: for which ones. Program: which ones could come then */
    unsigned flags;
    unsigned changes; /* By the program, since a handler has read it */
    Site site;
} Touched;

/* A volatile variable that the program has read and then written, by the same few instructions. */
typedef struct {
    uintptr_t address;
    Site read, write;
    uint64_t signals;
    int64_t old, older, step;
    int handled; /* How many handlers had run when it was last read or written */
    int state;
} Update;

enum { UPDATE_NONE, UPDATE_READ, UPDATE_WRITTEN, UPDATE_SURE };

__thread uint64_t blocked;
uint64_t handled;
int handler_runs;
uintptr_t stack_written;
__thread void *handler_frame;
__thread int in_fault;

static Touched reads[READS], writes[WRITES], looks[LOOKS];
static unsigned write_count, next_read, next_look;
static Update updates[UPDATES];
static unsigned next_update;
static Site pausing; /* pc 0: not in pause() */
static Site asked;   /* Where waitpid() last told that children live, and did not wait */

/* --- what is told --- */

static void tell(int kind, Site one, unsigned flags_one, Site other, unsigned flags_other,
                 const Site *third)
{
    LOCKED({
        Report *told = report(kind, one, other);
        if (told != NULL) {
            told->first = access_now(flags_one, one);
            told->second = access_now(flags_other, other);
            if (third != NULL)
                told->third = access_now(ACCESS_WRITE | ACCESS_HANDLER, *third);
            told->number = in_handler;
            publish(told);
        }
    });
}

static void tell_pause(Site test, Site wait, const Site *write)
{
    tell(REPORT_PAUSE_RACE, test, 0, wait, 0, write);
}

static void tell_variable(const Touched *handler, Site access, unsigned flags)
{
    tell(REPORT_HANDLER_VARIABLE, handler->site, handler->flags | ACCESS_HANDLER, access, flags,
         NULL);
}

static void tell_update(const Touched *handler, const Update *update)
{
    tell(REPORT_HANDLER_UPDATE, handler->site, handler->flags | ACCESS_HANDLER, update->write,
         ACCESS_WRITE | ACCESS_VOLATILE, NULL);
}

/* --- which variable --- */

uint64_t signal_bit(int number)
{
    return (uint64_t)1 << (number - 1);
}

/* The tick of a timer that is lost does no harm: the next one ends the wait. */
static int comes_again(uint64_t signals)
{
    return signals == signal_bit(SIGALRM) && self != NULL && self->alarm == ALARM_AGAIN;
}

/* Which handlers could come now. */
static uint64_t can_come(void)
{
    return ~blocked & handled;
}

static int is_plain(unsigned flags)
{
    return (flags & (ACCESS_VOLATILE | ACCESS_ATOMIC)) == 0;
}

static int same(const Touched *one, const Touched *other)
{
    return one->address != 0 && one->address < other->address + other->size &&
           other->address < one->address + one->size && one->owner == other->owner;
}

/* A place on the stack is one variable now and another one later. It is the same one in the same
   frame of the same call: known by where the frame lies, and by the address that it returns to. 0:
   that cannot be told. */
static uintptr_t owner_on_stack(uintptr_t address)
{
#ifdef __x86_64__
    uintptr_t *frame = __builtin_frame_address(0);
    for (int i = 0; i < 200; i++) {
        if ((uintptr_t)frame > address)
            return frame[1] ^ (uintptr_t)frame;
        uintptr_t *above = (uintptr_t *)frame[0];
        if (above <= frame || (void *)(above + 1) >= stack_top || ((uintptr_t)above & 7) != 0)
            return 0;
        frame = above;
    }
#else
    (void)address;
#endif
    return 0;
}

/* --- in a handler --- */

static void remember(Touched *entry, const Touched *touched)
{
    *(volatile uintptr_t *)&entry->address = 0;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    Touched copy = *touched;
    copy.address = 0;
    *entry = copy;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    *(volatile uintptr_t *)&entry->address = touched->address;
}

static Touched *entry_of(Touched *table, unsigned size, const Touched *touched)
{
    for (unsigned i = 0; i < size; i++)
        if (table[i].address == touched->address && table[i].size == touched->size &&
            table[i].owner == touched->owner)
            return &table[i];
    return NULL;
}

static void handler_writes(const Touched *touched)
{
    Touched *known = entry_of(writes, write_count, touched);
    for (unsigned i = 0; known == NULL && i < write_count; i++)
        if (writes[i].address == 0) {
            writes[i] = *touched;
            known = &writes[i];
        }
    if (known != NULL)
        known->signals |= touched->signals;
    else if (write_count < WRITES)
        writes[write_count++] = *touched;
    for (unsigned i = 0; i < READS; i++) {
        const Touched *read = &reads[i];
        if (!same(read, touched))
            continue;
        if (pausing.pc != 0 && !(read->flags & ACCESS_LIBRARY) && !comes_again(touched->signals))
            tell_pause(read->site, pausing, &touched->site);
        if (is_plain(read->flags) && (read->signals & touched->signals))
            tell_variable(touched, read->site, read->flags);
    }
    for (unsigned i = 0; i < UPDATES; i++)
        if (updates[i].state == UPDATE_SURE && updates[i].address == touched->address &&
            (updates[i].signals & touched->signals))
            tell_update(touched, &updates[i]);
}

/* On the stack is told only of what it writes: a variable there that was changed before is an
   argument. And a fault comes where the program makes it, between two of its statements. */
static void handler_reads(const Touched *touched)
{
    if (!is_plain(touched->flags) || touched->owner != 0 || in_fault)
        return;
    Touched *known = entry_of(looks, LOOKS, touched);
    if (known != NULL)
        known->signals |= touched->signals;
    else
        remember(&looks[next_look++ % LOOKS], touched);
}

/* --- in the program --- */

static int64_t value_of(uintptr_t address, size_t size)
{
    switch (size) {
    case 1:
        return *(const volatile int8_t *)address;
    case 2:
        return *(const volatile int16_t *)address;
    case 4:
        return *(const volatile int32_t *)address;
    default:
        return *(const volatile int64_t *)address;
    }
}

static int is_near(Site one, Site other)
{
    return one.image == other.image && one.caller == other.caller && other.pc > one.pc &&
           other.pc - one.pc < NEAR;
}

/* Its value becomes another one that depends on the old one, twice by the same step: `count--`, and
   not `flag = 0`. What was written is seen when it is next used, if no handler came meanwhile. */
static void note_update(const Touched *touched)
{
    unsigned at = 0;
    while (at < UPDATES && updates[at].address != touched->address)
        at++;
    Update *update = at < UPDATES ? &updates[at] : &updates[next_update++ % UPDATES];
    if (at == UPDATES)
        *update = (Update){.address = touched->address};
    if (update->state == UPDATE_SURE)
        return;
    int64_t now = value_of(touched->address, touched->size);
    if (update->state == UPDATE_WRITTEN && update->handled == handler_runs) {
        int64_t step = now - update->old;
        if (step != 0 && step == update->step && update->old != update->older) {
            update->state = UPDATE_SURE;
            return;
        }
        update->step = step;
        update->older = update->old;
    }
    update->handled = handler_runs;
    if (!(touched->flags & ACCESS_WRITE)) {
        update->state = UPDATE_READ;
        update->read = touched->site;
    } else if (update->state == UPDATE_READ && is_near(update->read, touched->site)) {
        if (update->write.pc != touched->site.pc)
            update->step = 0;
        update->state = UPDATE_WRITTEN;
        update->write = touched->site;
        update->signals = touched->signals;
        update->old = now;
    } else {
        update->state = UPDATE_NONE;
    }
}

static void program_updates(const Touched *touched)
{
    note_update(touched);
    for (unsigned i = 0; i < UPDATES; i++) {
        const Update *update = &updates[i];
        if (update->state != UPDATE_SURE || update->address != touched->address)
            continue;
        for (unsigned k = 0; k < write_count; k++)
            if (writes[k].address == update->address && (writes[k].signals & update->signals))
                tell_update(&writes[k], update);
    }
}

static void program_touches(const Touched *touched)
{
    if (!(touched->flags & ACCESS_WRITE) && touched->owner == 0) {
        Touched *known = entry_of(reads, READS, touched);
        remember(known != NULL ? known : &reads[next_read++ % READS], touched);
    }
    if ((touched->flags & ACCESS_VOLATILE) && !(touched->flags & ACCESS_ATOMIC) &&
        touched->owner == 0 && touched->size <= 8)
        program_updates(touched);
    if (!is_plain(touched->flags))
        return;
    for (unsigned i = 0; i < write_count; i++)
        if (same(&writes[i], touched) && (writes[i].signals & ~blocked))
            tell_variable(&writes[i], touched->site, touched->flags);
    if (!(touched->flags & ACCESS_WRITE))
        return;
    for (unsigned i = 0; i < LOOKS; i++)
        if (same(&looks[i], touched) && (looks[i].signals & touched->signals) &&
            ++looks[i].changes > 1)
            tell_variable(&looks[i], touched->site, touched->flags);
}

void variable_access(uintptr_t address, size_t size, unsigned flags, Site site)
{
    if (address == (uintptr_t)&errno) /* Looked at otherwise: whether it is as it was */
        return;
    uintptr_t owner = 0;
    if (on_stack(address)) {
        if (in_handler && address < (uintptr_t)handler_frame) /* The handler's own */
            return;
        owner = owner_on_stack(address);
        if (owner == 0)
            return;
    }
    if (!in_handler && mask_is_stale)
        note_mask();
    Touched touched = {.address = address,
                       .owner = owner,
                       .size = size,
                       .signals = in_handler ? signal_bit(in_handler) : can_come(),
                       .flags = flags,
                       .site = site};
    if (!in_handler) {
        program_touches(&touched);
    } else if (flags & ACCESS_WRITE) {
        if (owner != 0)
            stack_written = 1;
        handler_writes(&touched);
    } else {
        handler_reads(&touched);
    }
}

/* Has a handler written there that could come now? */
static int can_change(uintptr_t address, size_t size)
{
    const Touched touched = {.address = address, .size = size};
    for (unsigned i = 0; i < write_count; i++)
        if (same(&writes[i], &touched) && (writes[i].signals & can_come()))
            return 1;
    return 0;
}

/* An access to memory that no other process shares. Between a look at what a handler changes and
   the next step the handler may come: a place at which a schedule can hold the program. */
void private_access(uintptr_t address, size_t size, unsigned flags, Site site)
{
    if (UNLIKELY(points_wanted) && !in_handler) {
        if (mask_is_stale)
            note_mask();
        if (can_change(address, size))
            point(CALL_variable, site, BEFORE);
    }
    variable_access(address, size, flags, site);
}

/* Memory that is given back is another variable the next time. */
void forget_freed(uintptr_t start, size_t size)
{
    const Touched freed = {.address = start, .size = size};
    for (unsigned i = 0; i < write_count; i++)
        if (same(&writes[i], &freed))
            writes[i].address = 0;
    for (unsigned i = 0; i < READS; i++)
        if (same(&reads[i], &freed))
            reads[i].address = 0;
    for (unsigned i = 0; i < LOOKS; i++)
        if (same(&looks[i], &freed))
            looks[i].address = 0;
    for (unsigned i = 0; i < UPDATES; i++)
        if (updates[i].address - start < size)
            updates[i] = (Update){0};
}

/* --- pause() --- */

void asked_for_children(Site site)
{
    if (in_handler == 0)
        asked = site;
}

/* A child that ends between the two sends its SIGCHLD in vain. With another call between them it is
   perhaps not for children that the program waits. */
static void tell_of_children(Site site)
{
    Site last = self->at;
    if (asked.pc != 0 && asked.pc == last.pc && asked.image == last.image &&
        (can_come() & signal_bit(SIGCHLD)) && !comes_again(can_come() & signal_bit(SIGALRM)))
        tell_pause(asked, site, NULL);
    asked.pc = 0;
}

void begin_pause(Site site)
{
    tell_of_children(site);
    for (unsigned i = 0; i < READS; i++)
        for (unsigned k = 0; k < write_count; k++)
            if (same(&reads[i], &writes[k]) && !(reads[i].flags & ACCESS_LIBRARY) &&
                !comes_again(writes[k].signals))
                tell_pause(reads[i].site, site, &writes[k].site);
    pausing = site;
}

void stop_pausing(void)
{
    pausing.pc = 0;
}

void forget_reads(void)
{
    for (unsigned i = 0; i < READS; i++)
        reads[i].address = 0;
}
