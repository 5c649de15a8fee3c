/* calls_time.c - what the clock and the calendar put into the memory that they are given */
#include "runtime.h"
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

/* What is put there is there when the call returns; nothing is waited for. NULL is nowhere. */
#define PUTS(done, room)                                                                           \
    do {                                                                                           \
        if (done)                                                                                  \
            touch(room, sizeof *(room), ACCESS_WRITE, HERE());                                     \
    } while (0)

EXPORT int clock_gettime(clockid_t clock, struct timespec *room)
{
    int result = REAL(clock_gettime)(clock, room);
    PUTS(result != -1, room);
    return result;
}

EXPORT int gettimeofday(struct timeval *room, void *zone)
{
    int result = REAL(gettimeofday)(room, zone);
    PUTS(result != -1, room);
    return result;
}

EXPORT time_t time(time_t *room)
{
    time_t result = REAL(time)(room);
    PUTS(result != -1, room);
    return result;
}

EXPORT clock_t times(struct tms *room)
{
    clock_t result = REAL(times)(room);
    PUTS(result != -1, room);
    return result;
}

EXPORT int getrusage(__rusage_who_t who, struct rusage *room)
{
    int result = REAL(getrusage)(who, room);
    PUTS(result != -1, room);
    return result;
}

/* --- the calendar: none of it is for handlers --- */

#define CALENDAR(type, name, parameters, arguments, reads)                                         \
    EXPORT type name parameters                                                                    \
    {                                                                                              \
        Site site = HERE();                                                                        \
        unsafe(#name, site);                                                                       \
        touch(reads, sizeof *(reads), 0, site);                                                    \
        return REAL(name) arguments;                                                               \
    }

CALENDAR(struct tm *, localtime, (const time_t *time), (time), time)
CALENDAR(struct tm *, gmtime, (const time_t *time), (time), time)
CALENDAR(char *, ctime, (const time_t *time), (time), time)
CALENDAR(char *, asctime, (const struct tm *time), (time), time)

/* Puts it in order, too: month 12 becomes January of the next year. */
EXPORT time_t mktime(struct tm *time)
{
    Site site = HERE();
    unsafe("mktime", site);
    touch(time, sizeof *time, ACCESS_WRITE, site);
    return REAL(mktime)(time);
}

#define CALENDAR_INTO(type, name, from, size)                                                      \
    EXPORT type *name(const from *time, type *room)                                                \
    {                                                                                              \
        Site site = HERE();                                                                        \
        unsafe(#name, site);                                                                       \
        touch(time, sizeof *time, 0, site);                                                        \
        type *result = REAL(name)(time, room);                                                     \
        if (result != NULL)                                                                        \
            touch(room, size, ACCESS_WRITE, site);                                                 \
        return result;                                                                             \
    }

CALENDAR_INTO(struct tm, localtime_r, time_t, sizeof *room)
CALENDAR_INTO(struct tm, gmtime_r, time_t, sizeof *room)
CALENDAR_INTO(char, ctime_r, time_t, REAL(strlen)(room) + 1)
CALENDAR_INTO(char, asctime_r, struct tm, REAL(strlen)(room) + 1)

EXPORT size_t strftime(char *room, size_t size, const char *format, const struct tm *time)
{
    Site site = HERE();
    unsafe("strftime", site);
    touch(time, sizeof *time, 0, site);
    size_t length = REAL(strftime)(room, size, format, time);
    if (length > 0)
        touch(room, length + 1, ACCESS_WRITE, site);
    return length;
}
