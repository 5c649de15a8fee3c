/* calls_descriptor.c - pipes, FIFOs, sockets, files: what is written comes before what reads it */
#include "runtime.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* --- what a descriptor is open on --- */

/* Both ends of a socket pair are one object; of other sockets all are one, for their peers are not
 * known. */
static Sync *socket_sync(const struct stat *about)
{
    Origin *origin = origin_of(ORIGIN_SOCKET, (int64_t)about->st_ino, 0);
    Sync *sync = sync_at(SYNC_SOCKET, 0,
                         origin != NULL && origin->removed > 1 ? (uint64_t)origin->removed : 0);
    name_sync(sync, sync->key[1] != 0 ? "socket pair" : "socket");
    return sync;
}

static Sync *sync_of(const struct stat *about)
{
    if (S_ISFIFO(about->st_mode)) {
        Sync *sync = sync_at(SYNC_PIPE, about->st_dev, about->st_ino);
        if (sync->name[0] == '\0') {
            Origin *fifo = origin_of(ORIGIN_FIFO, (int64_t)about->st_ino, about->st_dev);
            Origin *pipe = origin_of(ORIGIN_PIPE, (int64_t)about->st_ino, about->st_dev);
            if (fifo != NULL) {
                name_sync(sync, "FIFO %s", fifo->name);
                sync->made = fifo->site;
            } else {
                name_sync(sync, "pipe");
                if (pipe != NULL)
                    sync->made = pipe->site;
            }
        }
        return sync;
    }
    if (S_ISSOCK(about->st_mode))
        return socket_sync(about);
    if (S_ISREG(about->st_mode))
        return sync_at(SYNC_PATH, about->st_dev, about->st_ino);
    return sync_at(SYNC_PATH, 0, 0); /* Eventfds, terminals, ...: too much order, not too little */
}

static int about_descriptor(int descriptor, struct stat *about)
{
    int error = errno;
    int known = self != NULL && REAL(fstat)(descriptor, about) == 0;
    errno = error;
    return known;
}

/* Does the scenario write to it? Its own standard input may be anything. */
static int from_scenario(const struct stat *about)
{
    if (S_ISSOCK(about->st_mode) || S_ISCHR(about->st_mode))
        return 1;
    for (uint32_t i = 0; i < region->end_count && i < MAX_ENDS; i++)
        if (region->ends[i].device == about->st_dev && region->ends[i].inode == about->st_ino)
            return 1;
    return 0;
}

/* A signalfd, a pidfd, a timerfd, an eventfd, ...: fstat() gives it no type. */
static int is_nameless(const struct stat *about)
{
    return (about->st_mode & S_IFMT) == 0;
}

static Sync *release_descriptor(int descriptor)
{
    struct stat about;
    Sync *sync = NULL;
    if (ACTIVE && about_descriptor(descriptor, &about))
        LOCKED({
            sync = sync_of(&about);
            release(sync);
        });
    return sync;
}

static void acquire_descriptor(int descriptor, int at_end)
{
    struct stat about;
    if (ACTIVE && about_descriptor(descriptor, &about))
        LOCKED({
            acquire(sync_of(&about));
            if (at_end || is_nameless(&about))
                hear_of_dead();
            if (is_nameless(&about)) {
                join(&self->clock, &self->signalled);
                hear_of_scenario(BY_SIGNAL);
            }
            if (from_scenario(&about))
                hear_of_scenario(BY_DATA);
        });
}

/* For stdio, which reads and writes when it likes: called by calls_stdio.c. */
void stream_written(int descriptor)
{
    release_descriptor(descriptor);
}

void stream_read(int descriptor, int at_end)
{
    acquire_descriptor(descriptor, at_end);
}

void note_output(int descriptor, Site site)
{
    if (self != NULL && (descriptor == STDOUT_FILENO || descriptor == STDERR_FILENO))
        self->output[descriptor] = site;
}

/* --- reading and writing --- */

