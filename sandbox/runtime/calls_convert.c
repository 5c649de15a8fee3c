/* calls_convert.c - functions of the C library that make one thing of another in memory: numbers of
   texts, addresses, random numbers, arrays in order */
#include "runtime.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Numbers: so far as they are read, and the byte behind. */
#define NUMBER(type, real)                                                                         \
    Site site = HERE();                                                                            \
    char *end_ = (char *)text;                                                                     \
    type value = real;                                                                             \
    touch(text, (size_t)(end_ - text) + 1, 0, site);                                               \
    return value
#define NUMBER_TO(type, real)                                                                      \
    Site site = HERE();                                                                            \
    char *end_ = (char *)text;                                                                     \
    type value = real;                                                                             \
    touch(text, (size_t)(end_ - text) + 1, 0, site);                                               \
    if (end != NULL)                                                                               \
        *end = end_;                                                                               \
    return value

EXPORT long strtol(const char *text, char **end, int base)
{
    NUMBER_TO(long, REAL(strtol)(text, &end_, base));
}

EXPORT unsigned long strtoul(const char *text, char **end, int base)
{
    NUMBER_TO(unsigned long, REAL(strtoul)(text, &end_, base));
}

EXPORT long long strtoll(const char *text, char **end, int base)
{
    NUMBER_TO(long long, REAL(strtoll)(text, &end_, base));
}

EXPORT unsigned long long strtoull(const char *text, char **end, int base)
{
    NUMBER_TO(unsigned long long, REAL(strtoull)(text, &end_, base));
}

EXPORT double strtod(const char *text, char **end)
{
    NUMBER_TO(double, REAL(strtod)(text, &end_));
}

EXPORT float strtof(const char *text, char **end)
{
    NUMBER_TO(float, REAL(strtof)(text, &end_));
}

EXPORT int atoi(const char *text)
{
    NUMBER(int, (int)REAL(strtol)(text, &end_, 10));
}

EXPORT long atol(const char *text)
{
    NUMBER(long, REAL(strtol)(text, &end_, 10));
}

EXPORT long long atoll(const char *text)
{
    NUMBER(long long, REAL(strtoll)(text, &end_, 10));
}

EXPORT double atof(const char *text)
{
    NUMBER(double, REAL(strtod)(text, &end_));
}

/* The state of a generator is read and changed, in two steps. */
EXPORT int rand_r(unsigned *state)
{
    touch(state, sizeof *state, ACCESS_WRITE, HERE());
    return REAL(rand_r)(state);
}

EXPORT ssize_t getrandom(void *room, size_t size, unsigned flags)
{
    ssize_t length = REAL(getrandom)(room, size, flags);
    if (length > 0)
        touch(room, (size_t)length, ACCESS_WRITE, HERE());
    return length;
}

/* Only the order of the elements changes, but each may come to any place. What the comparison reads
   is seen where it reads it. */
EXPORT void qsort(void *array, size_t count, size_t size, __compar_fn_t compare)
{
    if (count > 1)
        touch(array, count * size, ACCESS_WRITE, HERE());
    REAL(qsort)(array, count, size, compare);
}

EXPORT void qsort_r(void *array, size_t count, size_t size, __compar_d_fn_t compare, void *more)
{
    if (count > 1)
        touch(array, count * size, ACCESS_WRITE, HERE());
    REAL(qsort_r)(array, count, size, compare, more);
}

/* --- texts that are put into room --- */

EXPORT const char *inet_ntop(int family, const void *address, char *room, socklen_t size)
{
    Site site = HERE();
    size_t length = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    touch(address, length, 0, site);
    const char *result = REAL(inet_ntop)(family, address, room, size);
    if (result != NULL)
        touch(room, REAL(strlen)(room) + 1, ACCESS_WRITE, site);
    return result;
}

EXPORT int inet_pton(int family, const char *text, void *room)
{
    Site site = HERE();
    touch(text, REAL(strlen)(text) + 1, 0, site);
    int result = REAL(inet_pton)(family, text, room);
    size_t length = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    if (result == 1)
        touch(room, length, ACCESS_WRITE, site);
    return result;
}

EXPORT char *getcwd(char *room, size_t size)
{
    char *result = REAL(getcwd)(room, size);
    if (result != NULL && room != NULL)
        touch(room, REAL(strlen)(room) + 1, ACCESS_WRITE, HERE());
    return result;
}

EXPORT int gethostname(char *room, size_t size)
{
    int result = REAL(gethostname)(room, size);
    if (result == 0)
        touch(room, read_of(room, size), ACCESS_WRITE, HERE());
    return result;
}
