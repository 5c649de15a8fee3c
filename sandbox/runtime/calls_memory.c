/* calls_memory.c - shared mappings: mmap, POSIX shared memory */
#include "descriptors.h"
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

static int anonymous(size_t length, uint64_t *offset, Site site)
{
    uint32_t number = ++region->mapping_count;
    *offset = 0;
    int segment = segment_for(ORIGIN_MAPPING, number, 0, length, site);
    name_segment(segment, (int64_t)number, "anonymous shared memory");
    return segment;
}

static int segment_of_mapping(size_t length, int flags, int descriptor, uint64_t *offset, Site site)
{
    if ((flags & MAP_ANONYMOUS) || descriptor < 0)
        return anonymous(length, offset, site);
    struct stat about;
    if (REAL(fstat)(descriptor, &about) == -1)
        return -1;
    if (S_ISCHR(about.st_mode)) /* /dev/zero: each mapping is one of its own (zero(4)) */
        return anonymous(length, offset, site);
    char path[256];
    name_of_file(path, sizeof path, descriptor);
    uint64_t size = *offset + length;
    if ((uint64_t)about.st_size > size && (uint64_t)about.st_size < (uint64_t)64 << 20)
        size = (uint64_t)about.st_size;
    int segment = segment_for(ORIGIN_FILE, about.st_dev, about.st_ino, size, site);
    int posix = __builtin_strncmp(path, "/dev/shm/", 9) == 0;
    if (posix)
        name_segment(segment, (int64_t)about.st_ino, "shared memory %s", path + 8);
    else
        name_segment(segment, (int64_t)about.st_ino, "file %s", last_part(path));
    return segment;
}

static void *map(void *address, size_t length, int protection, int flags, int descriptor,
                 off_t offset, Site site)
{
    int error = fault_at(CALL_mmap, site);
    if (error)
        return MAP_FAILED;
    void *start = REAL(mmap)(address, length, protection, flags, descriptor, offset);
    if (start == MAP_FAILED)
        return start;
    if ((flags & MAP_TYPE) == MAP_SHARED || (flags & MAP_TYPE) == MAP_SHARED_VALIDATE)
        LOCKED({
            uint64_t from = (uint64_t)offset;
            int segment = segment_of_mapping(length, flags, descriptor, &from, site);
            add_mapping(start, length, from, segment);
            happened(CALL_mmap, site, NULL, (int)length, -1);
        });
    else if (flags & MAP_FIXED)
        LOCKED({ remove_mapping(start, length); });
    return start;
}

EXPORT void *mmap(void *address, size_t length, int protection, int flags, int descriptor,
                  off_t offset)
{
    Site site = HERE();
    point(CALL_mmap, site, BEFORE);
    return map(address, length, protection, flags, descriptor, offset, site);
}

EXPORT void *mmap64(void *address, size_t length, int protection, int flags, int descriptor,
                    off64_t offset)
{
    Site site = HERE();
    point(CALL_mmap, site, BEFORE);
    return map(address, length, protection, flags, descriptor, offset, site);
}

EXPORT int munmap(void *start, size_t length)
{
    int result = REAL(munmap)(start, length);
    if (result == 0 && length > 0)
        LOCKED({ remove_mapping(start, length); });
    return result;
}

EXPORT void *mremap(void *old, size_t size, size_t length, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    void *wanted = flags & MREMAP_FIXED ? va_arg(list, void *) : NULL;
    va_end(list);
    void *start = REAL(mremap)(old, size, length, flags, wanted);
    if (start != MAP_FAILED)
        LOCKED({ move_mapping(old, size, start, length); });
    return start;
}

static int there_is(const char *path)
{
    struct stat about;
    return REAL(stat)(path, &about) == 0;
}

EXPORT int shm_open(const char *name, int flags, mode_t mode)
{
    Site site = HERE();
    point(CALL_shm_open, site, BEFORE);
    if (fault_at(CALL_shm_open, site))
        return -1;
    char path[256];
    text(path, sizeof path, "/dev/shm/%s", name[0] == '/' ? name + 1 : name);
    if (flags & O_CREAT)
        path_changed(path);
    int known = !(flags & O_CREAT) || there_is(path);
    int descriptor = REAL(shm_open)(name, flags, mode);
    int error = errno;
    if (tells_of_name(flags, descriptor != -1, error))
        path_met(path);
    struct stat about = {0};
    if (descriptor != -1)
        REAL(fstat)(descriptor, &about);
    LOCKED({
        Sync *sync = sync_at(SYNC_PATH, about.st_dev, about.st_ino);
        if (descriptor != -1 && !known) {
            made(ORIGIN_POSIX_SHM, CALL_shm_open, site, (int64_t)about.st_ino, about.st_dev, name);
            release(sync);
        } else if (descriptor != -1) {
            acquire(sync);
        }
        happened(CALL_shm_open, site, NULL, descriptor, -1);
    });
    point(CALL_shm_open, site, AFTER);
    errno = error;
    return descriptor;
}

EXPORT int shm_unlink(const char *name)
{
    Site site = HERE();
    point(CALL_shm_unlink, site, BEFORE);
    path_changed(name); /* Its last part is that of the path */
    int result = looked_up(name, REAL(shm_unlink)(name));
    if (result == 0)
        LOCKED({
            unmade(ORIGIN_POSIX_SHM, 0, name);
            happened(CALL_shm_unlink, site, NULL, 0, -1);
        });
    return result;
}

/* Its size is what the other side may wait for. */
EXPORT int ftruncate(int descriptor, off_t length)
{
    Site site = HERE();
    point(CALL_ftruncate, site, BEFORE);
    if (fault_at(CALL_ftruncate, site))
        return -1;
    struct stat about;
    if (ACTIVE && REAL(fstat)(descriptor, &about) == 0)
        LOCKED({ release(sync_at(SYNC_PATH, about.st_dev, about.st_ino)); });
    return REAL(ftruncate)(descriptor, length);
}

EXPORT int truncate(const char *path, off_t length)
{
    struct stat about;
    if (ACTIVE && REAL(stat)(path, &about) == 0)
        LOCKED({ release(sync_at(SYNC_PATH, about.st_dev, about.st_ino)); });
    return REAL(truncate)(path, length);
}

extern __typeof__(ftruncate) ftruncate64 __attribute__((alias("ftruncate"), visibility("default")));
extern __typeof__(truncate) truncate64 __attribute__((alias("truncate"), visibility("default")));
