/* reports.c - what is told: races and the like, who made what, and the order of events */
#include "runtime.h"
#include <stdio.h>
#include <stdio_ext.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* --- findings ------------------------------------------------------------------------------------
 */

static int same_place(Site one, Site other)
{
    return one.pc == other.pc && one.image == other.image;
}

/* What only explains may not take the room of what is held against a program. */
static int only_explains(int kind)
{
    return kind == REPORT_LOST_UPDATE || kind == REPORT_SPLIT_UPDATE || kind == REPORT_FILE_RACE ||
           kind == REPORT_HALF_UNDONE || kind == REPORT_INHERITED;
}

/* A report to fill in, each pair of places once. */
Report *report(int kind, Site one, Site other)
{
    uint32_t explaining = 0;
    for (uint32_t i = 0; i < region->report_count; i++) {
        const Report *told = &region->reports[i];
        Site first = told->first.site, second = told->second.site;
        explaining += (uint32_t)only_explains(told->kind);
        if (told->kind == kind && ((same_place(first, one) && same_place(second, other)) ||
                                   (same_place(first, other) && same_place(second, one))))
            return NULL;
    }
    int full = region->report_count == MAX_REPORTS;
    if (full || (only_explains(kind) && explaining >= MAX_REPORTS / 2)) {
        region->lost |= full ? LOST_REPORTS : 0;
        return NULL;
    }
    Report *made = &region->reports[region->report_count];
    __builtin_memset(made, 0, sizeof *made);
    made->kind = kind;
    made->segment = made->sync = -1;
    made->first.task = made->second.task = made->third.task = -1;
    made->first.site = one;
    made->second.site = other;
    return made;
}

void publish(Report *made)
{
    (void)made;
    __atomic_add_fetch(&region->report_count, 1, __ATOMIC_RELEASE);
}

Access access_now(unsigned flags, Site site)
{
    /* Behind all that was recorded so far. */
    return (Access){self_index,    self->clock.of[self_index], flags,
                    self->lockset, region->sequence + 1,       site};
}

Access access_of(const Slot *slot)
{
    return (Access){slot->task,    slot->clock,    slot->flags,
                    slot->lockset, slot->sequence, slot->site};
}

/* --- origins --- */

void made(int kind, int call, Site site, int64_t id, uint64_t device, const char *name)
{
    if (region->origin_count == MAX_ORIGINS) {
        region->lost |= LOST_ORIGINS;
        return;
    }
    Origin *origin = &region->origins[region->origin_count];
    __builtin_memset(origin, 0, sizeof *origin);
    origin->kind = kind;
    origin->task = self_index;
    origin->id = id;
    origin->device = device;
    origin->call = call;
    origin->site = site;
    copy_text(origin->name, sizeof origin->name, name != NULL ? name : "");
    region->origin_count++;
}

void unmade(int kind, int64_t id, const char *name)
{
    for (uint32_t i = region->origin_count; i-- > 0;) {
        Origin *origin = &region->origins[i];
        int same = name != NULL ? equal_text(origin->name, name) : origin->id == id;
        if (origin->kind == kind && !origin->removed && same) {
            origin->removed = 1;
            return;
        }
    }
}

Origin *origin_of(int kind, int64_t id, uint64_t device)
{
    for (uint32_t i = region->origin_count; i-- > 0;) {
        Origin *origin = &region->origins[i];
        if (origin->kind == kind && origin->id == id && origin->device == device)
            return origin;
    }
    return NULL;
}

/* --- events --- */

void event(int kind, int call, Site site, const Sync *sync, int value, int error, int other)
{
    if (!(region->flags & RECORD_EVENTS))
        return;
    struct timespec now;
    REAL(clock_gettime)(CLOCK_MONOTONIC, &now);
    uint64_t time = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    int number = sync != NULL ? index_of(sync) : -1;
    region->events[region->event_count % MAX_EVENTS] =
        (Event){time, self_index, (int16_t)kind, (int16_t)call, number, value, error, other, site};
    region->event_count++;
}

/* What lies in stdout's buffer while the program waits is what a student forgot to flush. */
static void note_unflushed(void)
{
    self->unflushed = stdout != NULL ? (uint32_t)__fpending(stdout) : 0;
}

void begin_wait(int call, Site site, const Sync *sync, int value)
{
    if (!ACTIVE)
        return;
    self->at = site;
    self->waits_for = sync != NULL ? index_of(sync) : -1;
    self->waiting = call;
    note_unflushed();
    LOCKED({ event(EVENT_WAIT, call, site, sync, value, 0, -1); });
}

void end_wait(int call, Site site, const Sync *sync, int result)
{
    end_wait_with(call, site, sync, result, result < 0 ? errno : 0);
}

void end_wait_with(int call, Site site, const Sync *sync, int value, int error)
{
    if (!ACTIVE)
        return;
    self->waiting = 0;
    LOCKED({ event(EVENT_RETURN, call, site, sync, value, error, -1); });
}

/* With the lock held. */
void happened(int call, Site site, const Sync *sync, int value, int other)
{
    self->at = site;
    event(EVENT_CALL, call, site, sync, value, value == -1 ? errno : 0, other);
}
