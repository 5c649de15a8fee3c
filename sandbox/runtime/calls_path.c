/* calls_path.c - whoever finds a name comes after who made it, or took it away */
#include "descriptors.h"
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <utime.h>

/* --- paths: whoever finds a name comes after who made it, or took it away --- */

static Sync *path_sync(const char *path)
{
    uint64_t hash = 5381;
    const char *name = path;
    for (const char *at = path; *at != '\0'; at++)
        if (*at == '/')
            name = at + 1;
    for (; *name != '\0'; name++)
        hash = hash * 33 + (unsigned char)*name;
    return sync_at(SYNC_PATH, 1,
                   hash); /* By its last part: the directory may be written in many ways */
}

void path_changed(const char *path)
{
    if (path != NULL)
        LOCKED({
            release(path_sync(path));
            release(names_sync());
        });
}

/* What is in /proc no more tells who has ended. */
static int is_of_proc(const char *path)
{
    return __builtin_strncmp(path, "/proc/", 6) == 0;
}

void path_met(const char *path)
{
    if (path != NULL)
        LOCKED({
            acquire(path_sync(path));
            hear_of_scenario(BY_OBJECT);
            if (is_of_proc(path) && REAL(faccessat)(AT_FDCWD, path, F_OK, 0) == -1)
                hear_of_dead();
        });
}

/* Does what an open() of this kind came to tell whether the name was there? O_CREAT alone does not.
 */
int tells_of_name(int flags, int worked, int error)
{
    return worked ? (flags & (O_CREAT | O_EXCL)) != O_CREAT : error == ENOENT || error == EEXIST;
}

/* What a file is like, its size above all, tells what was done to it. */
static void file_met(const struct stat *about)
{
    if (S_ISREG(about->st_mode))
        LOCKED({ acquire(sync_of(about)); });
    else if (S_ISDIR(about->st_mode)) /* And of a directory, what was done to the names in it */
        LOCKED({ acquire(names_sync()); });
}

static void file_changes(int directory, const char *path)
{
    struct stat about;
    path_changed(path);
    if (ACTIVE && REAL(fstatat)(directory, path, &about, 0) == 0)
        LOCKED({ release(sync_of(&about)); });
}

static int open_path(int directory, const char *path, int flags, mode_t mode, int call, Site site)
{
    struct stat about = {0};
    point(CALL_open, site, BEFORE);
    if (fault_at(CALL_open, site))
        return -1;
    int known = ACTIVE && REAL(fstatat)(directory, path, &about, 0) == 0;
    int fifo = known && S_ISFIFO(about.st_mode);
    Sync *sync = NULL;
    if (fifo)
        LOCKED({
            sync = sync_of(&about);
            name_sync(sync, "FIFO %s", path);
            release(sync);
        });
    if (flags & (O_CREAT | O_TRUNC))
        path_changed(path);
    begin_wait(CALL_open, site, sync, 0);
    int descriptor = REAL(openat)(directory, path, flags, mode);
    int error = errno;
    end_wait(CALL_open, site, sync, descriptor);
    if (tells_of_name(flags, descriptor != -1, error))
        path_met(path);
    if (descriptor != -1) {
        if (fifo)
            LOCKED({
                acquire(sync);
                if (from_scenario(&about))
                    hear_of_scenario(BY_DATA);
            });
        if (!fifo)
            made_descriptor(ORIGIN_FILE, call, descriptor, path, site);
        else /* Who made it is told, not who opened it, if that was seen */
            LOCKED({
                Origin *made_it = origin_of(ORIGIN_FIFO, (int64_t)about.st_ino, about.st_dev);
                if (made_it == NULL || made_it->removed)
                    made(ORIGIN_FIFO, call, site, (int64_t)about.st_ino, about.st_dev, path);
            });
    }
    point(CALL_open, site, AFTER);
    errno = error;
    return descriptor;
}

#define OPEN(directory, path, flags)                                                               \
    Site site = HERE();                                                                            \
    mode_t mode = 0;                                                                               \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        mode = va_arg(list, mode_t);                                                               \
        va_end(list);                                                                              \
    }                                                                                              \
    return open_path(directory, path, flags, mode, CALL_open, site)

