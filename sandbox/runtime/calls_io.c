/* calls_io.c - what is written comes before what reads it: read, write, and what the kernel moves
 */
#include "descriptors.h"
#include <aio.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- reading and writing --- */

EXPORT ssize_t read(int descriptor, void *room, size_t size)
{
    Site site = HERE();
    if (fault_in_size(CALL_read, site, may_be_short(descriptor, size, 0) ? &size : NULL))
        return -1;
    point(CALL_read, site, BEFORE);
    Sync *sync = making_room(descriptor);
    off_t at = offset_of(descriptor);
    begin_wait(CALL_read, site, sync, 0);
    ssize_t length = REAL(read)(descriptor, room, size);
    end_wait(CALL_read, site, sync, (int)length);
    touch_file_behind(descriptor, at, length, 0, site);
    if (length >= 0)
        acquire_descriptor(descriptor, length == 0);
    else
        other_end_failed(descriptor);
    if (length > 0)
        touch(room, (size_t)length, ACCESS_WRITE, site);
    point(CALL_read, site, AFTER);
    return length;
}

EXPORT ssize_t write(int descriptor, const void *data, size_t size)
{
    Site site = HERE();
    if (fault_in_size(CALL_write, site, may_be_short(descriptor, size, 1) ? &size : NULL))
        return -1;
    point(CALL_write, site, BEFORE);
    touch(data, size, 0, site);
    note_output(descriptor, site);
    Sync *sync = release_descriptor(descriptor);
    int full = is_full(descriptor, sync, size);
    off_t at = offset_of(descriptor);
    begin_wait(CALL_write, site, sync, 0);
    ssize_t length = REAL(write)(descriptor, data, size);
    end_wait(CALL_write, site, sync, (int)length);
    touch_file_behind(descriptor, at, length, ACCESS_WRITE, site);
    if (full && length > 0)
        found_room(sync);
    if (length == -1)
        other_end_failed(descriptor);
    point(CALL_write, site, AFTER);
    return length;
}

EXPORT ssize_t pread(int descriptor, void *room, size_t size, off_t offset)
{
    Site site = HERE();
    if (fault_in_size(CALL_read, site, may_be_short(descriptor, size, 0) ? &size : NULL))
        return -1;
    point(CALL_read, site, BEFORE);
    ssize_t length = REAL(pread)(descriptor, room, size, offset);
    touch_file(descriptor, offset, length, 0, site);
    if (length >= 0)
        acquire_descriptor(descriptor, 0);
    if (length > 0)
        touch(room, (size_t)length, ACCESS_WRITE, site);
    return length;
}

EXPORT ssize_t pwrite(int descriptor, const void *data, size_t size, off_t offset)
{
    Site site = HERE();
    if (fault_in_size(CALL_write, site, may_be_short(descriptor, size, 1) ? &size : NULL))
        return -1;
    point(CALL_write, site, BEFORE);
    touch(data, size, 0, site);
    release_descriptor(descriptor);
    ssize_t length = REAL(pwrite)(descriptor, data, size, offset);
    touch_file(descriptor, offset, length, ACCESS_WRITE, site);
    return length;
}

EXPORT ssize_t readv(int descriptor, const struct iovec *parts, int count)
{
    Site site = HERE();
    point(CALL_read, site, BEFORE);
    if (fault_at(CALL_read, site))
        return -1;
    Sync *sync = making_room(descriptor);
    begin_wait(CALL_read, site, sync, 0);
    ssize_t length = REAL(readv)(descriptor, parts, count);
    end_wait(CALL_read, site, sync, (int)length);
    if (length >= 0)
        acquire_descriptor(descriptor, length == 0);
    else
        other_end_failed(descriptor);
    touch_parts(parts, (size_t)count, length, ACCESS_WRITE, site);
    return length;
}

static size_t size_of_parts(const struct iovec *parts, int count)
{
    size_t size = 0;
    for (int i = 0; i < count; i++)
        size += parts[i].iov_len;
    return size;
}

