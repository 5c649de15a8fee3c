/* calls_socket.c - send, recv and their kin */
#include "descriptors.h"
#include <sys/socket.h>

/* --- sockets --- */

static ssize_t received(int descriptor, const void *room, ssize_t length, Sync *sync, Site site)
{
    end_wait(CALL_recv, site, sync, (int)length);
    if (length >= 0)
        acquire_descriptor(descriptor, length == 0);
    else
        other_end_failed(descriptor);
    if (length > 0 && room != NULL)
        touch(room, (size_t)length, ACCESS_WRITE, site);
    point(CALL_recv, site, AFTER);
    return length;
}

#define RECEIVE(room, size, call)                                                                  \
    Site site = HERE();                                                                            \
    if (fault_in_size(CALL_recv, site, may_be_short(descriptor, 0, 0) ? size : NULL))              \
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

static ssize_t receive_message(int descriptor, struct msghdr *message, int flags, Site site)
{
    if (fault_at(CALL_recv, site))
        return -1;
    point(CALL_recv, site, BEFORE);
    Sync *sync = making_room(descriptor);
    begin_wait(CALL_recv, site, sync, 0);
    ssize_t length = REAL(recvmsg)(descriptor, message, flags);
    received(descriptor, NULL, length, sync, site);
    if (length > 0)
        touch_parts(message->msg_iov, message->msg_iovlen, length, ACCESS_WRITE, site);
    return length;
}

EXPORT ssize_t recvmsg(int descriptor, struct msghdr *message, int flags)
{
    return receive_message(descriptor, message, flags, HERE());
}

EXPORT int recvmmsg(int descriptor, struct mmsghdr *messages, unsigned count, int flags,
                    struct timespec *limit)
{
    RECEIVE(NULL, NULL, REAL(recvmmsg)(descriptor, messages, count, flags, limit));
}

#define SEND(data, length_of, size, to, to_length, call)                                           \
    Site site = HERE();                                                                            \
    if (fault_in_size(CALL_send, site, may_be_short(descriptor, 0, 1) ? size : NULL))              \
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
    if (sent == -1)                                                                                \
        other_end_failed(descriptor);                                                              \
    else                                                                                           \
        address_met(to, to_length);                                                                \
    point(CALL_send, site, AFTER);                                                                 \
    return sent

EXPORT ssize_t send(int descriptor, const void *data, size_t size, int flags)
{
    SEND(data, size, &size, NULL, 0, REAL(send)(descriptor, data, size, flags));
}

EXPORT ssize_t sendto(int descriptor, const void *data, size_t size, int flags,
                      const struct sockaddr *to, socklen_t length)
{
    SEND(data, size, &size, to, length, REAL(sendto)(descriptor, data, size, flags, to, length));
}

EXPORT ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags)
{
    SEND(NULL, 0, NULL, message->msg_name, message->msg_namelen,
         REAL(sendmsg)(descriptor, message, flags));
}

EXPORT int sendmmsg(int descriptor, struct mmsghdr *messages, unsigned count, int flags)
{
    SEND(NULL, 0, NULL, NULL, 0, REAL(sendmmsg)(descriptor, messages, count, flags));
}

/* Its reader sees an end of file, or its writer that nobody reads. */
EXPORT int shutdown(int descriptor, int how)
{
    Site site = HERE();
    point(CALL_shutdown, site, BEFORE);
    Sync *sync = release_descriptor(descriptor);
    int result = REAL(shutdown)(descriptor, how);
    LOCKED({ happened(CALL_shutdown, site, sync, how, -1); });
    return result;
}