EXPORT int open(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD, path, flags);
}

EXPORT int open64(const char *path, int flags, ...)
{
    OPEN(AT_FDCWD, path, flags);
}

EXPORT int openat(int directory, const char *path, int flags, ...)
{
    OPEN(directory, path, flags);
}

EXPORT int openat64(int directory, const char *path, int flags, ...)
{
    OPEN(directory, path, flags);
}

EXPORT FILE *fopen(const char *path, const char *mode)
{
    Site site = HERE();
    unsafe("fopen", site);
    point(CALL_fopen, site, BEFORE);
    if (fault_at(CALL_fopen, site))
        return NULL;
    if (mode[0] != 'r')
        path_changed(path);
    FILE *stream = REAL(fopen)(path, mode);
    if (stream != NULL) {
        if (mode[0] == 'r')
            path_met(path);
        made_descriptor(ORIGIN_FILE, CALL_fopen, fileno(stream), path, site);
    } else if (errno == ENOENT) {
        path_met(path);
    }
    return stream;
}

EXPORT int mkstemp(char *name)
{
    Site site = HERE();
    point(CALL_mkstemp, site, BEFORE);
    if (fault_at(CALL_mkstemp, site))
        return -1;
    int descriptor = REAL(mkstemp)(name);
    made_descriptor(ORIGIN_FILE, CALL_mkstemp, descriptor, name, site);
    return descriptor;
}

EXPORT int creat(const char *path, mode_t mode)
{
    return open_path(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode, CALL_open, HERE());
}

static void made_path(int kind, int call, int directory, const char *path, Site site)
{
    struct stat about = {0};
    if (ACTIVE && REAL(fstatat)(directory, path, &about, AT_SYMLINK_NOFOLLOW) == 0)
        LOCKED({
            made(kind, call, site, (int64_t)about.st_ino, about.st_dev, path);
            happened(call, site, NULL, 0, -1);
        });
}

/* Whether it works tells that the name was there, or that it was not. */
int looked_up(const char *path, int result)
{
    int error = errno;
    path_met(path);
    errno = error;
    return result;
}

#define MAKE_PATH(kind, call, directory, path, real)                                               \
    Site site = HERE();                                                                            \
    point(call, site, BEFORE);                                                                     \
    if (fault_at(call, site))                                                                      \
        return -1;                                                                                 \
    path_changed(path);                                                                            \
    int result = looked_up(path, real);                                                            \
    if (result == 0)                                                                               \
        made_path(kind, call, directory, path, site);                                              \
    point(call, site, AFTER);                                                                      \
    return result

EXPORT int mkfifo(const char *path, mode_t mode)
{
    MAKE_PATH(ORIGIN_FIFO, CALL_mkfifo, AT_FDCWD, path, REAL(mkfifo)(path, mode));
}

EXPORT int mkfifoat(int directory, const char *path, mode_t mode)
{
    MAKE_PATH(ORIGIN_FIFO, CALL_mkfifo, directory, path, REAL(mkfifoat)(directory, path, mode));
}

EXPORT int mknod(const char *path, mode_t mode, dev_t device)
{
    MAKE_PATH(ORIGIN_FIFO, CALL_mknod, AT_FDCWD, path, REAL(mknod)(path, mode, device));
}

EXPORT int mknodat(int directory, const char *path, mode_t mode, dev_t device)
{
    MAKE_PATH(ORIGIN_FIFO, CALL_mknod, directory, path,
              REAL(mknodat)(directory, path, mode, device));
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    MAKE_PATH(ORIGIN_DIRECTORY, CALL_mkdir, AT_FDCWD, path, REAL(mkdir)(path, mode));
}

EXPORT int mkdirat(int directory, const char *path, mode_t mode)
{
    MAKE_PATH(ORIGIN_DIRECTORY, CALL_mkdir, directory, path, REAL(mkdirat)(directory, path, mode));
}

EXPORT int symlink(const char *target, const char *path)
{
    MAKE_PATH(ORIGIN_SYMLINK, CALL_symlink, AT_FDCWD, path, REAL(symlink)(target, path));
}

