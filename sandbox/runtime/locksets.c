/* locksets.c - which locks a task holds: for the words of a race, and for the order of locks

   Races are decided by clocks alone; a lockset explains ("held nothing"). A semaphore counts as
   held from the operation that took it to one that gives it back; whether it is used as a lock at
   all is judged when it is told of (driver/tracing.py).
*/
#include "runtime.h"

__thread uint32_t lock_turns;

enum { OWN = 16, YOUNG = 64 };

/* Sets that this thread has had: most come again and again, also behind many of others. */
static __thread uint32_t own_sets[OWN], own_count;

static int is_as_now(const Lockset *known)
{
    return known->count == (uint32_t)self->held_count &&
           __builtin_memcmp(&known->failed, &self->failed, sizeof known->failed) == 0 &&
           __builtin_memcmp(&known->gave, &self->gave, sizeof known->gave) == 0 &&
           __builtin_memcmp(known->held, self->held, known->count * sizeof *known->held) == 0;
}

/* An old set like what is held now; 0: there is none. */
static uint32_t known_set(void)
{
    for (uint32_t i = 0; i < OWN; i++)
        if (own_sets[i] != 0 && is_as_now(&region->locksets[own_sets[i]]))
            return own_sets[i];
    for (uint32_t i = region->lockset_count; i-- > 1 && i + YOUNG > region->lockset_count;)
        if (is_as_now(&region->locksets[i]))
            return own_sets[own_count++ % OWN] = i;
    return 0;
}

/* Number the set of what is held now. */
static void remember(void)
{
    if (self->held_count == 0 && self->failed.sync == 0 && self->gave.sync == 0) {
        self->lockset = 0;
        return;
    }
    self->lockset = known_set();
    if (self->lockset != 0)
        return;
    if (region->lockset_count == 0)
        region->lockset_count = 1; /* Number 0 is: nothing */
    if (region->lockset_count == MAX_LOCKSETS) {
        region->lost |= LOST_LOCKSETS;
        return;
    }
    Lockset *made = &region->locksets[region->lockset_count];
    made->count = (uint32_t)self->held_count;
    __builtin_memcpy(made->held, self->held, made->count * sizeof *made->held);
    made->failed = self->failed;
    made->gave = self->gave;
    self->lockset = region->lockset_count++;
    own_sets[own_count++ % OWN] = self->lockset;
}

static int known_edge(uint16_t first, uint16_t second)
{
    for (uint32_t i = 0; i < region->edge_count; i++) {
        Edge *edge = &region->edges[i];
        if (edge->first == first && edge->second == second && edge->task == self_index &&
            edge->lockset == self->lockset)
            return 1;
    }
    return 0;
}

void wants(Sync *sync, Site site)
{
    uint16_t wanted = (uint16_t)index_of(sync);
    for (int i = 0; i < self->held_count; i++) {
        Held *held = &self->held[i];
        if (held->sync == wanted || known_edge(held->sync, wanted))
            continue;
        if (region->edge_count == MAX_EDGES) {
            region->lost |= LOST_EDGES;
            return;
        }
        region->edges[region->edge_count] =
            (Edge){held->sync, wanted, self_index, self->lockset, self->clock.of[self_index],
                   held->site, site};
        region->edge_count++;
    }
}

/* Where there is no room: who counts with a semaphore takes units that others give. */
static int forget_oldest(void)
{
    for (int i = 0; i < self->held_count; i++) {
        int kind = region->syncs[self->held[i].sync].kind;
        if ((kind != SYNC_SEMAPHORE && kind != SYNC_POSIX_SEMAPHORE) ||
            self->held[i].mode == HELD_UNDO)
            continue;
        for (; i + 1 < self->held_count; i++)
            self->held[i] = self->held[i + 1];
        self->held_count--;
        return 1;
    }
    return 0;
}

/* A call that should have taken it has not: EINTR, EBUSY, ... It is told of until the next one
   does, or until it is given back all the same. */
void failed_to_take(Sync *sync, Site site, int error)
{
    self->failed = (Held){(uint16_t)index_of(sync), (uint16_t)error, site};
    remember();
}

/* Whether the access of that lockset was made under any lock. */
int held_any(uint32_t lockset)
{
    return lockset != 0 && region->locksets[lockset].count != 0;
}

void holds(Sync *sync, Site site, int mode)
{
    if (self->failed.sync == index_of(sync))
        self->failed = (Held){0};
    if (self->gave.sync == index_of(sync))
        self->gave = (Held){0};
    if (self->held_count == MAX_HELD && !forget_oldest())
        return;
    self->held[self->held_count] = (Held){(uint16_t)index_of(sync), (uint16_t)mode, site};
    self->held_count++;
    remember();
}

int lets_go(Sync *sync, Site site)
{
    self->gave = (Held){(uint16_t)index_of(sync), 0, site};
    for (int i = self->held_count; i-- > 0;) {
        if (self->held[i].sync != index_of(sync))
            continue;
        int mode = self->held[i].mode;
        for (; i + 1 < self->held_count; i++)
            self->held[i] = self->held[i + 1];
        self->held_count--;
        lock_turns += self->held_count == 0;
        sync->returned++;
        remember();
        return mode;
    }
    if (self->failed.sync == index_of(sync))
        self->failed = (Held){0};
    else
        sync->foreign++;
    remember();
    return 0;
}

Held held_now(const Sync *sync)
{
    for (int i = self->held_count; i-- > 0;)
        if (self->held[i].sync == index_of(sync))
            return self->held[i];
    return (Held){0};
}

/* With the lock held. Of a thread, too, that has ended with a robust mutex. */
void hear_of_dead_owner(const Sync *sync)
{
    hear_of_dead();
    for (uint32_t i = 0; i < region->task_count && i < MAX_TASKS; i++)
        for (int k = 0; k < region->tasks[i].held_count; k++)
            if (region->tasks[i].held[k].sync == index_of(sync))
                join(&self->clock, &region->tasks[i].clock);
}
