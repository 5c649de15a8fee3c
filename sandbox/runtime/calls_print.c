/* calls_print.c - stdio that prints: when bytes are on their way, and what strings it reads */
#include "runtime.h"
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

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

/* The inline functions of stdio.h come here when the buffer is full, or there is none. */
EXPORT int __overflow(FILE *stream, int byte)
{
    printed("putc_unlocked", stream, CALL_fputc, HERE());
    return REAL(__overflow)(stream, byte);
}

EXPORT int putw(int word, FILE *stream)
{
    printed("putw", stream, CALL_fwrite, HERE());
    return REAL(putw)(word, stream);
}

EXPORT wint_t fputwc(wchar_t letter, FILE *stream)
{
    printed("fputwc", stream, CALL_fputc, HERE());
    return REAL(fputwc)(letter, stream);
}

EXPORT int fputws(const wchar_t *text, FILE *stream)
{
    printed("fputws", stream, CALL_fputs, HERE());
    return REAL(fputws)(text, stream);
}

EXPORT int fwprintf(FILE *stream, const wchar_t *format, ...)
{
    printed("fwprintf", stream, CALL_fprintf, HERE());
    va_list list;
    va_start(list, format);
    int length = REAL(vfwprintf)(stream, format, list);
    va_end(list);
    return length;
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
    closing(fileno(stream), site);
    int result = REAL(fclose)(stream);
    closed(site);
    return result;
}

EXPORT void perror(const char *text)
{
    Site site = HERE();
    printed("perror", stderr, CALL_perror, site);
    REAL(perror)(text);
}

ALSO(putc_unlocked, putc);
ALSO(fputc_unlocked, fputc);
ALSO(putchar_unlocked, putchar);
ALSO(fputs_unlocked, fputs);
ALSO(fwrite_unlocked, fwrite);
