/* shadow.c - the accesses to shared memory, and the race between two of them

   Shared memory is known by what it is (a System V id, the device and inode of a file), so that it
   is the same at any address and in any program. For each page of it that is touched there is a
   chunk of cells, for each eight bytes a cell of a few slots: the last accesses of each task that
   are not yet known to everybody. Two accesses race if they share a byte, one writes, they are of
   different tasks, not both are atomic, and the second's task has not heard (by its clock) of the
   first.

   What read() and write() do to a file (files.c) is looked at in the same way, and told apart.
*/
#include "runtime.h"
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_MAPPINGS = 512, RECENT = 32 };

typedef struct {
    uintptr_t start, end;
    uint64_t offset;
    int segment;
} Mapping;

/* Of this process; fork() copies it, exec() forgets it. */
static Mapping mappings[MAX_MAPPINGS];
static int mapping_count;
uintptr_t lowest = UINTPTR_MAX, highest;

/* --- segments and mappings --- */

static uint64_t whole_pages(uint64_t size)
{
    return (size + SHARED_PAGE - 1) / SHARED_PAGE * SHARED_PAGE; /* As the kernel maps it */
}

int segment_for(int kind, uint64_t first, uint64_t second, uint64_t size, Site made)
{
    size = whole_pages(size);
    for (uint32_t i = 0; i < region->segment_count; i++) {
        Segment *known = &region->segments[i];
        if (known->kind == kind && known->key[0] == first && known->key[1] == second &&
            known->size >= size)
            return (int)i;
    }
    uint64_t pages = size / SHARED_PAGE;
    if (region->segment_count == MAX_SEGMENTS || region->page_count + pages > MAX_PAGES) {
        region->lost |= LOST_SEGMENTS;
        return -1;
    }
    Segment *segment = &region->segments[region->segment_count];
    *segment = (Segment){{first, second}, size, region->page_count, kind, 0, made, ""};
    region->page_count += (uint32_t)pages;
    return (int)region->segment_count++;
}

static void measure(void)
{
    lowest = UINTPTR_MAX, highest = 0;
    for (int i = 0; i < mapping_count; i++) {
        lowest = mappings[i].start < lowest ? mappings[i].start : lowest;
        highest = mappings[i].end > highest ? mappings[i].end : highest;
    }
}

void remove_mapping(void *start, size_t size)
{
    uintptr_t from = (uintptr_t)start, to = from + whole_pages(size);
    for (int i = 0; i < mapping_count; i++) {
        Mapping *mapping = &mappings[i];
        int gone = size == 0 ? mapping->start == from : mapping->start < to && mapping->end > from;
        if (!gone)
            continue;
        Mapping whole = *mapping;
        mappings[i--] = mappings[--mapping_count];
        if (size == 0)
            continue;
        /* What of it is left, before and behind; neither overlaps what is taken away. */
        if (whole.start < from && mapping_count < MAX_MAPPINGS)
            mappings[mapping_count++] = (Mapping){whole.start, from, whole.offset, whole.segment};
        if (whole.end > to && mapping_count < MAX_MAPPINGS)
            mappings[mapping_count++] =
                (Mapping){to, whole.end, whole.offset + (to - whole.start), whole.segment};
    }
    measure();
}

void add_mapping(void *start, size_t size, uint64_t offset, int segment)
{
    size = whole_pages(size);
    remove_mapping(start, size); /* MAP_FIXED over another one */
    if (segment >= 0 && mapping_count == MAX_MAPPINGS)
        region->lost |= LOST_SEGMENTS;
    if (segment < 0 || mapping_count == MAX_MAPPINGS)
        return;
    uintptr_t from = (uintptr_t)start;
    mappings[mapping_count++] = (Mapping){from, from + size, offset, segment};
    measure();
}

static const Mapping *mapping_of(uintptr_t address)
{
    for (int i = 0; i < mapping_count; i++)
        if (address >= mappings[i].start && address < mappings[i].end)
            return &mappings[i];
    return NULL;
}

