/* files.c - what processes do to the bytes of a file by read() and write()

   A record in a file can be changed by two processes at once just as a variable in shared memory.
   But programs read and write files without any order for good reasons, too, so this only explains
   what came out wrong. Bytes are those of the first pages of a file, known by its device and inode;
   what the kernel appends comes where nobody else writes.
*/
#include "descriptors.h"
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DELETED " (deleted)" /* Behind the name of a file that has none any more, or of a memfd */

enum { LOOKED_AT = 8 * SHARED_PAGE }; /* Bytes of a file: every page takes a chunk from memory */

/* The name under which a file is known to the student: of /dev/shm that of shm_open(). */
void name_of_file(char *room, size_t size, int descriptor)
{
    char link[40];
    text(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = REAL(readlink)(link, room, size - 1);
    room[length > 0 ? length : 0] = '\0';
    const ssize_t cut = length - (ssize_t)(sizeof DELETED - 1);
    if (cut > 0 && equal_text(room + cut, DELETED))
        room[cut] = '\0';
}

const char *last_part(const char *path)
{
    const char *part = path;
    for (; *path != '\0'; path++)
        if (*path == '/' && path[1] != '\0')
            part = path + 1;
    return part;
}

/* Files must not take the place of shared memory in the tables. */
static int room_for_files(void)
{
    return region->segment_count < MAX_SEGMENTS / 2 && region->page_count < MAX_PAGES / 2 &&
           region->chunk_count < MAX_CHUNKS / 2;
}

static int contents(int descriptor, const struct stat *about)
{
    Origin *origin = origin_of(ORIGIN_FILE, (int64_t)about->st_ino, about->st_dev);
    Site made = origin != NULL ? origin->site : (Site){0};
    int segment = segment_for(ORIGIN_CONTENTS, about->st_dev, about->st_ino, LOOKED_AT, made);
    if (segment >= 0 && region->segments[segment].name[0] == '\0') {
        char path[256];
        name_of_file(path, sizeof path, descriptor);
        name_segment(segment, (int64_t)about->st_ino, "file %s", last_part(path));
    }
    return segment;
}

/* Where a file will be read or written next; -1: where the kernel says, or it is no file. */
off_t offset_of(int descriptor)
{
    struct stat about;
    if (!ACTIVE || !about_descriptor(descriptor, &about) || !S_ISREG(about.st_mode) ||
        (REAL(fcntl)(descriptor, F_GETFL) & O_APPEND))
        return -1;
    return syscall(SYS_lseek, descriptor, 0L, SEEK_CUR);
}

void touch_file(int descriptor, off_t at, ssize_t length, unsigned flags, Site site)
{
    struct stat about;
    if (!ACTIVE || at < 0 || at >= LOOKED_AT || length <= 0 ||
        !about_descriptor(descriptor, &about) || !S_ISREG(about.st_mode))
        return;
    if ((flags & ACCESS_WRITE) && (REAL(fcntl)(descriptor, F_GETFL) & O_APPEND))
        return; /* pwrite(2): then it appends, whatever the offset */
    size_t size = length < LOOKED_AT - at ? (size_t)length : (size_t)(LOOKED_AT - at);
    LOCKED({
        int segment = room_for_files() ? contents(descriptor, &about) : -1;
        if (segment >= 0)
            access_to(segment, (uint64_t)at, size, flags, site);
    });
}

/* The offset is of the open file, and others who have it, too, may have moved it meanwhile. */
void touch_file_behind(int descriptor, off_t before, ssize_t length, unsigned flags, Site site)
{
    if (before >= 0 && length > 0 && offset_of(descriptor) == before + length)
        touch_file(descriptor, before, length, flags, site);
}
