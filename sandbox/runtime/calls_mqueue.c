/* calls_mqueue.c - POSIX message queues */
#include "descriptors.h"
#include <fcntl.h>
#include <mqueue.h>
#include <stdarg.h>
#include <sys/stat.h>

static Sync *queue(mqd_t descriptor)
{
    struct stat about = {0};
    REAL(fstat)(descriptor, &about);
    Sync *sync = sync_at(SYNC_MQUEUE, about.st_dev, about.st_ino);
    if (sync->name[0] == '\0') {
        Origin *origin = origin_of(ORIGIN_MQUEUE, (int64_t)about.st_ino, about.st_dev);
        name_sync(sync, "message queue %s", origin != NULL ? origin->name : "");
        if (origin != NULL)
            sync->made = origin->site;
    }
    return sync;
}

EXPORT mqd_t mq_open(const char *name, int flags, ...)
{
    Site site = HERE();
    mode_t mode = 0;
    struct mq_attr *attributes = NULL;
    if (flags & O_CREAT) {
        va_list list;
        va_start(list, flags);
        mode = va_arg(list, mode_t);
        attributes = va_arg(list, struct mq_attr *);
        va_end(list);
    }
    point(CALL_mq_open, site, BEFORE);
    if (fault_at(CALL_mq_open, site))
        return (mqd_t)-1;
    if (flags & O_CREAT)
        path_changed(name);
    /* Whether it was there before is told only by a try; a second open does no harm. */
    mqd_t known = flags & O_CREAT ? REAL(mq_open)(name, O_RDONLY) : (mqd_t)-1;
    if (known != (mqd_t)-1)
        REAL(mq_close)(known);
    mqd_t descriptor = REAL(mq_open)(name, flags, mode, attributes);
    int error = errno;
    if (tells_of_name(flags, descriptor != (mqd_t)-1, error))
        path_met(name);
    struct stat about = {0};
    if (descriptor != (mqd_t)-1 && ACTIVE && REAL(fstat)(descriptor, &about) == 0)
        LOCKED({
            if ((flags & O_CREAT) && known == (mqd_t)-1)
                made(ORIGIN_MQUEUE, CALL_mq_open, site, (int64_t)about.st_ino, about.st_dev, name);
            acquire(queue(descriptor));
            happened(CALL_mq_open, site, queue(descriptor), descriptor, -1);
        });
    point(CALL_mq_open, site, AFTER);
    errno = error;
    return descriptor;
}

EXPORT int mq_unlink(const char *name)
{
    Site site = HERE();
    point(CALL_mq_unlink, site, BEFORE);
    path_changed(name);
    int result = looked_up(name, REAL(mq_unlink)(name));
    if (result == 0)
        LOCKED({
            unmade(ORIGIN_MQUEUE, 0, name);
            happened(CALL_mq_unlink, site, NULL, 0, -1);
        });
    return result;
}

EXPORT int mq_notify(mqd_t descriptor, const struct sigevent *how)
{
    point(CALL_mq_notify, HERE(), BEFORE); /* What has come by now it does not tell of */
    LOCKED({ notifier = how != NULL ? index_of(queue(descriptor)) : notifier; });
    return REAL(mq_notify)(descriptor, how);
}

/* How many messages there are tells that somebody sent or received. */
EXPORT int mq_getattr(mqd_t descriptor, struct mq_attr *attributes)
{
    int result = REAL(mq_getattr)(descriptor, attributes);
    if (result == 0)
        LOCKED({ acquire(queue(descriptor)); });
    return result;
}

static Sync *before_send(mqd_t descriptor, const char *message, size_t size, Site site)
{
    Sync *sync = NULL;
    point(CALL_mq_send, site, BEFORE);
    touch(message, size, 0, site);
    LOCKED({
        sync = queue(descriptor);
        release(sync);
    });
    begin_wait(CALL_mq_send, site, sync, 0);
    return sync;
}

static int after_send(Sync *sync, int result, size_t size, Site site)
{
    end_wait(CALL_mq_send, site, sync, result == -1 ? -1 : (int)size);
    if (result == 0 && sync != NULL)
        LOCKED({ acquire(sync); });
    point(CALL_mq_send, site, AFTER);
    return result;
}

EXPORT int mq_send(mqd_t descriptor, const char *message, size_t size, unsigned priority)
{
    Site site = HERE();
    if (fault_at(CALL_mq_send, site))
        return -1;
    Sync *sync = before_send(descriptor, message, size, site);
    return after_send(sync, REAL(mq_send)(descriptor, message, size, priority), size, site);
}

EXPORT int mq_timedsend(mqd_t descriptor, const char *message, size_t size, unsigned priority,
                        const struct timespec *limit)
{
    Site site = HERE();
    if (fault_at(CALL_mq_send, site))
        return -1;
    Sync *sync = before_send(descriptor, message, size, site);
    return after_send(sync, REAL(mq_timedsend)(descriptor, message, size, priority, limit), size,
                      site);
}

static Sync *before_receive(mqd_t descriptor, Site site)
{
    Sync *sync = NULL;
    point(CALL_mq_receive, site, BEFORE);
    LOCKED({
        sync = queue(descriptor);
        release(sync);
    });
    begin_wait(CALL_mq_receive, site, sync, 0);
    return sync;
}

static ssize_t after_receive(Sync *sync, char *room, ssize_t length, Site site)
{
    end_wait(CALL_mq_receive, site, sync, (int)length);
    if (length >= 0) {
        if (sync != NULL)
            LOCKED({
                acquire(sync);
                hear_of_scenario(BY_OBJECT);
            });
        touch(room, (size_t)length, ACCESS_WRITE, site);
    }
    point(CALL_mq_receive, site, AFTER);
    return length;
}

EXPORT ssize_t mq_receive(mqd_t descriptor, char *room, size_t size, unsigned *priority)
{
    Site site = HERE();
    if (fault_at(CALL_mq_receive, site))
        return -1;
    Sync *sync = before_receive(descriptor, site);
    return after_receive(sync, room, REAL(mq_receive)(descriptor, room, size, priority), site);
}

EXPORT ssize_t mq_timedreceive(mqd_t descriptor, char *room, size_t size, unsigned *priority,
                               const struct timespec *limit)
{
    Site site = HERE();
    if (fault_at(CALL_mq_receive, site))
        return -1;
    if (times_out_at(CALL_mq_receive, site, limit)) {
        errno = ETIMEDOUT;
        return -1;
    }
    Sync *sync = before_receive(descriptor, site);
    return after_receive(sync, room, REAL(mq_timedreceive)(descriptor, room, size, priority, limit),
                         site);
}