void move_mapping(void *old, size_t size, void *start, size_t length)
{
    const Mapping *found = mapping_of((uintptr_t)old);
    if (found == NULL) {
        remove_mapping(start, length);
        return;
    }
    Mapping before = *found;
    Segment of = region->segments[before.segment];
    uint64_t offset = before.offset + ((uintptr_t)old - before.start);
    if (size > 0) /* Else both are there (mremap(2)) */
        remove_mapping(old, size);
    int segment = segment_for(of.kind, of.key[0], of.key[1], offset + length, of.made);
    name_segment(segment, of.id, "%s", of.name);
    add_mapping(start, length, offset, segment);
}

int is_shared(const void *address)
{
    return mapping_of((uintptr_t)address) != NULL;
}

int64_t id_of_segment(const void *address)
{
    const Mapping *mapping = mapping_of((uintptr_t)address);
    return mapping != NULL && region->segments[mapping->segment].kind == ORIGIN_SHM
               ? region->segments[mapping->segment].id
               : -1;
}

/* Of a file that was mapped again when it had grown there are several segments, each larger than
   those before it. A byte belongs to the first one that has it, whoever looks through which: then
   accesses meet, and locks that lie there are the same. */
static int segment_before(int segment)
{
    static int16_t known[MAX_SEGMENTS]; /* From 2; 1: none, 0: not looked for */
    if (known[segment] == 0) {
        const Segment *wanted = &region->segments[segment];
        int before = segment - 1;
        while (before >= 0 && (region->segments[before].kind != wanted->kind ||
                               region->segments[before].key[0] != wanted->key[0] ||
                               region->segments[before].key[1] != wanted->key[1]))
            before--;
        known[segment] = (int16_t)(before + 2);
    }
    return known[segment] - 2;
}

static int owner_of(int segment, uint64_t offset)
{
    for (int before = segment_before(segment);
         before >= 0 && offset < region->segments[before].size; before = segment_before(segment))
        segment = before;
    return segment;
}

void key_of_address(const void *address, uint64_t key[2])
{
    const Mapping *mapping = mapping_of((uintptr_t)address);
    if (mapping != NULL) {
        key[1] = mapping->offset + ((uintptr_t)address - mapping->start);
        key[0] = (uint64_t)owner_of(mapping->segment, key[1]);
    } else {
        key[0] = (uint64_t)1 << 40 | (uint32_t)getpid();
        key[1] = (uintptr_t)address;
    }
}

/* --- cells ---------------------------------------------------------------------------------------
 */

static Cell *cell_at(const Segment *segment, uint64_t offset)
{
    uint16_t *number = &region->pages[segment->first_page + offset / SHARED_PAGE];
    if (*number == 0) {
        if (region->chunk_count == MAX_CHUNKS) {
            region->lost |= LOST_SHADOW;
            return NULL;
        }
        *number = (uint16_t)++region->chunk_count;
    }
    return &region->chunks[*number - 1].cells[offset % SHARED_PAGE / GRANULE];
}

static void write_slot(Slot *slot, uint8_t mask, unsigned flags, Site site)
{
    slot->clock = 0;
    slot->task = (uint16_t)self_index;
    slot->mask = mask;
    slot->flags = (uint8_t)flags;
    slot->site = site;
    slot->lockset = (uint16_t)self->lockset;
    slot->sequence = ++region->sequence;
    __atomic_store_n(&slot->clock, self->clock.of[self_index], __ATOMIC_RELEASE);
}

/* --- updates that others' writes came into: these explain, they do not accuse --------------------
 */

typedef struct {
    int segment;
    uint64_t offset;
    size_t size;
    uint32_t sequence, clock, turn, lockset;
    unsigned flags;
    Site site;
} Read;

static __thread Read recent[RECENT];
static __thread unsigned next_recent;

