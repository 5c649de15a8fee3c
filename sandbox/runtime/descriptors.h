/* descriptors.h - what a descriptor is open on, and what order reading and writing it makes */
#ifndef GRADER_DESCRIPTORS_H
#define GRADER_DESCRIPTORS_H

#include "runtime.h"
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

Sync *known_sync(int descriptor);
Sync *making_room(int descriptor);
int is_full(int descriptor, Sync *sync, size_t size);
void found_room(Sync *sync);
void touch_parts(const struct iovec *parts, size_t count, ssize_t length, unsigned flags,
                 Site site);
void made_descriptor(int kind, int call, int descriptor, const char *name, Site site);
Sync *sync_of(const struct stat *about);
Sync *names_sync(void);
void path_changed(const char *path);
void path_met(const char *path);
int tells_of_name(int flags, int worked, int error);
int looked_up(const char *path, int result);
void address_met(const struct sockaddr *address, socklen_t length);
int about_descriptor(int descriptor, struct stat *about);
int from_scenario(const struct stat *about);
Sync *release_descriptor(int descriptor);
void acquire_descriptor(int descriptor, int at_end);
void other_end_failed(int descriptor);
void name_of_file(char *room, size_t size, int descriptor);
const char *last_part(const char *path);
off_t offset_of(int descriptor);
void touch_file(int descriptor, off_t at, ssize_t length, unsigned flags, Site site);
void touch_file_behind(int descriptor, off_t before, ssize_t length, unsigned flags, Site site);
int may_be_short(int descriptor, size_t size, int writes);

#endif
