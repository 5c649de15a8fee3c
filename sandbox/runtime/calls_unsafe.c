/* calls_unsafe.c - functions that a handler must not call, and of which nothing else is known

   They are not on the list of signal-safety(7), for they keep state of their own or take locks. One
   that the C library calls itself (site.pc is 0 then) is told of by its caller.
*/
#include "runtime.h"
#include <dirent.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#define UNSAFE(type, name, parameters, arguments)                                                  \
    EXPORT type name parameters                                                                    \
    {                                                                                              \
        if (UNLIKELY(in_handler))                                                                  \
            unsafe(#name, HERE());                                                                 \
        return REAL(name) arguments;                                                               \
    }

UNSAFE(char *, strerror, (int number), (number))
UNSAFE(char *, strsignal, (int number), (number))
UNSAFE(char *, getenv, (const char *name), (name))
UNSAFE(int, setenv, (const char *name, const char *value, int over), (name, value, over))
UNSAFE(int, unsetenv, (const char *name), (name))
UNSAFE(int, putenv, (char *text), (text))
UNSAFE(int, rand, (void), ())
UNSAFE(long, random, (void), ())
UNSAFE(FILE *, fdopen, (int descriptor, const char *mode), (descriptor, mode))
UNSAFE(FILE *, freopen, (const char *path, const char *mode, FILE *stream), (path, mode, stream))
UNSAFE(FILE *, popen, (const char *command, const char *mode), (command, mode))
UNSAFE(FILE *, tmpfile, (void), ())
UNSAFE(int, fseek, (FILE * stream, long offset, int from), (stream, offset, from))
UNSAFE(int, ungetc, (int byte, FILE *stream), (byte, stream))
UNSAFE(DIR *, opendir, (const char *path), (path))
UNSAFE(int, closedir, (DIR * stream), (stream))
UNSAFE(struct passwd *, getpwuid, (uid_t user), (user))
UNSAFE(struct passwd *, getpwnam, (const char *name), (name))
UNSAFE(struct group *, getgrgid, (gid_t group), (group))

EXPORT void psignal(int number, const char *text)
{
    unsafe("psignal", HERE());
    REAL(psignal)(number, text);
}

EXPORT void srand(unsigned seed)
{
    unsafe("srand", HERE());
    REAL(srand)(seed);
}

EXPORT void syslog(int priority, const char *format, ...)
{
    unsafe("syslog", HERE());
    va_list list;
    va_start(list, format);
    REAL(vsyslog)(priority, format, list);
    va_end(list);
}

/* Its shell may have run programs of ours. */
EXPORT int pclose(FILE *stream)
{
    unsafe("pclose", HERE());
    int result = REAL(pclose)(stream);
    LOCKED({ hear_of_dead(); });
    return result;
}