static Sync *known_sync(int descriptor)
{
    struct stat about;
    Sync *sync = NULL;
    if (ACTIVE && about_descriptor(descriptor, &about))
        LOCKED({ sync = sync_of(&about); });
    return sync;
}

/* Who reads makes room. Of that hears who could not write before there was some. */
static Sync *making_room(int descriptor)
{
    Sync *sync = known_sync(descriptor);
    if (sync != NULL && (sync->kind == SYNC_PIPE || sync->kind == SYNC_SOCKET))
        LOCKED({
            join(&sync->second, &self->clock);
            tick();
        });
    return sync;
}

/* Is there room only because somebody has read? Of a pipe that is so when more was written to it,
   all in all (set_at counts), than it holds. */
static int is_full(int descriptor, Sync *sync, size_t size)
{
    if (sync == NULL || (sync->kind != SYNC_PIPE && sync->kind != SYNC_SOCKET))
        return 0;
    struct pollfd writable = {descriptor, POLLOUT, 0};
    int error = errno, full = REAL(poll)(&writable, 1, 0) == 0;
    int capacity = sync->kind == SYNC_PIPE ? REAL(fcntl)(descriptor, F_GETPIPE_SZ) : -1;
    if (capacity > 0)
        LOCKED({
            uint64_t written = (uint64_t)sync->set_at + size;
            sync->set_at = written > UINT32_MAX ? UINT32_MAX : (uint32_t)written;
            full |= written > (uint64_t)capacity;
        });
    errno = error;
    return full;
}

static void found_room(Sync *sync)
{
    LOCKED({ join(&self->clock, &sync->second); });
}

EXPORT ssize_t read(int descriptor, void *room, size_t size)
{
    Site site = HERE();
    if (fault_in_size(CALL_read, site, &size))
        return -1;
    point(CALL_read, site, BEFORE);
    Sync *sync = making_room(descriptor);
    begin_wait(CALL_read, site, sync, 0);
    ssize_t length = REAL(read)(descriptor, room, size);
    end_wait(CALL_read, site, sync, (int)length);
    if (length >= 0)
        acquire_descriptor(descriptor, length == 0);
    if (length > 0)
        touch(room, (size_t)length, ACCESS_WRITE, site);
    point(CALL_read, site, AFTER);
    return length;
}

EXPORT ssize_t write(int descriptor, const void *data, size_t size)
{
    Site site = HERE();
    if (fault_in_size(CALL_write, site, &size))
        return -1;
    point(CALL_write, site, BEFORE);
    touch(data, size, 0, site);
    note_output(descriptor, site);
    Sync *sync = release_descriptor(descriptor);
    int full = is_full(descriptor, sync, size);
    begin_wait(CALL_write, site, sync, 0);
    ssize_t length = REAL(write)(descriptor, data, size);
    end_wait(CALL_write, site, sync, (int)length);
    if (full && length > 0)
        found_room(sync);
    if (length == -1 && errno == EPIPE) /* Its readers have closed it, or ended */
        acquire_descriptor(descriptor, 1);
    point(CALL_write, site, AFTER);
    return length;
}

EXPORT ssize_t pread(int descriptor, void *room, size_t size, off_t offset)
{
    Site site = HERE();
    if (fault_in_size(CALL_read, site, &size))
        return -1;
    point(CALL_read, site, BEFORE);
    ssize_t length = REAL(pread)(descriptor, room, size, offset);
    if (length >= 0)
        acquire_descriptor(descriptor, 0);
    if (length > 0)
        touch(room, (size_t)length, ACCESS_WRITE, site);
    return length;
}

EXPORT ssize_t pwrite(int descriptor, const void *data, size_t size, off_t offset)
{
    Site site = HERE();
    if (fault_in_size(CALL_write, site, &size))
        return -1;
    point(CALL_write, site, BEFORE);
    touch(data, size, 0, site);
    release_descriptor(descriptor);
    return REAL(pwrite)(descriptor, data, size, offset);
}

