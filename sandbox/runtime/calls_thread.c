/* calls_thread.c - threads: order by birth, death and cancellation */
#include "runtime.h"
#include <pthread.h>
#include <stdlib.h>

typedef struct {
    void *(*function)(void *);
    void *argument;
    int task;
} Start;

CALLS_STUDENT static void *begin_thread(void *room)
{
    Start start = *(Start *)room;
    inside++;
    free(room);
    inside--;
    stack_top = __builtin_frame_address(0); /* No frame of the student's lies above ours */
    become(start.task);
    note_mask();
    LOCKED({ event(EVENT_BORN, CALL_NONE, self->born, NULL, 0, 0, self->parent); });
    void *result = start.function(start.argument);
    LOCKED({
        event(EVENT_EXIT, CALL_NONE, self->at, NULL, 0, 0, -1);
        self->state = TASK_EXITED;
    });
    return result;
}

static void joined(int result, int index)
{
    if (result == 0 && index >= 0)
        LOCKED({
            join(&self->clock, &region->tasks[index].clock);
            region->tasks[index].state = TASK_REAPED;
        });
}

static Sync *thread_sync(pthread_t thread)
{
    return sync_at(SYNC_THREAD, (uint64_t)getpid(), (uint64_t)thread);
}

static int task_of_thread(pthread_t thread)
{
    int index = -1;
    LOCKED({ index = thread_sync(thread)->setter; });
    return index;
}

EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *argument)
{
    Site site = HERE();
    if (!ACTIVE)
        return REAL(pthread_create)(thread, attributes, function, argument);
    point(CALL_pthread_create, site, BEFORE);
    int error = fault_at(CALL_pthread_create, site);
    if (error)
        return error;
    inside++;
    Start *start = malloc(sizeof *start);
    inside--;
    if (start == NULL)
        return EAGAIN;
    *start = (Start){function, argument, -1};
    LOCKED({
        start->task = new_task(self_index, site, 1);
        tick();
    });
    int task = start->task;
    has_threads = 1;
    int result = REAL(pthread_create)(thread, attributes, begin_thread, start);
    LOCKED({
        if (result == 0)
            thread_sync(*thread)->setter = task;
        else if (task >= 0)
            region->tasks[task].state = TASK_REAPED;
        happened(CALL_pthread_create, site, NULL, 0, task);
    });
    point(CALL_pthread_create, site, AFTER);
    return result;
}

/* What runs when it is cancelled is called by the C library, unseen: so it hears of that at once.
 */
EXPORT int pthread_cancel(pthread_t thread)
{
    Site site = HERE();
    point(CALL_kill, site, BEFORE);
    LOCKED({
        int target = thread_sync(thread)->setter;
        if (target >= 0 && target != self_index)
            join(&region->tasks[target].clock, &self->clock);
        tick();
    });
    return REAL(pthread_cancel)(thread);
}

EXPORT int pthread_join(pthread_t thread, void **value)
{
    Site site = HERE();
    point(CALL_pthread_join, site, BEFORE);
    begin_wait(CALL_pthread_join, site, NULL, 0);
    int result = REAL(pthread_join)(thread, value);
    end_wait(CALL_pthread_join, site, NULL, result);
    joined(result, task_of_thread(thread));
    return result;
}

EXPORT int pthread_tryjoin_np(pthread_t thread, void **value)
{
    int result = REAL(pthread_tryjoin_np)(thread, value);
    joined(result, task_of_thread(thread));
    return result;
}

EXPORT int pthread_clockjoin_np(pthread_t thread, void **value, clockid_t clock,
                                const struct timespec *limit)
{
    Site site = HERE();
    begin_wait(CALL_pthread_join, site, NULL, 0);
    int result = REAL(pthread_clockjoin_np)(thread, value, clock, limit);
    end_wait(CALL_pthread_join, site, NULL, result);
    joined(result, task_of_thread(thread));
    return result;
}

EXPORT int pthread_timedjoin_np(pthread_t thread, void **value, const struct timespec *limit)
{
    Site site = HERE();
    begin_wait(CALL_pthread_join, site, NULL, 0);
    int result = REAL(pthread_timedjoin_np)(thread, value, limit);
    end_wait(CALL_pthread_join, site, NULL, result);
    joined(result, task_of_thread(thread));
    return result;
}
