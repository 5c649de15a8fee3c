/* calls_library.c - functions of the C library that touch the student's memory, or must not be
   called in a handler: strings, stdio, the heap */
#include "runtime.h"
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* --- memory and strings --- */

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
static size_t read_of(const char *text, size_t limit)
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

/* --- printing
 * ------------------------------------------------------------------------------------------------
 */

/* Strings among the arguments of a format are read. */
static void touch_arguments(const char *format, va_list arguments, Site site)
{
    va_list list;
    va_copy(list, arguments);
    for (; *format != '\0'; format++) {
        if (*format != '%')
            continue;
        int longs = 0, precision = -1;
        for (format++; *format != '\0' && REAL(strchr)("-+ #0123456789.*'", *format) != NULL;
             format++) {
            int given = *format == '*' ? va_arg(list, int) : -1;
            if (*format == '.')
                precision = 0;
            else if (precision >= 0 && *format == '*')
                precision = given >= 0 ? given : INT_MAX;
            else if (precision >= 0 && *format >= '0' && *format <= '9')
                precision = precision * 10 + (*format - '0');
        }
        for (; *format != '\0' && REAL(strchr)("hlzjtqL", *format) != NULL; format++)
            longs += *format == 'L' ? 9 : *format != 'h';
        if (*format == '\0')
            break;
        if (*format == '%' || *format == 'm')
            continue;
        if (*format == 's' && longs == 0) {
            const char *text = va_arg(list, const char *);
            if (text != NULL)
                touch(text, read_of(text, precision < 0 ? SIZE_MAX : (size_t)precision), 0, site);
        } else if (REAL(strchr)("fFeEgGaA", *format) != NULL) {
            if (longs >= 9)
                (void)va_arg(list, long double);
            else
                (void)va_arg(list, double);
        } else if (longs || REAL(strchr)("psnS", *format) != NULL) {
            (void)va_arg(list, long);
        } else {
            (void)va_arg(list, int);
        }
    }
    va_end(list);
}

static void printed(const char *function, FILE *stream, int call, Site site)
{
    if (!ACTIVE)
        return;
    unsafe(function, site);
    int descriptor = fileno(stream);
    note_output(descriptor, site);
    if (descriptor == STDOUT_FILENO)
        self->printed = site;
    point(call, site, BEFORE);
    stream_written(descriptor);
    LOCKED({ happened(call, site, NULL, descriptor, -1); });
}

