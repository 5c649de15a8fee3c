/* unit.c - the parts of the runtime by themselves: one process plays all tasks

   test_runtime.py builds it together with sandbox/runtime/*.c and runs it. Prints a line for each
   claim that does not hold, and exits 1 then.
*/
#include "runtime.h"
#include <stdio.h>
#include <string.h>

static int failed;

static void holds_that(int truth, const char *claim)
{
    if (!truth) {
        REAL(puts)(claim);
        failed = 1;
    }
}

static const Site NOWHERE = {0, 0, 0, 0};

static Site place(uint32_t pc)
{
    return (Site){pc, 0, 0, 0};
}

/* A second task beside the first, of which neither has heard since its birth. */
static int fork_off(void)
{
    int index = new_task(0, NOWHERE, 0);
    become(0);
    tick();
    return index;
}

static int has_heard(int task, int of, uint32_t time)
{
    return region->tasks[task].clock.of[of] >= time;
}

static void text_is_cut_and_ended(void)
{
    char room[8];
    text(room, sizeof room, "%s-%d", "ab", -7);
    holds_that(strcmp(room, "ab--7") == 0, "text() writes words and negative numbers");
    text(room, sizeof room, "%x and more", 0xbeefu);
    holds_that(strcmp(room, "beef an") == 0, "text() cuts and ends with a NUL");
    text(room, sizeof room, "%D", (long long)INT64_MIN);
    holds_that(strcmp(room, "-922337") == 0, "text() writes the smallest number");
}

static void a_lock_orders_its_holders(void)
{
    Sync *sync = sync_at(SYNC_SEMAPHORE, 1, 0);
    int first = fork_off(), second = fork_off();
    become(0);
    set_value(sync, 1, NOWHERE);
    become(first);
    take(sync, 1);
    uint32_t time = self->clock.of[first];
    give(sync, 1);
    tick();
    become(second);
    holds_that(!has_heard(second, first, time), "before it has the unit a task has heard nothing");
    take(sync, 1);
    holds_that(has_heard(second, first, time), "who takes a unit hears of who gave it");
    holds_that(!has_heard(second, first, time + 1), "and of nothing after that");
}

static void two_units_order_nothing(void)
{
    Sync *sync = sync_at(SYNC_SEMAPHORE, 2, 0);
    int first = fork_off(), second = fork_off();
    become(0);
    set_value(sync, 2, NOWHERE);
    become(first);
    take(sync, 1);
    uint32_t time = self->clock.of[first];
    become(second);
    take(sync, 1);
    give(sync, 1);
    become(first);
    give(sync, 1);
    become(second);
    holds_that(!has_heard(second, first, time), "a semaphore that begins with 2 keeps nobody out");
}

static void a_unit_from_nowhere_brings_everything(void)
{
    Sync *sync = sync_at(SYNC_SEMAPHORE, 3, 0);
    int first = fork_off(), second = fork_off(), third = fork_off();
    become(0);
    set_value(sync, 1, NOWHERE);
    become(first);
    take(sync, 1);
    give(sync, 1);
    tick();
    become(second);
    take(sync, 1);
    become(third); /* A partner, which nobody watches, has given it back */
    take(sync, 1);
    holds_that(has_heard(third, first, region->tasks[first].clock.of[first] - 1),
               "who takes a unit that nobody was seen to give hears of all that was ever given");
}

static void a_place_that_is_used_again_goes_on_in_time(void)
{
    int old = fork_off();
    become(old);
    for (int i = 0; i < 5; i++)
        tick();
    uint32_t time = self->clock.of[old];
    become(0);
    while (region->task_count < MAX_TASKS)
        new_task(0, NOWHERE, 0);
    region->tasks[old].state = TASK_REAPED;
    int again = new_task(0, NOWHERE, 0);
    holds_that(again == old, "the place of a reaped task is given to a new one");
    holds_that(region->tasks[again].clock.of[again] > time, "whose time goes on");
    holds_that(new_task(0, NOWHERE, 0) == -1 && (region->lost & LOST_TASKS),
               "and where all live, it is told");
    for (int i = 1; i < MAX_TASKS; i++)
        region->tasks[i].state = TASK_REAPED;
    become(0);
}

static void equal_sets_of_locks_are_one(void)
{
    Sync *one = sync_at(SYNC_MUTEX, 1, 1), *other = sync_at(SYNC_MUTEX, 1, 2);
    become(0);
    holds(one, place(1), HELD_LOCK);
    uint32_t set = self->lockset;
    holds(other, place(2), HELD_LOCK);
    holds_that(self->lockset != set, "another lock makes another set");
    holds_that(lets_go(other, place(9)) == HELD_LOCK && region->locksets[self->lockset].count == 1,
               "and without it there is one less");
    uint32_t less = self->lockset;
    holds(other, place(2), HELD_LOCK);
    holds_that(lets_go(other, place(9)) == HELD_LOCK && self->lockset == less,
               "and the next time it is the same");
    holds_that(lets_go(one, place(9)) == HELD_LOCK && !held_any(self->lockset),
               "nothing is held then");
    holds_that(region->locksets[self->lockset].gave.sync == index_of(one),
               "but what was given back last is known");
    holds_that(lets_go(one, place(9)) == 0 && one->foreign == 1,
               "who lets go what it does not hold is noted");
}

