/* calls_string.c - functions of the C library that read and write memory: blocks and texts */
#include "runtime.h"
#include <ctype.h>
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

EXPORT void explicit_bzero(void *to, size_t size)
{
    touch(to, size, ACCESS_WRITE, HERE());
    REAL(explicit_bzero)(to, size);
}

EXPORT void bcopy(const void *from, void *to, size_t size)
{
    Site site = HERE();
    touch(from, size, 0, site);
    touch(to, size, ACCESS_WRITE, site);
    REAL(memmove)(to, from, size);
}

EXPORT int bcmp(const void *one, const void *other, size_t size)
{
    Site site = HERE();
    touch(one, size, 0, site);
    touch(other, size, 0, site);
    return REAL(memcmp)(one, other, size);
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

/* The same without regard to case, in the letters of the program's own locale. */
static size_t compared_letters(const char *one, const char *other, size_t limit)
{
    size_t at = 0;
    while (at < limit && one[at] != '\0' &&
           tolower((unsigned char)one[at]) == tolower((unsigned char)other[at]))
        at++;
    return at < limit ? at + 1 : limit;
}

EXPORT int strcasecmp(const char *one, const char *other)
{
    if (highest != 0) {
        Site site = HERE();
        size_t size = compared_letters(one, other, SIZE_MAX);
        touch(one, size, 0, site);
        touch(other, size, 0, site);
    }
    return REAL(strcasecmp)(one, other);
}

EXPORT int strncasecmp(const char *one, const char *other, size_t size)
{
    if (highest != 0) {
        Site site = HERE();
        size_t part = compared_letters(one, other, size);
        touch(one, part, 0, site);
        touch(other, part, 0, site);
    }
    return REAL(strncasecmp)(one, other, size);
}

EXPORT char *strdup(const char *text)
{
    Site site = HERE();
    touch(text, REAL(strlen)(text) + 1, 0, site);
    return REAL(strdup)(text);
}

EXPORT char *strndup(const char *text, size_t size)
{
    touch(text, read_of(text, size), 0, HERE());
    return REAL(strndup)(text, size);
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

EXPORT char *stpncpy(char *to, const char *from, size_t size)
{
    Site site = HERE();
    touch(from, read_of(from, size), 0, site);
    touch(to, size, ACCESS_WRITE, site);
    return REAL(stpncpy)(to, from, size);
}

EXPORT void *memccpy(void *to, const void *from, int byte, size_t size)
{
    Site site = HERE();
    char *end = REAL(memccpy)(to, from, byte, size);
    size_t length = end != NULL ? (size_t)(end - (char *)to) : size;
    touch(from, length, 0, site);
    touch(to, length, ACCESS_WRITE, site);
    return end;
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
#undef strcasestr
#undef strpbrk
#undef strchrnul
#undef memchr
#undef memrchr

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

EXPORT char *strcasestr(const char *text, const char *part)
{
    LOOK_FOR(char *, REAL(strcasestr)(text, part), text);
}

EXPORT char *strpbrk(const char *text, const char *marks)
{
    LOOK_FOR(char *, REAL(strpbrk)(text, marks), text);
}

EXPORT char *strchrnul(const char *text, int byte)
{
    LOOK_FOR(char *, REAL(strchrnul)(text, byte), text);
}

EXPORT size_t strspn(const char *text, const char *marks)
{
    size_t length = REAL(strspn)(text, marks);
    touch(text, length + 1, 0, HERE());
    return length;
}

EXPORT size_t strcspn(const char *text, const char *marks)
{
    size_t length = REAL(strcspn)(text, marks);
    touch(text, length + 1, 0, HERE());
    return length;
}

EXPORT void *memchr(const void *room, int byte, size_t size)
{
    const char *found = REAL(memchr)(room, byte, size);
    touch(room, found != NULL ? (size_t)(found - (const char *)room) + 1 : size, 0, HERE());
    return (void *)found;
}

EXPORT void *memrchr(const void *room, int byte, size_t size)
{
    touch(room, size, 0, HERE());
    return REAL(memrchr)(room, byte, size);
}

EXPORT void *memmem(const void *room, size_t size, const void *part, size_t length)
{
    Site site = HERE();
    const char *found = REAL(memmem)(room, size, part, length);
    touch(room, found != NULL ? (size_t)(found - (const char *)room) + length : size, 0, site);
    touch(part, length, 0, site);
    return (void *)found;
}

/* --- pieces of a text: where one ends, a NUL is put --- */

static char *next_piece(char *text, const char *marks, char **rest, Site site)
{
    char *begin = text != NULL ? text : *rest;
    if (begin != NULL && highest != 0) {
        char *end = begin + REAL(strspn)(begin, marks);
        end += REAL(strcspn)(end, marks);
        touch(begin, (size_t)(end - begin) + 1, 0, site);
        if (*end != '\0')
            touch(end, 1, ACCESS_WRITE, site);
    }
    return REAL(strtok_r)(text, marks, rest);
}

EXPORT char *strtok_r(char *text, const char *marks, char **rest)
{
    return next_piece(text, marks, rest, HERE());
}

/* Where the C library keeps the rest of the text is not known: so it is kept here. */
EXPORT char *strtok(char *text, const char *marks)
{
    static char *rest;
    Site site = HERE();
    unsafe("strtok", site);
    return next_piece(text, marks, &rest, site);
}

EXPORT char *strsep(char **text, const char *marks)
{
    if (*text != NULL && highest != 0) {
        Site site = HERE();
        char *end = *text + REAL(strcspn)(*text, marks);
        touch(*text, (size_t)(end - *text) + 1, 0, site);
        if (*end != '\0')
            touch(end, 1, ACCESS_WRITE, site);
    }
    return REAL(strsep)(text, marks);
}