EXPORT ssize_t writev(int descriptor, const struct iovec *parts, int count)
{
    Site site = HERE();
    point(CALL_write, site, BEFORE);
    if (fault_at(CALL_write, site))
        return -1;
    note_output(descriptor, site);
    touch_parts(parts, (size_t)count, SSIZE_MAX, 0, site);
    Sync *sync = release_descriptor(descriptor);
    int full = is_full(descriptor, sync, size_of_parts(parts, count));
    begin_wait(CALL_write, site, sync, 0);
    ssize_t length = REAL(writev)(descriptor, parts, count);
    end_wait(CALL_write, site, sync, (int)length);
    if (full && length > 0)
        found_room(sync);
    if (length == -1)
        other_end_failed(descriptor);
    return length;
}

/* --- what the kernel moves from one to the other --- */

/* What is moved is heard of before it is, for whoever gets it may be faster than we are: so we wait
   until there is something. */
static int waits_for_data(int from, unsigned flags)
{
    struct pollfd readable = {from, POLLIN, 0};
    if ((flags & SPLICE_F_NONBLOCK) || (REAL(fcntl)(from, F_GETFL) & O_NONBLOCK))
        return 1;
    return REAL(poll)(&readable, 1, -1) != -1;
}

#define MOVE(from, to, size, flags, call)                                                          \
    Site site = HERE();                                                                            \
    point(CALL_write, site, BEFORE);                                                               \
    Sync *sync = making_room(from);                                                                \
    begin_wait(CALL_read, site, sync, 0);                                                          \
    ssize_t length = -1;                                                                           \
    if (waits_for_data(from, flags)) {                                                             \
        acquire_descriptor(from, 0);                                                               \
        Sync *target = release_descriptor(to);                                                     \
        int full = is_full(to, target, size);                                                      \
        length = call;                                                                             \
        if (full && length > 0)                                                                    \
            found_room(target);                                                                    \
    }                                                                                              \
    end_wait(CALL_read, site, sync, (int)length);                                                  \
    if (length >= 0)                                                                               \
        acquire_descriptor(from, length == 0);                                                     \
    return length

EXPORT ssize_t sendfile(int to, int from, off_t *offset, size_t size)
{
    MOVE(from, to, size, 0, REAL(sendfile)(to, from, offset, size));
}

EXPORT ssize_t splice(int from, off64_t *start, int to, off64_t *place, size_t size, unsigned flags)
{
    MOVE(from, to, size, flags, REAL(splice)(from, start, to, place, size, flags));
}

EXPORT ssize_t tee(int from, int to, size_t size, unsigned flags)
{
    MOVE(from, to, size, flags, REAL(tee)(from, to, size, flags));
}

EXPORT ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *place, size_t size,
                               unsigned flags)
{
    MOVE(from, to, size, flags, REAL(copy_file_range)(from, start, to, place, size, flags));
}

EXPORT ssize_t vmsplice(int descriptor, const struct iovec *parts, size_t count, unsigned flags)
{
    Site site = HERE();
    point(CALL_write, site, BEFORE);
    touch_parts(parts, count, SSIZE_MAX, 0, site);
    release_descriptor(descriptor);
    ssize_t length = REAL(vmsplice)(descriptor, parts, count, flags);
    acquire_descriptor(descriptor, 0);
    return length;
}

/* FIONREAD and its like: how much there is to read tells that somebody wrote. */
EXPORT int ioctl(int descriptor, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    int result = REAL(ioctl)(descriptor, request, argument);
    if (result != -1) {
        acquire_descriptor(descriptor, 0);
        Sync *sync = known_sync(descriptor);
        if (sync != NULL)
            found_room(sync); /* How little there is left tells that somebody has read */
    }
    return result;
}

EXPORT ssize_t preadv(int descriptor, const struct iovec *parts, int count, off_t offset)
{
    Site site = HERE();
    point(CALL_read, site, BEFORE);
    if (fault_at(CALL_read, site))
        return -1;
    ssize_t length = REAL(preadv)(descriptor, parts, count, offset);
    touch_file(descriptor, offset, length, 0, site);
    if (length >= 0)
        acquire_descriptor(descriptor, 0);
    touch_parts(parts, (size_t)count, length, ACCESS_WRITE, site);
    return length;
}

