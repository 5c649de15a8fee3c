/* text.c - the little formatting that the runtime needs, without a function that it wraps itself */
#include "runtime.h"
#include <stdarg.h>

size_t copy_text(char *to, size_t size, const char *from)
{
    size_t at = 0;
    for (; from[at] != '\0' && at + 1 < size; at++)
        to[at] = from[at];
    to[at] = '\0';
    return at;
}

int equal_text(const char *one, const char *other)
{
    while (*one != '\0' && *one == *other)
        one++, other++;
    return *one == *other;
}

static const char *digits(char room[24], unsigned long long value, unsigned base)
{
    char *at = room + 23;
    *at = '\0';
    do
        *--at = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    return at;
}

/* `size` is that of the whole room. */
static char *format_into(char *to, size_t size, const char *format, va_list arguments)
{
    size_t at = 0;
    char room[24];
    for (; *format != '\0' && at + 1 < size; format++) {
        if (*format != '%') {
            to[at++] = *format;
            continue;
        }
        const char *word = "";
        int negative = 0;
        switch (*++format) {
        case 's':
            word = va_arg(arguments, const char *);
            break;
        case 'x':
            word = digits(room, va_arg(arguments, unsigned), 16);
            break;
        case 'd':
        case 'D': {
            long long value =
                *format == 'd' ? va_arg(arguments, int) : va_arg(arguments, long long);
            negative = value < 0;
            word =
                digits(room, negative ? -(unsigned long long)value : (unsigned long long)value, 10);
            break;
        }
        default:
            format--;
        }
        if (negative)
            to[at++] = '-';
        at += copy_text(to + at, size - at, word);
    }
    to[at < size ? at : size - 1] = '\0';
    return to;
}

char *text(char *to, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    format_into(to, size, format, arguments);
    va_end(arguments);
    return to;
}

void name_sync(Sync *sync, const char *format, ...)
{
    if (sync->name[0] != '\0')
        return;
    va_list arguments;
    va_start(arguments, format);
    format_into(sync->name, NAME_SIZE, format, arguments);
    va_end(arguments);
}

void name_segment(int segment, int64_t id, const char *format, ...)
{
    if (segment < 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    format_into(region->segments[segment].name, NAME_SIZE, format, arguments);
    va_end(arguments);
    region->segments[segment].id = id;
}