static Access access_of_read(const Read *read)
{
    return (Access){self_index,    read->clock,    read->flags,
                    read->lockset, read->sequence, read->site};
}

static void explain_update(const Cell *cell, int segment, uint64_t offset, size_t size,
                           unsigned flags, uint8_t mask, Site site)
{
    if (flags & ACCESS_LIBRARY)
        return;
    unsigned i = 0;
    while (i < RECENT &&
           !(recent[i].segment == segment && recent[i].offset == offset && recent[i].size == size))
        i++;
    uint32_t now = self->clock.of[self_index];
    if (!(flags & ACCESS_WRITE)) {
        Read *read = &recent[i < RECENT ? i : next_recent++ % RECENT];
        *read = (Read){segment,       offset, size, region->sequence, now, lock_turns,
                       self->lockset, flags,  site};
        return;
    }
    if (i == RECENT || recent[i].sequence == 0)
        return;
    Read read = recent[i];
    recent[i].sequence = 0;
    if (now - read.clock > 2)
        return;
    const Slot *lost = NULL;
    for (int q = 0; q < SLOTS; q++) {
        const Slot *slot = &cell->slots[q];
        if (slot->clock && slot->task != self_index && (slot->flags & ACCESS_WRITE) &&
            (slot->mask & mask) && slot->sequence > read.sequence)
            lost = slot;
    }
    int kind = lost != NULL ? REPORT_LOST_UPDATE : REPORT_SPLIT_UPDATE;
    int turns = lock_turns != read.turn;
    if (lost == NULL && (!turns || !held_any(read.lockset) || !held_any(self->lockset)))
        return;
    Report *told = report(kind, read.site, site);
    if (told == NULL)
        return;
    told->segment = segment;
    told->offset = offset;
    told->size = (uint32_t)size;
    told->first = access_of_read(&read);
    told->second = access_now(flags, site);
    if (lost != NULL)
        told->third = access_of(lost);
    publish(told);
}

/* --- one access --- */

/* What is told of: of memory the bytes of a variable, of a file all that was read or written. */
typedef struct {
    int segment;
    uint64_t offset;
    size_t size;
} Span;

static void tell_race(const Slot *before, const Span *span, unsigned flags, Site site)
{
    int of_file = region->segments[span->segment].kind == ORIGIN_CONTENTS;
    /* Where memory is not known as shared, neither is a lock that lies in it; and of whom there is
       no record nobody hears. */
    if (region->lost & (LOST_SEGMENTS | LOST_TASKS))
        return;
    Report *told = report(of_file ? REPORT_FILE_RACE : REPORT_RACE, before->site, site);
    if (told == NULL)
        return;
    told->segment = span->segment;
    told->offset = span->offset;
    told->size = (uint32_t)span->size;
    told->first = access_of(before);
    told->second = access_now(flags, site);
    publish(told);
}