EXPORT int symlinkat(const char *target, int directory, const char *path)
{
    MAKE_PATH(ORIGIN_SYMLINK, CALL_symlink, directory, path,
              REAL(symlinkat)(target, directory, path));
}

EXPORT int link(const char *from, const char *path)
{
    file_changes(AT_FDCWD, from); /* How many names it has */
    MAKE_PATH(ORIGIN_FILE, CALL_symlink, AT_FDCWD, path, looked_up(from, REAL(link)(from, path)));
}

EXPORT int linkat(int origin, const char *from, int directory, const char *path, int flags)
{
    file_changes(origin, from);
    MAKE_PATH(ORIGIN_FILE, CALL_symlink, directory, path,
              looked_up(from, REAL(linkat)(origin, from, directory, path, flags)));
}

#define RENAME(from, to, real)                                                                     \
    Site site = HERE();                                                                            \
    point(CALL_rename, site, BEFORE);                                                              \
    if (fault_at(CALL_rename, site))                                                               \
        return -1;                                                                                 \
    path_changed(from);                                                                            \
    path_changed(to);                                                                              \
    return looked_up(to, looked_up(from, real))

EXPORT int rename(const char *from, const char *to)
{
    RENAME(from, to, REAL(rename)(from, to));
}

EXPORT int renameat(int origin, const char *from, int directory, const char *to)
{
    RENAME(from, to, REAL(renameat)(origin, from, directory, to));
}

EXPORT int renameat2(int origin, const char *from, int directory, const char *to, unsigned flags)
{
    RENAME(from, to, REAL(renameat2)(origin, from, directory, to, flags));
}

static void removed_path(int call, const char *path, Site site)
{
    static const int kinds[] = {ORIGIN_FIFO, ORIGIN_FILE, ORIGIN_SOCKET, ORIGIN_SYMLINK,
                                ORIGIN_DIRECTORY};
    LOCKED({
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            unmade(kinds[i], 0, path);
        happened(call, site, NULL, 0, -1);
    });
}

#define REMOVE_PATH(directory, path, real)                                                         \
    Site site = HERE();                                                                            \
    point(CALL_unlink, site, BEFORE);                                                              \
    file_changes(directory, path);                                                                 \
    int result = looked_up(path, real);                                                            \
    if (result == 0)                                                                               \
        removed_path(CALL_unlink, path, site);                                                     \
    point(CALL_unlink, site, AFTER);                                                               \
    return result

EXPORT int unlink(const char *path)
{
    REMOVE_PATH(AT_FDCWD, path, REAL(unlink)(path));
}

EXPORT int unlinkat(int directory, const char *path, int flags)
{
    REMOVE_PATH(directory, path, REAL(unlinkat)(directory, path, flags));
}

/* Whether a directory can be removed tells what was done to the names in it. */
static int emptied(int result)
{
    LOCKED({ acquire(names_sync()); });
    return result;
}

EXPORT int rmdir(const char *path)
{
    REMOVE_PATH(AT_FDCWD, path, emptied(REAL(rmdir)(path)));
}

EXPORT int remove(const char *path)
{
    REMOVE_PATH(AT_FDCWD, path, REAL(remove)(path));
}

/* Looking whether something is there is a way to wait for it. */
EXPORT int access(const char *path, int mode)
{
    int result = REAL(access)(path, mode);
    path_met(path);
    return result;
}

EXPORT int chdir(const char *path)
{
    return looked_up(path, REAL(chdir)(path));
}

EXPORT DIR *opendir(const char *path)
{
    DIR *directory = REAL(opendir)(path);
    path_met(path);
    return directory;
}

EXPORT int stat(const char *path, struct stat *about)
{
    int result = REAL(stat)(path, about);
    path_met(path);
    if (result == 0)
        file_met(about);
    return result;
}

EXPORT int lstat(const char *path, struct stat *about)
{
    int result = REAL(lstat)(path, about);
    path_met(path);
    if (result == 0)
        file_met(about);
    return result;
}

