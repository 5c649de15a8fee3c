/* descriptors.c - what a descriptor is open on, and what order reading and writing it makes */
#include "descriptors.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

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

Sync *sync_of(const struct stat *about)
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

/* Of every change of a name or of a file, for who lists directories or watches them (inotify(7)).
 */
Sync *names_sync(void)
{
    return sync_at(SYNC_PATH, 0, 1);
}

int about_descriptor(int descriptor, struct stat *about)
{
    int error = errno;
    int known = self != NULL && REAL(fstat)(descriptor, about) == 0;
    errno = error;
    return known;
}

/* Does the scenario write to it? Its own standard input may be anything. */
int from_scenario(const struct stat *about)
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

static int is_inotify(int descriptor)
{
    char link[64];
    name_of_file(link, sizeof link, descriptor);
    return equal_text(link, "anon_inode:inotify");
}

/* What is read in /proc tells who has ended, or was stopped. */
static int is_of_proc(int descriptor, const struct stat *about)
{
    struct statfs system;
    return S_ISREG(about->st_mode) && about->st_size == 0 &&
           syscall(SYS_fstatfs, descriptor, &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

Sync *release_descriptor(int descriptor)
{
    struct stat about;
    Sync *sync = NULL;
    if (ACTIVE && about_descriptor(descriptor, &about))
        LOCKED({
            sync = sync_of(&about);
            release(sync);
            if (S_ISREG(about.st_mode))
                release(names_sync());
        });
    return sync;
}

void acquire_descriptor(int descriptor, int at_end)
{
    struct stat about;
    if (ACTIVE && about_descriptor(descriptor, &about))
        LOCKED({
            acquire(sync_of(&about));
            if (at_end || is_nameless(&about) || is_of_proc(descriptor, &about))
                hear_of_dead();
            if (is_nameless(&about) && is_inotify(descriptor))
                acquire(names_sync());
            if (is_nameless(&about)) {
                join(&self->clock, &self->signalled);
                hear_of_scenario(BY_SIGNAL);
            }
            if (from_scenario(&about))
                hear_of_scenario(BY_DATA);
        });
}

/* Does errno say that those at the other end have closed it, or ended? */
void other_end_failed(int descriptor)
{
    if (errno == EPIPE || errno == ECONNRESET || errno == ECONNREFUSED)
        acquire_descriptor(descriptor, 1);
}

/* For stdio, which reads and writes when it likes: called by calls_print.c and calls_scan.c. */
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

Sync *known_sync(int descriptor)
{
    struct stat about;
    Sync *sync = NULL;
    if (ACTIVE && about_descriptor(descriptor, &about))
        LOCKED({ sync = sync_of(&about); });
    return sync;
}

/* Who reads makes room. Of that hears who could not write before there was some. */
Sync *making_room(int descriptor)
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
int is_full(int descriptor, Sync *sync, size_t size)
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

void found_room(Sync *sync)
{
    LOCKED({ join(&self->clock, &sync->second); });
}

void touch_parts(const struct iovec *parts, size_t count, ssize_t length, unsigned flags, Site site)
{
    for (size_t i = 0; i < count && length > 0; i++) {
        size_t size = parts[i].iov_len < (size_t)length ? parts[i].iov_len : (size_t)length;
        touch(parts[i].iov_base, size, flags, site);
        length -= (ssize_t)size;
    }
}

void made_descriptor(int kind, int call, int descriptor, const char *name, Site site)
{
    struct stat about;
    if (descriptor >= 0 && about_descriptor(descriptor, &about))
        LOCKED({
            made(kind, call, site, (int64_t)about.st_ino, kind == ORIGIN_SOCKET ? 0 : about.st_dev,
                 name);
            happened(call, site, NULL, descriptor, -1);
        });
}

/* Can a transfer be done in part? Of a pipe not, up to PIPE_BUF (pipe(7)); of messages, of what has
   no type (signalfd(2)) never. What a standard descriptor is open on no program knows. */
int may_be_short(int descriptor, size_t size, int writes)
{
    struct stat about;
    int type = 0;
    socklen_t length = sizeof type;
    if (descriptor <= STDERR_FILENO || !about_descriptor(descriptor, &about))
        return 1;
    if (S_ISFIFO(about.st_mode))
        return !writes || size > PIPE_BUF;
    if (S_ISSOCK(about.st_mode))
        return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
               type == SOCK_STREAM;
    return S_ISREG(about.st_mode) || S_ISCHR(about.st_mode);
}