/* An access within one granule. */
static void access_granule(const Span *whole, uint64_t offset, size_t size, unsigned flags,
                           Site site)
{
    int number = owner_of(whole->segment, offset);
    const Segment *segment = &region->segments[number];
    if (offset + size > segment->size)
        return;
    Cell *cell = cell_at(segment, offset);
    if (cell == NULL)
        return;
    uint8_t mask = (uint8_t)(((1u << size) - 1) << (offset % GRANULE));
    int writes = flags & ACCESS_WRITE;
    Slot *same = NULL, *vacant = NULL, *old = NULL;
    for (int i = 0; i < SLOTS; i++) {
        Slot *slot = &cell->slots[i];
        if (slot->clock == 0) {
            vacant = vacant == NULL ? slot : vacant;
            continue;
        }
        if (slot->task == self_index) {
            /* Whoever races with the older one races with this one, too: one slot does for both. */
            int covered = (slot->mask & ~mask) == 0 && (writes || !(slot->flags & ACCESS_WRITE)) &&
                          ((slot->flags & ACCESS_ATOMIC) || !(flags & ACCESS_ATOMIC));
            if (!covered)
                old = slot;
            else if (same == NULL)
                same = slot;
            else
                slot->clock = 0;
            continue;
        }
        if (self->clock.of[slot->task] >= slot->clock) { /* It was before */
            if (writes && (slot->mask & ~mask) == 0) {
                slot->clock = 0;
                vacant = vacant == NULL ? slot : vacant;
            } else if (!(slot->flags & ACCESS_WRITE)) {
                old = slot;
            }
            continue;
        }
        int apart = !(slot->mask & mask) || (!writes && !(slot->flags & ACCESS_WRITE)) ||
                    ((slot->flags & ACCESS_ATOMIC) && (flags & ACCESS_ATOMIC));
        if (!apart)
            tell_race(slot,
                      segment->kind == ORIGIN_CONTENTS ? whole : &(Span){number, offset, size},
                      flags, site);
    }
    Slot *place = same != NULL ? same : vacant != NULL ? vacant : old;
    if (place == NULL) {
        static unsigned turn;
        place = &cell->slots[turn++ % SLOTS];
    }
    write_slot(place, mask, flags, site);
    explain_update(cell, number, offset, size, flags, mask, site);
}

/* Has this task done the very same since its clock last moved? Then nothing new can be learned;
   read without the lock, for a slot of our own is written by nobody else. */
static int known_already(const Mapping *mapping, uintptr_t address, size_t size, unsigned flags)
{
    uint64_t offset = mapping->offset + (address - mapping->start);
    const Segment *segment = &region->segments[owner_of(mapping->segment, offset)];
    if (offset % GRANULE + size > GRANULE || offset + size > segment->size)
        return 0;
    uint16_t number = region->pages[segment->first_page + offset / SHARED_PAGE];
    if (number == 0)
        return 0;
    const Cell *cell = &region->chunks[number - 1].cells[offset % SHARED_PAGE / GRANULE];
    uint8_t mask = (uint8_t)(((1u << size) - 1) << (offset % GRANULE));
    for (int i = 0; i < 4; i++) {
        const Slot *slot = &cell->slots[i];
        if (slot->clock == self->clock.of[self_index] && slot->task == self_index &&
            slot->mask == mask && slot->flags == (uint8_t)flags &&
            slot->lockset == (uint16_t)self->lockset)
            return 1;
    }
    return 0;
}

void access_to(int segment, uint64_t offset, size_t size, unsigned flags, Site site)
{
    const Span whole = {segment, offset, size};
    while (size > 0) {
        size_t part = GRANULE - offset % GRANULE;
        if (part > size)
            part = size;
        access_granule(&whole, offset, part, flags, site);
        offset += part;
        size -= part;
    }
}

void shared_access(uintptr_t address, size_t size, unsigned flags, Site site)
{
    if (!ACTIVE)
        return;
    if (watched(address)) /* No lock helps between a handler and the program that it interrupts */
        variable_access(address, size, flags, site);
    const Mapping *mapping = mapping_of(address);
    if (mapping == NULL)
        return;
    point(CALL_NONE, site, BEFORE);
    if (in_handler)
        flags |= ACCESS_HANDLER;
    /* Of an atomic access that both reads and writes, the read may matter again. */
    if (!(flags & ACCESS_ATOMIC) && known_already(mapping, address, size, flags))
        return;
    if (size > mapping->end - address)
        size = mapping->end - address;
    uint64_t offset = mapping->offset + (address - mapping->start);
    LOCKED({ access_to(mapping->segment, offset, size, flags, site); });
}

void touch(const void *address, size_t size, unsigned flags, Site site)
{
    uintptr_t start = (uintptr_t)address;
    if (size > 0 && mapping_count > 0 && start < highest && start + size > lowest)
        shared_access(start, size, flags | ACCESS_LIBRARY, site);
    else if (size > 0 && start != 0 && watched(start))
        variable_access(start, size, flags | ACCESS_LIBRARY, site);
}