EXPORT int fstatat(int directory, const char *path, struct stat *about, int flags)
{
    int result = REAL(fstatat)(directory, path, about, flags);
    path_met(path);
    if (result == 0)
        file_met(about);
    return result;
}

EXPORT int statx(int directory, const char *path, int flags, unsigned mask, struct statx *about)
{
    int result = REAL(statx)(directory, path, flags, mask, about);
    path_met(path);
    if (result == 0) {
        struct stat known = {.st_dev = makedev(about->stx_dev_major, about->stx_dev_minor),
                             .st_ino = about->stx_ino,
                             .st_mode = about->stx_mode};
        file_met(&known);
    }
    return result;
}

EXPORT int faccessat(int directory, const char *path, int mode, int flags)
{
    int result = REAL(faccessat)(directory, path, mode, flags);
    path_met(path);
    return result;
}

EXPORT int fstat(int descriptor, struct stat *about)
{
    int result = REAL(fstat)(descriptor, about);
    if (result == 0)
        LOCKED({ acquire(sync_of(about)); });
    if (result == 0)
        file_met(about);
    return result;
}

EXPORT ssize_t readlink(const char *path, char *room, size_t size)
{
    ssize_t length = REAL(readlink)(path, room, size);
    path_met(path);
    if (is_of_proc(path)) /* Who executes another program, or has another file open, than before */
        LOCKED({ hear_of_dead(); });
    return length;
}

EXPORT int chmod(const char *path, mode_t mode)
{
    file_changes(AT_FDCWD, path);
    return REAL(chmod)(path, mode);
}

EXPORT int fchmod(int descriptor, mode_t mode)
{
    release_descriptor(descriptor);
    return REAL(fchmod)(descriptor, mode);
}

EXPORT int utimensat(int directory, const char *path, const struct timespec times[2], int flags)
{
    file_changes(directory, path);
    return REAL(utimensat)(directory, path, times, flags);
}

EXPORT int futimens(int descriptor, const struct timespec times[2])
{
    release_descriptor(descriptor);
    return REAL(futimens)(descriptor, times);
}

EXPORT int utimes(const char *path, const struct timeval times[2])
{
    file_changes(AT_FDCWD, path);
    return REAL(utimes)(path, times);
}

EXPORT int utime(const char *path, const struct utimbuf *times)
{
    file_changes(AT_FDCWD, path);
    return REAL(utime)(path, times);
}

EXPORT int truncate(const char *path, off_t length)
{
    file_changes(AT_FDCWD, path);
    return REAL(truncate)(path, length);
}

EXPORT int posix_fallocate(int descriptor, off_t offset, off_t length)
{
    release_descriptor(descriptor);
    return REAL(posix_fallocate)(descriptor, offset, length);
}

/* --- what is in a directory: whoever lists one comes after every change of a name --- */

EXPORT struct dirent *readdir(DIR *listed)
{
    unsafe("readdir", HERE());
    struct dirent *found = REAL(readdir)(listed);
    LOCKED({ acquire(names_sync()); });
    return found;
}

EXPORT CALLS_STUDENT int scandir(const char *path, struct dirent ***list,
                                 int (*wanted)(const struct dirent *),
                                 int (*order)(const struct dirent **, const struct dirent **))
{
    int count = REAL(scandir)(path, list, wanted, order);
    LOCKED({ acquire(names_sync()); });
    return count;
}

EXPORT int glob(const char *pattern, int flags, int (*failed)(const char *, int), glob_t *found)
{
    int result = REAL(glob)(pattern, flags, failed, found);
    LOCKED({ acquire(names_sync()); });
    return result;
}

ALSO(creat64, creat);
ALSO(truncate64, truncate);
ALSO(fopen64, fopen);
ALSO(mkstemp64, mkstemp);
/* Of another type by their prototypes, the same by their layout. */
__asm__(".weak stat64\n.set stat64, stat\n.weak lstat64\n.set lstat64, lstat\n"
        ".weak readdir64\n.set readdir64, readdir\n.weak scandir64\n.set scandir64, scandir\n"
        ".weak glob64\n.set glob64, glob\n.weak fstat64\n.set fstat64, fstat\n.weak "
        "fstatat64\n.set fstatat64, fstatat");
