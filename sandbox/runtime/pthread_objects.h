/* pthread_objects.h - objects of pthread.h, by where they lie in memory */
#ifndef GRADER_PTHREAD_OBJECTS_H
#define GRADER_PTHREAD_OBJECTS_H

#include "runtime.h"
#include <pthread.h>
#include <time.h>

/* With the lock of the region held. what: its kind, in words. */
Sync *pthread_object(int kind, const void *at, const char *what);
void initialised(Sync *sync, const void *at, int shared, int call, Site site);
void used_by_process(Sync *sync, const char *what);

#endif