#define PRINT(function, stream, real)                                                              \
    Site site = HERE();                                                                            \
    printed(#function, stream, CALL_printf, site);                                                 \
    va_list list;                                                                                  \
    va_start(list, format);                                                                        \
    if (highest != 0)                                                                              \
        touch_arguments(format, list, site);                                                       \
    int length = real;                                                                             \
    va_end(list);                                                                                  \
    return length

EXPORT int printf(const char *format, ...)
{
    PRINT(printf, stdout, REAL(vprintf)(format, list));
}

EXPORT int fprintf(FILE *stream, const char *format, ...)
{
    PRINT(fprintf, stream, REAL(vfprintf)(stream, format, list));
}

EXPORT int vprintf(const char *format, va_list list)
{
    Site site = HERE();
    printed("vprintf", stdout, CALL_printf, site);
    if (highest != 0)
        touch_arguments(format, list, site);
    return REAL(vprintf)(format, list);
}

EXPORT int vfprintf(FILE *stream, const char *format, va_list list)
{
    Site site = HERE();
    printed("vfprintf", stream, CALL_printf, site);
    if (highest != 0)
        touch_arguments(format, list, site);
    return REAL(vfprintf)(stream, format, list);
}

EXPORT int dprintf(int descriptor, const char *format, ...)
{
    Site site = HERE();
    unsafe("dprintf", site);
    note_output(descriptor, site);
    stream_written(descriptor);
    va_list list;
    va_start(list, format);
    if (highest != 0)
        touch_arguments(format, list, site);
    int length = REAL(vdprintf)(descriptor, format, list);
    va_end(list);
    return length;
}

static int printed_into(char *room, size_t limit, int length, Site site);

#define PRINT_INTO(function, room, limit, real)                                                    \
    Site site = HERE();                                                                            \
    unsafe(#function, site);                                                                       \
    va_list list;                                                                                  \
    va_start(list, format);                                                                        \
    if (highest != 0)                                                                              \
        touch_arguments(format, list, site);                                                       \
    int length = real;                                                                             \
    va_end(list);                                                                                  \
    return printed_into(room, limit, length, site)

EXPORT int sprintf(char *room, const char *format, ...)
{
    PRINT_INTO(sprintf, room, SIZE_MAX, REAL(vsprintf)(room, format, list));
}

EXPORT int snprintf(char *room, size_t size, const char *format, ...)
{
    PRINT_INTO(snprintf, room, size, REAL(vsnprintf)(room, size, format, list));
}

static int printed_into(char *room, size_t limit, int length, Site site)
{
    if (length >= 0 && limit > 0)
        touch(room, (size_t)length < limit ? (size_t)length + 1 : limit, ACCESS_WRITE, site);
    return length;
}

EXPORT int vsprintf(char *room, const char *format, va_list list)
{
    Site site = HERE();
    unsafe("vsprintf", site);
    if (highest != 0)
        touch_arguments(format, list, site);
    return printed_into(room, SIZE_MAX, REAL(vsprintf)(room, format, list), site);
}

EXPORT int vsnprintf(char *room, size_t size, const char *format, va_list list)
{
    Site site = HERE();
    unsafe("vsnprintf", site);
    if (highest != 0)
        touch_arguments(format, list, site);
    return printed_into(room, size, REAL(vsnprintf)(room, size, format, list), site);
}

EXPORT int puts(const char *text)
{
    Site site = HERE();
    printed("puts", stdout, CALL_puts, site);
    touch(text, REAL(strlen)(text) + 1, 0, site);
    return REAL(puts)(text);
}

/* One byte of many: only the first one in the buffer and what may flush it are looked at. */
static void printed_byte(const char *function, int byte, FILE *stream, int call, Site site)
{
    if (in_handler || byte == '\n' || __fpending(stream) == 0)
        printed(function, stream, call, site);
}

EXPORT int putchar(int byte)
{
    printed_byte("putchar", byte, stdout, CALL_putchar, HERE());
    return REAL(putchar)(byte);
}

EXPORT int fputc(int byte, FILE *stream)
{
    printed_byte("fputc", byte, stream, CALL_fputc, HERE());
    return REAL(fputc)(byte, stream);
}

EXPORT int putc(int byte, FILE *stream)
{
    printed_byte("putc", byte, stream, CALL_fputc, HERE());
    return REAL(fputc)(byte, stream);
}

EXPORT int fputs(const char *text, FILE *stream)
{
    Site site = HERE();
    printed("fputs", stream, CALL_fputs, site);
    touch(text, REAL(strlen)(text) + 1, 0, site);
    return REAL(fputs)(text, stream);
}

EXPORT size_t fwrite(const void *data, size_t size, size_t count, FILE *stream)
{
    Site site = HERE();
    printed("fwrite", stream, CALL_fwrite, site);
    touch(data, size * count, 0, site);
    return REAL(fwrite)(data, size, count, stream);
}

EXPORT int fflush(FILE *stream)
{
    Site site = HERE();
    unsafe("fflush", site);
    point(CALL_fflush, site, BEFORE);
    if (stream != NULL)
        stream_written(fileno(stream));
    return REAL(fflush)(stream);
}

EXPORT int fclose(FILE *stream)
{
    Site site = HERE();
    unsafe("fclose", site);
    point(CALL_fclose, site, BEFORE);
    stream_written(fileno(stream));
    return REAL(fclose)(stream);
}

EXPORT void perror(const char *text)
{
    Site site = HERE();
    printed("perror", stderr, CALL_perror, site);
    REAL(perror)(text);
}

/* --- reading
 * ---------------------------------------------------------------------------------------------------
 */

#define READ_STREAM(type, function, stream, real, failed)                                          \
    Site site = HERE();                                                                            \
    unsafe(#function, site);                                                                       \
    FILE *from = stream;                                                                           \
    point(CALL_##function, site, BEFORE);                                                          \
    begin_wait(CALL_##function, site, NULL, 0);                                                    \
    type result = real;                                                                            \
    end_wait(CALL_##function, site, NULL, 0);                                                      \
    stream_read(fileno(from), failed);

EXPORT char *fgets(char *room, int size, FILE *stream)
{
    READ_STREAM(char *, fgets, stream, REAL(fgets)(room, size, stream), result == NULL)
    if (result != NULL)
        touch(room, REAL(strlen)(room) + 1, ACCESS_WRITE, site);
    return result;
}

/* What lies in the buffer was heard of when it was read. */
static int buffered(const FILE *stream)
{
    return !in_handler && stream->_IO_read_ptr < stream->_IO_read_end;
}

EXPORT int fgetc(FILE *stream)
{
    if (buffered(stream))
        return REAL(fgetc)(stream);
    READ_STREAM(int, fgetc, stream, REAL(fgetc)(stream), result == EOF)
    return result;
}

EXPORT int getc(FILE *stream)
{
    if (buffered(stream))
        return REAL(fgetc)(stream);
    READ_STREAM(int, fgetc, stream, REAL(fgetc)(stream), result == EOF)
    return result;
}

EXPORT int getchar(void)
{
    if (buffered(stdin))
        return REAL(fgetc)(stdin);
    READ_STREAM(int, fgetc, stdin, REAL(fgetc)(stdin), result == EOF)
    return result;
}

EXPORT size_t fread(void *room, size_t size, size_t count, FILE *stream)
{
    READ_STREAM(size_t, fread, stream, REAL(fread)(room, size, count, stream), result == 0)
    touch(room, result * size, ACCESS_WRITE, site);
    return result;
}

EXPORT ssize_t getline(char **line, size_t *size, FILE *stream)
{
    READ_STREAM(ssize_t, getline, stream, REAL(getline)(line, size, stream), result == -1)
    return result;
}

EXPORT ssize_t getdelim(char **line, size_t *size, int end, FILE *stream)
{
    READ_STREAM(ssize_t, getline, stream, REAL(getdelim)(line, size, end, stream), result == -1)
    return result;
}

/* What getline() is with -O2. */
EXPORT ssize_t __getdelim(char **line, size_t *size, int end, FILE *stream)
{
    READ_STREAM(ssize_t, getline, stream, REAL(getdelim)(line, size, end, stream), result == -1)
    return result;
}

static size_t scanned_size(char kind, int longs, int shorts, size_t width, const void *at)
{
    switch (kind) {
    case 's':
    case '[':
        return REAL(strlen)(at) + 1;
    case 'c':
        return width > 0 ? width : 1;
    case 'p':
        return 8;
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
        return longs > 1 ? 16 : longs == 1 ? 8 : 4;
    default:
        return longs > 0 ? 8 : 4u >> shorts;
    }
}

/* What the first `count` conversions of a format have been put into. */
static void touch_scanned(const char *format, va_list arguments, int count, Site site)
{
    va_list list;
    va_copy(list, arguments);
    for (; *format != '\0' && count > 0; format++) {
        if (*format != '%')
            continue;
        size_t width = 0;
        int longs = 0, shorts = 0, dropped = 0;
        for (format++; *format == '*' || (*format >= '0' && *format <= '9'); format++) {
            dropped |= *format == '*';
            width = *format == '*' ? width : width * 10 + (size_t)(*format - '0');
        }
        for (; *format != '\0' && REAL(strchr)("hlLzjtqm", *format) != NULL; format++) {
            shorts += *format == 'h';
            longs += *format == 'L' ? 2 : *format != 'h';
        }
        char kind = *format;
        if (kind == '\0')
            break;
        if (kind == '[') {
            format += format[1] == '^' ? 2 : 1;
            for (format++; *format != '\0' && *format != ']'; format++)
                ;
        }
        if (kind == '%' || dropped)
            continue;
        const void *at = va_arg(list, const void *);
        touch(at, scanned_size(kind, longs, shorts, width, at), ACCESS_WRITE, site);
        count -= kind != 'n';
        if (*format == '\0')
            break;
    }
    va_end(list);
}

static int scan_text(const char *text, const char *format, va_list arguments)
{
    va_list list;
    va_copy(list, arguments);
    int result = REAL(vsscanf)(text, format, list);
    va_end(list);
    return result;
}

#define SCAN_TEXT(text, real)                                                                      \
    Site site = HERE();                                                                            \
    unsafe("sscanf", site);                                                                        \
    va_list list;                                                                                  \
    va_start(list, format);                                                                        \
    int result = real;                                                                             \
    if (highest != 0) {                                                                            \
        touch(text, REAL(strlen)(text) + 1, 0, site);                                              \
        touch_scanned(format, list, result, site);                                                 \
    }                                                                                              \
    va_end(list);                                                                                  \
    return result

EXPORT int __isoc99_sscanf(const char *text, const char *format, ...)
{
    SCAN_TEXT(text, scan_text(text, format, list));
}

EXPORT int __isoc23_sscanf(const char *text, const char *format, ...)
{
    SCAN_TEXT(text, scan_text(text, format, list));
}

#define SCAN(stream, real)                                                                         \
    va_list list, again;                                                                           \
    va_start(list, format);                                                                        \
    va_copy(again, list);                                                                          \
    READ_STREAM(int, scanf, stream, real, result == EOF)                                           \
    if (highest != 0)                                                                              \
        touch_scanned(format, again, result, site);                                                \
    va_end(again);                                                                                 \
    va_end(list);                                                                                  \
    return result

/* The names under which C99 and C23 programs find scanf() and fscanf(). */
EXPORT int __isoc99_scanf(const char *format, ...)
{
    SCAN(stdin, REAL(vscanf)(format, list));
}

EXPORT int __isoc99_fscanf(FILE *stream, const char *format, ...)
{
    SCAN(stream, REAL(vfscanf)(stream, format, list));
}

EXPORT int __isoc23_scanf(const char *format, ...)
{
    SCAN(stdin, REAL(vscanf)(format, list));
}

EXPORT int __isoc23_fscanf(FILE *stream, const char *format, ...)
{
    SCAN(stream, REAL(vfscanf)(stream, format, list));
}

/* --- the heap: only where it is called matters --- */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

EXPORT void *malloc(size_t size)
{
    if (UNLIKELY(in_handler))
        unsafe("malloc", HERE());
    if (UNLIKELY(points_wanted) && ACTIVE) {
        Site site = HERE();
        point(CALL_malloc, site, BEFORE);
        if (fault_at(CALL_malloc, site))
            return NULL;
    }
    return __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
    if (UNLIKELY(in_handler))
        unsafe("calloc", HERE());
    return __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size)
{
    if (UNLIKELY(in_handler))
        unsafe("realloc", HERE());
    return __libc_realloc(old, size);
}

EXPORT void free(void *old)
{
    if (UNLIKELY(in_handler))
        unsafe("free", HERE());
    __libc_free(old);
}
