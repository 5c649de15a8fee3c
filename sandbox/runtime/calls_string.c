/* calls_string.c - functions of the C library that read and write memory: strings and numbers */
#include "runtime.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

EXPORT void *memcpy(void *to, const void *from, size_t size)
{
    Site site = HERE();
    touch(from, size, 0, site);
    touch(to, size, ACCESS_WRITE, site);
    return REAL(memmove)(to, from, size);
}

EXPORT void *memmove(void *to, const void *from, size_t size)
{
    Site site = HERE();
    touch(from, size, 0, site);
    touch(to, size, ACCESS_WRITE, site);
    return REAL(memmove)(to, from, size);
}

EXPORT void *memset(void *to, int value, size_t size)
{
    touch(to, size, ACCESS_WRITE, HERE());
    return REAL(memset)(to, value, size);
}

EXPORT void bzero(void *to, size_t size)
{
    touch(to, size, ACCESS_WRITE, HERE());
    REAL(memset)(to, 0, size);
}

EXPORT int memcmp(const void *one, const void *other, size_t size)
{
    Site site = HERE();
    touch(one, size, 0, site);
    touch(other, size, 0, site);
    return REAL(memcmp)(one, other, size);
}

EXPORT char *strcpy(char *to, const char *from)
{
    Site site = HERE();
    size_t size = REAL(strlen)(from) + 1;
    touch(from, size, 0, site);
    touch(to, size, ACCESS_WRITE, site);
    return REAL(memmove)(to, from, size);
}

/* So many bytes of a text are read: with its NUL, but no more than the limit. */
size_t read_of(const char *text, size_t limit)
{
    size_t length = REAL(strnlen)(text, limit);
    return length < limit ? length + 1 : limit;
}

/* Both, as far as they are the same, and the byte that tells. */
static size_t compared(const char *one, const char *other, size_t limit)
{
    size_t at = 0;
    while (at < limit && one[at] == other[at] && one[at] != '\0')
        at++;
    return at < limit ? at + 1 : limit;
}

EXPORT char *strncpy(char *to, const char *from, size_t size)
{
    Site site = HERE();
    touch(from, read_of(from, size), 0, site);
    touch(to, size, ACCESS_WRITE, site);
    return REAL(strncpy)(to, from, size);
}

EXPORT char *strcat(char *to, const char *from)
{
    Site site = HERE();
    size_t size = REAL(strlen)(from) + 1;
    touch(from, size, 0, site);
    touch(to + REAL(strlen)(to), size, ACCESS_WRITE, site);
    return REAL(strcat)(to, from);
}

EXPORT size_t strlen(const char *text)
{
    size_t length = REAL(strlen)(text);
    touch(text, length + 1, 0, HERE());
    return length;
}

EXPORT int strcmp(const char *one, const char *other)
{
    if (highest != 0) {
        Site site = HERE();
        size_t size = compared(one, other, SIZE_MAX);
        touch(one, size, 0, site);
        touch(other, size, 0, site);
    }
    return REAL(strcmp)(one, other);
}

EXPORT int strncmp(const char *one, const char *other, size_t size)
{
    if (highest != 0) {
        Site site = HERE();
        size_t part = compared(one, other, size);
        touch(one, part, 0, site);
        touch(other, part, 0, site);
    }
    return REAL(strncmp)(one, other, size);
}

EXPORT char *strdup(const char *text)
{
    Site site = HERE();
    touch(text, REAL(strlen)(text) + 1, 0, site);
    return REAL(strdup)(text);
}

EXPORT char *strncat(char *to, const char *from, size_t size)
{
    Site site = HERE();
    size_t length = REAL(strnlen)(from, size);
    touch(from, length, 0, site);
    touch(to + REAL(strlen)(to), length + 1, ACCESS_WRITE, site);
    return REAL(strncat)(to, from, size);
}

EXPORT char *stpcpy(char *to, const char *from)
{
    Site site = HERE();
    size_t size = REAL(strlen)(from) + 1;
    touch(from, size, 0, site);
    touch(to, size, ACCESS_WRITE, site);
    return REAL(stpcpy)(to, from);
}

EXPORT void *mempcpy(void *to, const void *from, size_t size)
{
    Site site = HERE();
    touch(from, size, 0, site);
    touch(to, size, ACCESS_WRITE, site);
    return (char *)REAL(memmove)(to, from, size) + size;
}

EXPORT size_t strnlen(const char *text, size_t size)
{
    size_t length = REAL(strnlen)(text, size);
    touch(text, length < size ? length + 1 : size, 0, HERE());
    return length;
}

/* Those that look for something read as far as they find it. */
#define LOOK_FOR(type, real, text)                                                                 \
    Site site = HERE();                                                                            \
    type found = real;                                                                             \
    if (highest != 0)                                                                              \
        touch(text, found != NULL ? (size_t)((found) - (text)) + 1 : REAL(strlen)(text) + 1, 0,    \
              site);                                                                               \
    return found

#undef strchr
#undef strrchr
#undef strstr

EXPORT char *strchr(const char *text, int byte)
{
    LOOK_FOR(char *, REAL(strchr)(text, byte), text);
}

EXPORT char *strrchr(const char *text, int byte)
{
    touch(text, REAL(strlen)(text) + 1, 0, HERE());
    return REAL(strrchr)(text, byte);
}

EXPORT char *strstr(const char *text, const char *part)
{
    LOOK_FOR(char *, REAL(strstr)(text, part), text);
}

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

EXPORT double strtod(const char *text, char **end)
{
    NUMBER_TO(double, REAL(strtod)(text, &end_));
}

EXPORT int atoi(const char *text)
{
    NUMBER(int, (int)REAL(strtol)(text, &end_, 10));
}

EXPORT long atol(const char *text)
{
    NUMBER(long, REAL(strtol)(text, &end_, 10));
}

EXPORT double atof(const char *text)
{
    NUMBER(double, REAL(strtod)(text, &end_));
}