static void locks_in_turn_make_an_edge(void)
{
    Sync *one = sync_at(SYNC_MUTEX, 2, 1), *other = sync_at(SYNC_MUTEX, 2, 2);
    uint32_t before = region->edge_count;
    holds(one, place(1), HELD_LOCK);
    wants(other, place(2));
    wants(other, place(2));
    holds_that(region->edge_count == before + 1,
               "who holds one and wants another makes one edge, once");
    lets_go(one, place(9));
}

/* --- accesses --- */

static char memory[2 * SHARED_PAGE] __attribute__((aligned(SHARED_PAGE)));

static uint32_t races(void)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < region->report_count; i++)
        found += region->reports[i].kind == REPORT_RACE;
    return found;
}

static void access_by(int task, size_t at, size_t size, unsigned flags, uint32_t pc)
{
    become(task);
    shared_access((uintptr_t)memory + at, size, flags, place(pc));
}

static void what_is_a_race(void)
{
    int one = fork_off(), other = fork_off();
    become(0);
    int segment = segment_for(ORIGIN_SHM, 7, 0, sizeof memory, NOWHERE);
    add_mapping(memory, sizeof memory, 0, segment);
    uint32_t before = races();
    access_by(one, 0, 4, 0, 10);
    access_by(other, 0, 4, 0, 11);
    holds_that(races() == before, "two reads are no race");
    access_by(one, 8, 4, ACCESS_WRITE, 12);
    access_by(other, 12, 4, ACCESS_WRITE, 13);
    holds_that(races() == before, "two writes to other bytes of a granule are none");
    access_by(one, 16, 4, ACCESS_WRITE | ACCESS_ATOMIC, 14);
    access_by(other, 16, 4, ACCESS_WRITE | ACCESS_ATOMIC, 15);
    holds_that(races() == before, "two atomic writes are none");
    access_by(one, 24, 4, ACCESS_WRITE, 16);
    access_by(other, 24, 1, 0, 17);
    holds_that(races() == before + 1, "a write and a read that share a byte are one");
    access_by(one, 24, 4, ACCESS_WRITE, 16);
    access_by(other, 24, 1, 0, 17);
    holds_that(races() == before + 1, "which is told once for a pair of places");
    access_by(one, 38, 4, ACCESS_WRITE, 18);
    access_by(other, 40, 2, ACCESS_WRITE, 19);
    holds_that(races() == before + 2, "an access that crosses a granule is seen in both");
    access_by(one, 48, 4, ACCESS_WRITE | ACCESS_ATOMIC, 20);
    access_by(other, 48, 4, ACCESS_WRITE, 21);
    holds_that(races() == before + 3, "an atomic write and a plain one are one");
    access_by(one, SHARED_PAGE - 2, 4, ACCESS_WRITE, 22);
    access_by(other, SHARED_PAGE, 2, ACCESS_WRITE, 23);
    holds_that(races() == before + 4, "also across pages");

    become(one);
    release(sync_at(SYNC_MUTEX, 3, 1));
    become(other);
    acquire(sync_at(SYNC_MUTEX, 3, 1));
    access_by(other, 48, 4, ACCESS_WRITE, 24);
    access_by(other, 0, 4, ACCESS_WRITE, 25);
    holds_that(races() == before + 4, "who has heard of an access does not race with it");

    remove_mapping(memory, 0);
    access_by(one, 0, 4, ACCESS_WRITE, 26);
    holds_that(races() == before + 4, "memory that is shared no more is looked at no more");
    become(0);
}

static void events_go_round(void)
{
    region->flags |= RECORD_EVENTS;
    uint32_t before = region->event_count;
    for (int i = 0; i < MAX_EVENTS + 3; i++)
        event(EVENT_CALL, CALL_kill, NOWHERE, NULL, i, 0, -1);
    holds_that(region->event_count == before + MAX_EVENTS + 3, "all are counted");
    uint32_t last = (region->event_count - 1) % MAX_EVENTS;
    holds_that(region->events[last].value == MAX_EVENTS + 2, "the last one is there");
    region->flags &= ~(uint32_t)RECORD_EVENTS;
}

int main(void)
{
    initialise();
    if (region == NULL || self == NULL)
        return 2;
    text_is_cut_and_ended();
    a_lock_orders_its_holders();
    two_units_order_nothing();
    a_unit_from_nowhere_brings_everything();
    equal_sets_of_locks_are_one();
    locks_in_turn_make_an_edge();
    what_is_a_race();
    events_go_round();
    a_place_that_is_used_again_goes_on_in_time();
    return failed;
}