EXPORT ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset)
{
    Site site = HERE();
    point(CALL_write, site, BEFORE);
    if (fault_at(CALL_write, site))
        return -1;
    touch_parts(parts, (size_t)count, SSIZE_MAX, 0, site);
    release_descriptor(descriptor);
    ssize_t length = REAL(pwritev)(descriptor, parts, count, offset);
    touch_file(descriptor, offset, length, ACCESS_WRITE, site);
    return length;
}

/* Where a file ends tells that somebody wrote. */
EXPORT off_t lseek(int descriptor, off_t offset, int whence)
{
    off_t at = REAL(lseek)(descriptor, offset, whence);
    if (at != -1 && whence == SEEK_END)
        acquire_descriptor(descriptor, 0);
    return at;
}

/* --- eventfds by their own functions --- */

EXPORT int eventfd_read(int descriptor, eventfd_t *value)
{
    Site site = HERE();
    point(CALL_read, site, BEFORE);
    Sync *sync = known_sync(descriptor);
    begin_wait(CALL_read, site, sync, 0);
    int result = REAL(eventfd_read)(descriptor, value);
    end_wait(CALL_read, site, sync, result);
    if (result == 0)
        acquire_descriptor(descriptor, 0);
    return result;
}

EXPORT int eventfd_write(int descriptor, eventfd_t value)
{
    Site site = HERE();
    point(CALL_write, site, BEFORE);
    Sync *sync = release_descriptor(descriptor);
    begin_wait(CALL_write, site, sync, 0);
    int result = REAL(eventfd_write)(descriptor, value);
    end_wait(CALL_write, site, sync, result);
    return result;
}

/* --- asynchronous: the C library reads and writes in threads of its own (aio(7)) --- */

EXPORT int aio_write(struct aiocb *asked)
{
    Site site = HERE();
    point(CALL_write, site, BEFORE);
    touch((const void *)asked->aio_buf, asked->aio_nbytes, 0, site);
    release_descriptor(asked->aio_fildes);
    return REAL(aio_write)(asked);
}

EXPORT int lio_listio(int mode, struct aiocb *const asked[], int count, struct sigevent *how)
{
    for (int i = 0; i < count; i++)
        if (asked[i] != NULL && asked[i]->aio_lio_opcode == LIO_WRITE)
            release_descriptor(asked[i]->aio_fildes);
    return REAL(lio_listio)(mode, asked, count, how);
}

EXPORT int aio_error(const struct aiocb *asked)
{
    int error = REAL(aio_error)(asked);
    if (error == 0)
        acquire_descriptor(asked->aio_fildes, 0);
    return error;
}

EXPORT ssize_t aio_return(struct aiocb *asked)
{
    ssize_t length = REAL(aio_return)(asked);
    if (length >= 0)
        acquire_descriptor(asked->aio_fildes, length == 0);
    return length;
}

EXPORT int aio_suspend(const struct aiocb *const asked[], int count, const struct timespec *limit)
{
    Site site = HERE();
    begin_wait(CALL_read, site, NULL, 0);
    int result = REAL(aio_suspend)(asked, count, limit);
    end_wait(CALL_read, site, NULL, result);
    for (int i = 0; i < count && result == 0; i++)
        if (asked[i] != NULL)
            aio_error(asked[i]);
    return result;
}

ALSO(lseek64, lseek);
ALSO(preadv64, preadv);
ALSO(pwritev64, pwritev);
ALSO(pread64, pread);
ALSO(pwrite64, pwrite);
ALSO(sendfile64, sendfile);
/* Of another type by their prototypes, the same by their layout. */
__asm__(".weak aio_write64\n.set aio_write64, aio_write\n.weak aio_error64\n"
        ".set aio_error64, aio_error\n.weak aio_return64\n.set aio_return64, aio_return\n"
        ".weak lio_listio64\n.set lio_listio64, lio_listio\n"
        ".weak aio_suspend64\n.set aio_suspend64, aio_suspend");