static void touch_parts(const struct iovec *parts, size_t count, ssize_t length, unsigned flags,
                        Site site)
{
    for (size_t i = 0; i < count && length > 0; i++) {
        size_t size = parts[i].iov_len < (size_t)length ? parts[i].iov_len : (size_t)length;
        touch(parts[i].iov_base, size, flags, site);
        length -= (ssize_t)size;
    }
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
    touch_parts(parts, (size_t)count, length, ACCESS_WRITE, site);
    return length;
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
    begin_wait(CALL_write, site, sync, 0);
    ssize_t length = REAL(writev)(descriptor, parts, count);
    end_wait(CALL_write, site, sync, (int)length);
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
    if (result != -1)
        acquire_descriptor(descriptor, 0);
    return result;
}

/* --- sockets --- */

static ssize_t received(int descriptor, const void *room, ssize_t length, Sync *sync, Site site)
{
    end_wait(CALL_recv, site, sync, (int)length);
    if (length >= 0)
        acquire_descriptor(descriptor, length == 0);
    if (length > 0 && room != NULL)
        touch(room, (size_t)length, ACCESS_WRITE, site);
    point(CALL_recv, site, AFTER);
    return length;
}

#define RECEIVE(room, size, call)                                                                  \
    Site site = HERE();                                                                            \
    if (fault_in_size(CALL_recv, site, size))                                                      \
        return -1;                                                                                 \
    point(CALL_recv, site, BEFORE);                                                                \
    Sync *sync = making_room(descriptor);                                                          \
    begin_wait(CALL_recv, site, sync, 0);                                                          \
    return received(descriptor, room, call, sync, site)

EXPORT ssize_t recv(int descriptor, void *room, size_t size, int flags)
{
    RECEIVE(room, &size, REAL(recv)(descriptor, room, size, flags));
}

EXPORT ssize_t recvfrom(int descriptor, void *room, size_t size, int flags, struct sockaddr *from,
                        socklen_t *length)
{
    RECEIVE(room, &size, REAL(recvfrom)(descriptor, room, size, flags, from, length));
}

EXPORT ssize_t recvmsg(int descriptor, struct msghdr *message, int flags)
{
    RECEIVE(NULL, NULL, REAL(recvmsg)(descriptor, message, flags));
}

#define SEND(data, length_of, size, call)                                                          \
    Site site = HERE();                                                                            \
    if (fault_in_size(CALL_send, site, size))                                                      \
        return -1;                                                                                 \
    point(CALL_send, site, BEFORE);                                                                \
    touch(data, length_of, 0, site);                                                               \
    Sync *sync = release_descriptor(descriptor);                                                   \
    int full = is_full(descriptor, sync, length_of);                                               \
    begin_wait(CALL_send, site, sync, 0);                                                          \
    ssize_t sent = call;                                                                           \
    end_wait(CALL_send, site, sync, (int)sent);                                                    \
    if (full && sent > 0)                                                                          \
        found_room(sync);                                                                          \
    point(CALL_send, site, AFTER);                                                                 \
    return sent

EXPORT ssize_t send(int descriptor, const void *data, size_t size, int flags)
{
    SEND(data, size, &size, REAL(send)(descriptor, data, size, flags));
}

EXPORT ssize_t sendto(int descriptor, const void *data, size_t size, int flags,
                      const struct sockaddr *to, socklen_t length)
{
    SEND(data, size, &size, REAL(sendto)(descriptor, data, size, flags, to, length));
}

EXPORT ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags)
{
    SEND(NULL, 0, NULL, REAL(sendmsg)(descriptor, message, flags));
}

/* --- what is made --- */

static void made_descriptor(int kind, int call, int descriptor, const char *name, Site site)
{
    struct stat about;
    if (descriptor >= 0 && about_descriptor(descriptor, &about))
        LOCKED({
            made(kind, call, site, (int64_t)about.st_ino, kind == ORIGIN_SOCKET ? 0 : about.st_dev,
                 name);
            happened(call, site, NULL, descriptor, -1);
        });
}

