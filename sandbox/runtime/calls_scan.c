/* calls_scan.c - stdio that reads: what it waits for, and where it puts what has come */
#include "runtime.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define READ_STREAM(type, function, stream, real, failed)                                          \
    READ_STREAM_AT(type, function, stream, real, failed, HERE())

#define READ_STREAM_AT(type, function, stream, real, failed, place)                                \
    Site site = place;                                                                             \
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

EXPORT int getc_unlocked(FILE *stream)
{
    if (buffered(stream))
        return REAL(fgetc)(stream);
    READ_STREAM(int, fgetc, stream, REAL(fgetc)(stream), result == EOF)
    return result;
}

EXPORT int getchar_unlocked(void)
{
    return getc_unlocked(stdin);
}

/* The inline functions of stdio.h come here when the buffer is empty. */
EXPORT int __uflow(FILE *stream)
{
    READ_STREAM(int, fgetc, stream, REAL(__uflow)(stream), result == EOF)
    return result;
}

EXPORT char *fgets_unlocked(char *room, int size, FILE *stream)
{
    READ_STREAM(char *, fgets, stream, REAL(fgets_unlocked)(room, size, stream), result == NULL)
    if (result != NULL)
        touch(room, REAL(strlen)(room) + 1, ACCESS_WRITE, site);
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

EXPORT int getw(FILE *stream)
{
    READ_STREAM(int, fgetc, stream, REAL(getw)(stream), result == EOF)
    return result;
}

EXPORT wint_t fgetwc(FILE *stream)
{
    READ_STREAM(wint_t, fgetc, stream, REAL(fgetwc)(stream), result == WEOF)
    return result;
}

EXPORT wchar_t *fgetws(wchar_t *room, int size, FILE *stream)
{
    READ_STREAM(wchar_t *, fgets, stream, REAL(fgetws)(room, size, stream), result == NULL)
    for (size_t i = 0; result != NULL; i++) {
        touch(&room[i], sizeof *room, ACCESS_WRITE, site);
        if (room[i] == L'\0')
            break;
    }
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

static int scan_stream(FILE *stream, const char *format, va_list list, Site where)
{
    va_list again;
    va_copy(again, list);
    READ_STREAM_AT(int, scanf, stream, REAL(vfscanf)(stream, format, list), result == EOF, where)
    if (highest != 0)
        touch_scanned(format, again, result, site);
    va_end(again);
    return result;
}

#define SCAN(stream)                                                                               \
    va_list list;                                                                                  \
    va_start(list, format);                                                                        \
    int result = scan_stream(stream, format, list, HERE());                                        \
    va_end(list);                                                                                  \
    return result

/* The names under which C99 and C23 programs find scanf() and fscanf(). */
EXPORT int __isoc99_vfscanf(FILE *stream, const char *format, va_list list)
{
    return scan_stream(stream, format, list, HERE());
}

EXPORT int __isoc99_vscanf(const char *format, va_list list)
{
    return scan_stream(stdin, format, list, HERE());
}

/* What it puts where is not looked at. */
EXPORT int __isoc99_fwscanf(FILE *stream, const wchar_t *format, ...)
{
    va_list list;
    va_start(list, format);
    READ_STREAM(int, scanf, stream, REAL(vfwscanf)(stream, format, list), result == EOF)
    va_end(list);
    return result;
}

EXPORT int __isoc99_scanf(const char *format, ...)
{
    SCAN(stdin);
}

EXPORT int __isoc99_fscanf(FILE *stream, const char *format, ...)
{
    SCAN(stream);
}

EXPORT int __isoc23_scanf(const char *format, ...)
{
    SCAN(stdin);
}

EXPORT int __isoc23_fscanf(FILE *stream, const char *format, ...)
{
    SCAN(stream);
}

ALSO(fread_unlocked, fread);
ALSO(fgetc_unlocked, getc_unlocked);
ALSO(getwc, fgetwc);
ALSO(__isoc23_vfscanf, __isoc99_vfscanf);
ALSO(__isoc23_vscanf, __isoc99_vscanf);
