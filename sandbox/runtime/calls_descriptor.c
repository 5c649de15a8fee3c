/* calls_descriptor.c - pipes, sockets and others: made, connected, copied, closed */
#include "descriptors.h"
#include <sys/socket.h>
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

void closing(int descriptor)
{
    struct stat about;
    if (ACTIVE && about_descriptor(descriptor, &about)) {
        extern void drop_file_locks(const struct stat *about);
        if (S_ISREG(about.st_mode))
            drop_file_locks(&about);
        release_descriptor(descriptor); /* Its reader sees an end of file */
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