static int made_pipe(int result, int ends[2], Site site)
{
    if (result == 0)
        made_descriptor(ORIGIN_PIPE, CALL_pipe, ends[0], NULL, site);
    point(CALL_pipe, site, AFTER);
    return result;
}

EXPORT int pipe(int ends[2])
{
    Site site = HERE();
    point(CALL_pipe, site, BEFORE);
    if (fault_at(CALL_pipe, site))
        return -1;
    return made_pipe(REAL(pipe)(ends), ends, site);
}

EXPORT int pipe2(int ends[2], int flags)
{
    Site site = HERE();
    point(CALL_pipe, site, BEFORE);
    if (fault_at(CALL_pipe, site))
        return -1;
    return made_pipe(REAL(pipe2)(ends, flags), ends, site);
}

EXPORT int socketpair(int domain, int type, int protocol, int ends[2])
{
    Site site = HERE();
    point(CALL_socketpair, site, BEFORE);
    if (fault_at(CALL_socketpair, site))
        return -1;
    int result = REAL(socketpair)(domain, type, protocol, ends);
    if (result == 0 && ACTIVE) {
        uint32_t before = region->origin_count;
        made_descriptor(ORIGIN_SOCKET, CALL_socketpair, ends[0], NULL, site);
        made_descriptor(ORIGIN_SOCKET, CALL_socketpair, ends[1], NULL, site);
        LOCKED({
            for (uint32_t i = before; i < region->origin_count; i++)
                if (region->origins[i].call == CALL_socketpair &&
                    region->origins[i].task == self_index)
                    region->origins[i].removed = (int32_t)before + 2; /* Which pair; more than 1 */
        });
    }
    return result;
}

EXPORT int socket(int domain, int type, int protocol)
{
    Site site = HERE();
    point(CALL_socket, site, BEFORE);
    if (fault_at(CALL_socket, site))
        return -1;
    int descriptor = REAL(socket)(domain, type, protocol);
    made_descriptor(ORIGIN_SOCKET, CALL_socket, descriptor, NULL, site);
    return descriptor;
}

EXPORT int bind(int descriptor, const struct sockaddr *address, socklen_t length)
{
    Site site = HERE();
    point(CALL_bind, site, BEFORE);
    if (fault_at(CALL_bind, site))
        return -1;
    int result = REAL(bind)(descriptor, address, length);
    if (result == 0 && address->sa_family == AF_UNIX && length > sizeof(sa_family_t)) {
        char name[sizeof(struct sockaddr_un) + 2] = "";
        const char *path = ((const struct sockaddr_un *)address)->sun_path;
        size_t size = length - offsetof(struct sockaddr_un, sun_path);
        if (size < sizeof name - 1) {
            name[0] = '@'; /* An abstract name begins with a NUL */
            __builtin_memcpy(name + (path[0] == '\0'), path + (path[0] == '\0'),
                             size - (path[0] == '\0'));
        }
        struct stat about;
        if (path[0] != '\0' && REAL(lstat)(name, &about) == 0)
            LOCKED({
                made(ORIGIN_SOCKET, CALL_bind, site, (int64_t)about.st_ino, about.st_dev, name);
            });
        else
            made_descriptor(ORIGIN_SOCKET, CALL_bind, descriptor, name, site);
    }
    return result;
}

EXPORT int listen(int descriptor, int backlog)
{
    Site site = HERE();
    point(CALL_listen, site, BEFORE);
    release_descriptor(descriptor);
    return REAL(listen)(descriptor, backlog);
}

EXPORT int connect(int descriptor, const struct sockaddr *address, socklen_t length)
{
    Site site = HERE();
    point(CALL_connect, site, BEFORE);
    if (fault_at(CALL_connect, site))
        return -1;
    Sync *sync = release_descriptor(descriptor);
    begin_wait(CALL_connect, site, sync, 0);
    int result = REAL(connect)(descriptor, address, length);
    end_wait(CALL_connect, site, sync, result);
    if (result == 0)
        acquire_descriptor(descriptor, 0);
    return result;
}

