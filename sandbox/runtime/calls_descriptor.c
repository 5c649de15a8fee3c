/* calls_descriptor.c - pipes, sockets and others: made, connected, copied, closed */
#include "descriptors.h"
#include <limits.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>

/* --- what is made --- */

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

enum { ADDRESS_SIZE = sizeof(struct sockaddr_un) + 2 };

/* A path, or an abstract name, which begins with a NUL and is told with @; else only a port. */
static int name_of_address(char name[ADDRESS_SIZE], const struct sockaddr *address,
                           socklen_t length)
{
    name[0] = '\0';
    if (address == NULL || length <= offsetof(struct sockaddr_un, sun_path))
        return 0;
    if (address->sa_family == AF_INET || address->sa_family == AF_INET6)
        text(name, ADDRESS_SIZE, "port %d", ntohs(((const struct sockaddr_in *)address)->sin_port));
    if (address->sa_family != AF_UNIX)
        return 0;
    const char *path = ((const struct sockaddr_un *)address)->sun_path;
    size_t used = length - offsetof(struct sockaddr_un, sun_path);
    if (used >= ADDRESS_SIZE)
        return 0;
    __builtin_memcpy(name, path, used);
    name[used] = '\0';
    if (name[0] == '\0')
        name[0] = '@';
    return 1;
}

/* What can be sent to was bound before. */
void address_met(const struct sockaddr *address, socklen_t length)
{
    char name[ADDRESS_SIZE];
    name_of_address(name, address, length);
    if (name[0] != '\0')
        path_met(name);
}

EXPORT int bind(int descriptor, const struct sockaddr *address, socklen_t length)
{
    Site site = HERE();
    point(CALL_bind, site, BEFORE);
    if (fault_at(CALL_bind, site))
        return -1;
    char name[ADDRESS_SIZE];
    int named = name_of_address(name, address, length);
    if (name[0] != '\0')
        path_changed(name);
    int result = REAL(bind)(descriptor, address, length);
    if (result == 0 && named) {
        struct stat about;
        if (name[0] != '@' && REAL(lstat)(name, &about) == 0)
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
    Sync *sync = release_descriptor(descriptor);
    if (sync != NULL)
        LOCKED({
            int room = backlog < 0 ? 1 : backlog + (backlog < INT_MAX);
            if (sync->most == 0 || sync->most > room)
                sync->most = room;
        });
    return REAL(listen)(descriptor, backlog);
}

/* Is there room to be connected only because somebody was accepted? So it is when more asked for
   it, all in all (set_at counts), than can wait at the listener that has the least room. */
static int waits_for_accept(Sync *sync)
{
    int waits = 0;
    if (sync != NULL)
        LOCKED({ waits = sync->most > 0 && ++sync->set_at > (uint32_t)sync->most; });
    return waits;
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
    if (result == 0 && waits_for_accept(sync))
        found_room(sync);
    if (result == -1)
        other_end_failed(descriptor);
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
    Sync *sync = making_room(listener);
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

EXPORT int timerfd_settime(int descriptor, int flags, const struct itimerspec *timer,
                           struct itimerspec *old)
{
    release_descriptor(descriptor); /* Another process may wait for it */
    return REAL(timerfd_settime)(descriptor, flags, timer, old);
}

EXPORT int timerfd_create(clockid_t clock, int flags)
{
    OTHER_DESCRIPTOR(CALL_timerfd_create, REAL(timerfd_create)(clock, flags));
}

enum { MANY = 1024 }; /* Descriptors beyond are seldom open */

void closing(int descriptor, Site site)
{
    struct stat about;
    if (ACTIVE && about_descriptor(descriptor, &about)) {
        extern void drop_file_locks(const struct stat *about, Site site);
        if (S_ISREG(about.st_mode))
            drop_file_locks(&about, site);
        release_descriptor(descriptor); /* Its reader sees an end of file */
    }
}

EXPORT int close(int descriptor)
{
    Site site = HERE();
    point(CALL_close, site, BEFORE);
    closing(descriptor, site);
    int result = REAL(close)(descriptor);
    closed(site);
    return result;
}

EXPORT int dup2(int from, int to)
{
    Site site = HERE();
    if (from != to)
        closing(to, site);
    int result = REAL(dup2)(from, to);
    closed(site);
    return result;
}

EXPORT int dup3(int from, int to, int flags)
{
    Site site = HERE();
    if (from != to)
        closing(to, site);
    int result = REAL(dup3)(from, to, flags);
    closed(site);
    return result;
}

EXPORT int close_range(unsigned first, unsigned last, int flags)
{
    Site site = HERE();
    for (unsigned i = first; i <= last && i < MANY; i++)
        closing((int)i, site);
    int result = REAL(close_range)(first, last, flags);
    closed(site);
    return result;
}

EXPORT void closefrom(int first)
{
    Site site = HERE();
    for (int i = first; i < MANY; i++)
        closing(i, site);
    REAL(closefrom)(first);
    closed(site);
}
