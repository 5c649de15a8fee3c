/* clocks.c - vector clocks and the objects that carry them from task to task

   README.md, "Order", tells what each kind of object does with them. Where the runtime is not sure
   that one thing was before another, it says that it was: that may hide a race, and never invents
   one.
*/
#include "runtime.h"

void join(Clock *into, const Clock *from)
{
    for (int i = 0; i < MAX_TASKS; i++)
        into->of[i] = into->of[i] > from->of[i] ? into->of[i] : from->of[i];
}

void tick(void)
{
    self->clock.of[self_index]++;
}

/* --- objects -----------------------------------------------------------------------------------
 */

/* The object of that kind and key; made when it is first asked for. Where the table is full all
   further ones are one, so that too much is ordered. */
Sync *sync_at(int kind, uint64_t first, uint64_t second)
{
    uint64_t hash =
        (first * 0x9E3779B97F4A7C15u ^ second * 0xC2B2AE3D27D4EB4Fu ^ (uint64_t)kind * 77) >> 20;
    for (unsigned i = 0; i < MAX_SYNCS - 1; i++) {
        Sync *sync = &region->syncs[1 + (hash + i) % (MAX_SYNCS - 1)];
        if (!sync->used) {
            sync->kind = kind;
            sync->key[0] = first;
            sync->key[1] = second;
            sync->setter = -1;
            sync->used = 1;
            return sync;
        }
        if (sync->kind == kind && sync->key[0] == first && sync->key[1] == second)
            return sync;
    }
    region->lost |= LOST_SYNCS;
    return &region->syncs[0];
}

void release(Sync *sync)
{
    join(&sync->released, &self->clock);
    tick();
}

void acquire(Sync *sync)
{
    join(&self->clock, &sync->released);
}

/* --- semaphores: each unit carries the clock of whoever gave it --- */

void give(Sync *sync, int units)
{
    for (; units > 0; units--) {
        if (sync->count == MAX_TOKENS) /* Whoever takes the last one hears of all the others */
            join(&sync->tokens[(sync->head + MAX_TOKENS - 1) % MAX_TOKENS], &self->clock);
        else
            sync->tokens[(sync->head + sync->count++) % MAX_TOKENS] = self->clock;
    }
    join(&sync->released, &self->clock);
    if (sync->set_to == 0)
        sync->set_to = -1;
}

void take(Sync *sync, int units)
{
    for (; units > 0; units--) {
        if (sync->count == 0 || !sync->known || index_of(sync) == 0) {
            /* Given by somebody whom we did not see: a partner, the scenario, the kernel for a dead
               holder's SEM_UNDO. Or the table is full, and tokens are of many semaphores. */
            hear_of_dead();
            acquire(sync);
        } else {
            join(&self->clock, &sync->tokens[sync->head]);
        }
        if (sync->count > 0) {
            sync->head = (sync->head + 1) % MAX_TOKENS;
            sync->count--;
        }
    }
}

void take_back(Sync *sync, int units)
{
    for (; units > 0 && sync->count > 0; units--)
        sync->count--;
}

void set_value(Sync *sync, int value, Site site)
{
    sync->known = 1;
    sync->count = sync->head = 0;
    give(sync, value > MAX_TOKENS ? MAX_TOKENS : value);
    join(&sync->second, &self->clock); /* Who waits for zero hears of it, too */
    if (value > sync->most)
        sync->most = value;
    sync->setter = self_index;
    sync->set_at = self->clock.of[self_index];
    sync->set_to = value;
    sync->set_site = site;
}

/* --- those who tell by ending, and the scenario --------------------------------------------------
 */

/* An end of file, EIDRM or a lock that is suddenly free comes after what the dead have done, and
   what the kernel tells of a process (SIGCHLD, /proc) also after what one has done that is stopped.
 */
void hear_of_dead(void)
{
    join(&self->clock, &region->exited);
    for (uint32_t i = 0; i < region->task_count && i < MAX_TASKS; i++) {
        Task *task = &region->tasks[i];
        int there = task->state == TASK_LIVE || (task->thread && task->state == TASK_EXITED);
        if ((int)i != self_index && there && task->pid > 0 && is_dead_or_stopped(task->pid))
            join(&self->clock, &task->clock);
    }
}

void hear_of_scenario(int way)
{
    Scenario *scenario = &region->scenario;
    if ((scenario->ways & (uint32_t)way) == 0 || self->scenario == scenario->sequence)
        return;
    self->scenario = scenario->sequence;
    join(&self->clock, &scenario->clock);
}