static int accepted(int listener, int descriptor, Sync *sync, Site site)
{
    end_wait(CALL_accept, site, sync, descriptor);
    if (descriptor >= 0) {
        acquire_descriptor(listener, 0);
        made_descriptor(ORIGIN_SOCKET, CALL_accept, descriptor, NULL, site);
    }
    point(CALL_accept, site, AFTER);
    return descriptor;
}

static Sync *accepting(int listener, Site site)
{
    point(CALL_accept, site, BEFORE);
    Sync *sync = known_sync(listener);
    begin_wait(CALL_accept, site, sync, 0);
    return sync;
}

EXPORT int accept(int listener, struct sockaddr *address, socklen_t *length)
{
    Site site = HERE();
    if (fault_at(CALL_accept, site))
        return -1;
    Sync *sync = accepting(listener, site);
    return accepted(listener, REAL(accept)(listener, address, length), sync, site);
}

EXPORT int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags)
{
    Site site = HERE();
    if (fault_at(CALL_accept, site))
        return -1;
    Sync *sync = accepting(listener, site);
    return accepted(listener, REAL(accept4)(listener, address, length, flags), sync, site);
}

#define OTHER_DESCRIPTOR(call, real)                                                               \
    Site site = HERE();                                                                            \
    int descriptor = real;                                                                         \
    made_descriptor(ORIGIN_OTHER_DESCRIPTOR, call, descriptor, NULL, site);                        \
    return descriptor

EXPORT int epoll_create(int size)
{
    OTHER_DESCRIPTOR(CALL_epoll_create, REAL(epoll_create)(size));
}

EXPORT int epoll_create1(int flags)
{
    OTHER_DESCRIPTOR(CALL_epoll_create, REAL(epoll_create1)(flags));
}

EXPORT int eventfd(unsigned value, int flags)
{
    OTHER_DESCRIPTOR(CALL_eventfd, REAL(eventfd)(value, flags));
}

EXPORT int signalfd(int descriptor, const sigset_t *mask, int flags)
{
    Site site = HERE();
    int result = REAL(signalfd)(descriptor, mask, flags);
    made_descriptor(ORIGIN_OTHER_DESCRIPTOR, CALL_signalfd, result, NULL, site);
    return result;
}

EXPORT int timerfd_create(clockid_t clock, int flags)
{
    OTHER_DESCRIPTOR(CALL_timerfd_create, REAL(timerfd_create)(clock, flags));
}

enum { MANY = 1024 }; /* Descriptors beyond are seldom open */

static void closing(int descriptor)
{
    struct stat about;
    if (ACTIVE && about_descriptor(descriptor, &about)) {
        extern void drop_file_locks(const struct stat *about);
        if (S_ISREG(about.st_mode))
            drop_file_locks(&about);
        LOCKED({ release(sync_of(&about)); }); /* Its reader sees an end of file */
    }
}

EXPORT int close(int descriptor)
{
    point(CALL_close, HERE(), BEFORE);
    closing(descriptor);
    return REAL(close)(descriptor);
}

EXPORT int dup2(int from, int to)
{
    if (from != to)
        closing(to);
    return REAL(dup2)(from, to);
}

EXPORT int dup3(int from, int to, int flags)
{
    if (from != to)
        closing(to);
    return REAL(dup3)(from, to, flags);
}

EXPORT int close_range(unsigned first, unsigned last, int flags)
{
    for (unsigned i = first; i <= last && i < MANY; i++)
        closing((int)i);
    return REAL(close_range)(first, last, flags);
}

EXPORT void closefrom(int first)
{
    for (int i = first; i < MANY; i++)
        closing(i);
    REAL(closefrom)(first);
}

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

static void path_changed(const char *path)
{
    if (path != NULL)
        LOCKED({ release(path_sync(path)); });
}

static void path_met(const char *path)
{
    if (path != NULL)
        LOCKED({
            acquire(path_sync(path));
            hear_of_scenario(BY_OBJECT);
        });
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
    if (descriptor != -1) {
        /* Whether it was there is not told by O_CREAT alone. */
        if ((flags & (O_CREAT | O_EXCL)) != O_CREAT)
            path_met(path);
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

static void made_path(int kind, int call, const char *path, Site site)
{
    struct stat about = {0};
    if (ACTIVE && REAL(lstat)(path, &about) == 0)
        LOCKED({
            made(kind, call, site, (int64_t)about.st_ino, about.st_dev, path);
            happened(call, site, NULL, 0, -1);
        });
}

#define MAKE_PATH(kind, call, path, real)                                                          \
    Site site = HERE();                                                                            \
    point(call, site, BEFORE);                                                                     \
    if (fault_at(call, site))                                                                      \
        return -1;                                                                                 \
    path_changed(path);                                                                            \
    int result = real;                                                                             \
    if (result == 0) {                                                                             \
        path_met(path);                                                                            \
        made_path(kind, call, path, site);                                                         \
    }                                                                                              \
    point(call, site, AFTER);                                                                      \
    return result

EXPORT int mkfifo(const char *path, mode_t mode)
{
    MAKE_PATH(ORIGIN_FIFO, CALL_mkfifo, path, REAL(mkfifo)(path, mode));
}

EXPORT int mknod(const char *path, mode_t mode, dev_t device)
{
    MAKE_PATH(ORIGIN_FIFO, CALL_mknod, path, REAL(mknod)(path, mode, device));
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    MAKE_PATH(ORIGIN_DIRECTORY, CALL_mkdir, path, REAL(mkdir)(path, mode));
}

EXPORT int symlink(const char *target, const char *path)
{
    MAKE_PATH(ORIGIN_SYMLINK, CALL_symlink, path, REAL(symlink)(target, path));
}

EXPORT int link(const char *from, const char *path)
{
    MAKE_PATH(ORIGIN_FILE, CALL_symlink, path, REAL(link)(from, path));
}

EXPORT int rename(const char *from, const char *to)
{
    Site site = HERE();
    point(CALL_rename, site, BEFORE);
    if (fault_at(CALL_rename, site))
        return -1;
    path_changed(from);
    path_changed(to);
    return REAL(rename)(from, to);
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

#define REMOVE_PATH(path, real)                                                                    \
    Site site = HERE();                                                                            \
    point(CALL_unlink, site, BEFORE);                                                              \
    path_changed(path);                                                                            \
    int result = real;                                                                             \
    if (result == 0)                                                                               \
        removed_path(CALL_unlink, path, site);                                                     \
    point(CALL_unlink, site, AFTER);                                                               \
    return result

EXPORT int unlink(const char *path)
{
    REMOVE_PATH(path, REAL(unlink)(path));
}

EXPORT int rmdir(const char *path)
{
    REMOVE_PATH(path, REAL(rmdir)(path));
}

EXPORT int remove(const char *path)
{
    REMOVE_PATH(path, REAL(remove)(path));
}

/* Looking whether something is there is a way to wait for it. */
EXPORT int access(const char *path, int mode)
{
    int result = REAL(access)(path, mode);
    path_met(path);
    return result;
}

EXPORT int stat(const char *path, struct stat *about)
{
    int result = REAL(stat)(path, about);
    path_met(path);
    return result;
}

EXPORT int lstat(const char *path, struct stat *about)
{
    int result = REAL(lstat)(path, about);
    path_met(path);
    return result;
}

EXPORT int fstatat(int directory, const char *path, struct stat *about, int flags)
{
    int result = REAL(fstatat)(directory, path, about, flags);
    path_met(path);
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
    return result;
}

/* --- waiting for several --- */

static void ready(int result)
{
    if (result < 0 && errno != EINTR)
        return;
    LOCKED({
        join(&self->clock, &self->signalled);
        hear_of_scenario(BY_SIGNAL);
    });
}

/* That it can be read, or written to, tells of whoever has made it so. */
static void is_ready(int descriptor, int events)
{
    acquire_descriptor(descriptor, (events & (POLLHUP | POLLERR)) != 0);
    if (events & POLLOUT) {
        Sync *sync = known_sync(descriptor);
        if (sync != NULL)
            found_room(sync);
    }
}

static void polled(const struct pollfd *watched, nfds_t count, int result)
{
    for (nfds_t i = 0; i < count && result > 0; i++)
        if (watched[i].revents != 0)
            is_ready(watched[i].fd, watched[i].revents);
}

static void selected(int count, const fd_set *reading, const fd_set *writing, int result)
{
    for (int i = 0; i < count && result > 0; i++) {
        int reads = reading != NULL && FD_ISSET(i, reading),
            writes = writing != NULL && FD_ISSET(i, writing);
        struct pollfd one = {i, POLLIN, 0};
        if ((reads || writes) && REAL(poll)(&one, 1, 0) >= 0)
            is_ready(i, one.revents | (writes ? POLLOUT : 0));
    }
}

/* What an epoll set watches is asked again, since its events need not name descriptors. */
enum { WATCHED = 64 };
static struct {
    int set, descriptor;
} epolled[WATCHED];

EXPORT int epoll_ctl(int set, int operation, int descriptor, struct epoll_event *event)
{
    int result = REAL(epoll_ctl)(set, operation, descriptor, event);
    int place = 0;
    while (place < WATCHED - 1 && epolled[place].set != 0 &&
           (epolled[place].set != set || epolled[place].descriptor != descriptor))
        place++;
    if (result == 0) {
        epolled[place].set = operation == EPOLL_CTL_DEL ? -1 : set;
        epolled[place].descriptor = descriptor;
    }
    return result;
}

static void epoll_told(int set, int result)
{
    for (int i = 0; i < WATCHED && result > 0; i++) {
        struct pollfd one = {epolled[i].descriptor, POLLIN | POLLOUT, 0};
        if (epolled[i].set == set && REAL(poll)(&one, 1, 0) > 0)
            is_ready(one.fd, one.revents);
    }
}

EXPORT int epoll_pwait(int set, struct epoll_event *events, int count, int milliseconds,
                       const sigset_t *mask)
{
    Site site = HERE();
    point(CALL_epoll_wait, site, BEFORE);
    begin_wait(CALL_epoll_wait, site, NULL, 0);
    int result = REAL(epoll_pwait)(set, events, count, milliseconds, mask);
    end_wait(CALL_epoll_wait, site, NULL, result);
    ready(result);
    epoll_told(set, result);
    return result;
}

static int64_t of_timeval(const struct timeval *limit)
{
    return (int64_t)limit->tv_sec * 1000000000 + (int64_t)limit->tv_usec * 1000;
}

EXPORT int poll(struct pollfd *watched, nfds_t count, int milliseconds)
{
    Site site = HERE();
    point(CALL_poll, site, BEFORE);
    if (fault_at(CALL_poll, site))
        return -1;
    if (count == 0 && milliseconds >= 0 && cut_sleep((int64_t)milliseconds * 1000000))
        return 0;
    begin_wait(CALL_poll, site, NULL, 0);
    int result = REAL(poll)(watched, count, milliseconds);
    end_wait(CALL_poll, site, NULL, result);
    ready(result);
    polled(watched, count, result);
    point(CALL_poll, site, AFTER);
    return result;
}

EXPORT int ppoll(struct pollfd *watched, nfds_t count, const struct timespec *limit,
                 const sigset_t *mask)
{
    Site site = HERE();
    point(CALL_poll, site, BEFORE);
    if (fault_at(CALL_poll, site))
        return -1;
    begin_wait(CALL_poll, site, NULL, 0);
    int result = REAL(ppoll)(watched, count, limit, mask);
    end_wait(CALL_poll, site, NULL, result);
    ready(result);
    polled(watched, count, result);
    point(CALL_poll, site, AFTER);
    return result;
}

EXPORT int select(int count, fd_set *reading, fd_set *writing, fd_set *failing,
                  struct timeval *limit)
{
    Site site = HERE();
    point(CALL_select, site, BEFORE);
    if (fault_at(CALL_select, site))
        return -1;
    if (count == 0 && limit != NULL && cut_sleep(of_timeval(limit)))
        return 0;
    begin_wait(CALL_select, site, NULL, 0);
    int result = REAL(select)(count, reading, writing, failing, limit);
    end_wait(CALL_select, site, NULL, result);
    ready(result);
    selected(count, reading, writing, result);
    point(CALL_select, site, AFTER);
    return result;
}

EXPORT int pselect(int count, fd_set *reading, fd_set *writing, fd_set *failing,
                   const struct timespec *limit, const sigset_t *mask)
{
    Site site = HERE();
    point(CALL_select, site, BEFORE);
    if (fault_at(CALL_select, site))
        return -1;
    begin_wait(CALL_select, site, NULL, 0);
    int result = REAL(pselect)(count, reading, writing, failing, limit, mask);
    end_wait(CALL_select, site, NULL, result);
    ready(result);
    selected(count, reading, writing, result);
    point(CALL_select, site, AFTER);
    return result;
}

EXPORT int epoll_wait(int set, struct epoll_event *events, int count, int milliseconds)
{
    Site site = HERE();
    point(CALL_epoll_wait, site, BEFORE);
    if (fault_at(CALL_epoll_wait, site))
        return -1;
    begin_wait(CALL_epoll_wait, site, NULL, 0);
    int result = REAL(epoll_wait)(set, events, count, milliseconds);
    end_wait(CALL_epoll_wait, site, NULL, result);
    ready(result);
    epoll_told(set, result);
    point(CALL_epoll_wait, site, AFTER);
    return result;
}

/* --- sleeping
 * --------------------------------------------------------------------------------------------------
 */

static int64_t of_timespec(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

EXPORT unsigned sleep(unsigned seconds)
{
    Site site = HERE();
    point(CALL_sleep, site, BEFORE);
    if (cut_sleep((int64_t)seconds * 1000000000))
        return 0;
    begin_wait(CALL_sleep, site, NULL, 0);
    unsigned left = REAL(sleep)(seconds);
    end_wait(CALL_sleep, site, NULL, 0);
    return left;
}

EXPORT int usleep(useconds_t microseconds)
{
    Site site = HERE();
    point(CALL_sleep, site, BEFORE);
    if (cut_sleep((int64_t)microseconds * 1000))
        return 0;
    begin_wait(CALL_sleep, site, NULL, 0);
    int result = REAL(usleep)(microseconds);
    end_wait(CALL_sleep, site, NULL, result);
    return result;
}

EXPORT int nanosleep(const struct timespec *time, struct timespec *left)
{
    Site site = HERE();
    point(CALL_sleep, site, BEFORE);
    if (cut_sleep(of_timespec(time)))
        return 0;
    begin_wait(CALL_sleep, site, NULL, 0);
    int result = REAL(nanosleep)(time, left);
    end_wait(CALL_sleep, site, NULL, result);
    return result;
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time,
                           struct timespec *left)
{
    Site site = HERE();
    point(CALL_sleep, site, BEFORE);
    if (!(flags & TIMER_ABSTIME) && cut_sleep(of_timespec(time)))
        return 0;
    return REAL(clock_nanosleep)(clock, flags, time, left);
}

/* --- the names that programs with _FILE_OFFSET_BITS=64 use --- */

#define ALSO(name, of) extern __typeof__(of) name __attribute__((alias(#of), visibility("default")))

ALSO(pread64, pread);
ALSO(pwrite64, pwrite);
ALSO(sendfile64, sendfile);
ALSO(creat64, creat);
ALSO(fopen64, fopen);
ALSO(mkstemp64, mkstemp);
/* Of another type by their prototypes, the same by their layout. */
__asm__(".globl stat64\n.set stat64, stat\n.globl lstat64\n.set lstat64, lstat\n"
        ".globl fstat64\n.set fstat64, fstat\n.globl fstatat64\n.set fstatat64, fstatat");
