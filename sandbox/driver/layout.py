"""sandbox/runtime/layout.h in Python: what lies where in the region, and what its numbers are called.

The names are those of C, also where Python would write them otherwise. tests/sandbox/test_region.py holds the
two together.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char, c_int16, c_int32, c_int64, c_uint8, c_uint16, c_uint32, c_uint64
from enum import IntEnum
from typing import Any

MAGIC = 0x31656367


# --- numbers, under the names that they have in C ----------------------------------------------


class Size(IntEnum):
    """How much there is of everything."""

    MAX_TASKS = 256
    MAX_HELD = 12
    MAX_LOCKSETS = 2048
    MAX_SYNCS = 1024
    MAX_TOKENS = 32
    MAX_SEGMENTS = 128
    MAX_PAGES = 16384
    MAX_CHUNKS = 384
    MAX_SITES = 4096
    MAX_EVENTS = 4096
    MAX_REPORTS = 128
    MAX_ORIGINS = 1024
    MAX_EDGES = 1024
    MAX_IMAGES = 16
    MAX_ROOTS = 256
    MAX_ENDS = 128
    SLOTS = 12
    SHARED_PAGE = 4096
    GRANULE = 8
    CELLS = 512
    NAME_SIZE = 64


class Flag(IntEnum):
    """What the runtime shall do."""

    CUT_SLEEPS = 1
    RECORD_SITES = 2
    RECORD_EVENTS = 4


class Fault(IntEnum):
    """What is injected at a point."""

    FAULT_NONE = 0
    FAULT_EINTR = 1
    FAULT_SHORT = 2
    FAULT_ENOSPC = 3
    FAULT_EAGAIN = 4
    FAULT_ENOMEM = 5
    FAULT_EMFILE = 6
    FAULT_EIO = 7
    FAULT_TIMEOUT = 8
    FAULT_STOPPED = 9


class Way(IntEnum):
    """In which ways the scenario can be heard of."""

    BY_BIRTH = 1
    BY_DATA = 2
    BY_SIGNAL = 4
    BY_OBJECT = 8


class TaskState(IntEnum):
    """Of Task.state."""

    TASK_FREE = 0
    TASK_LIVE = 1
    TASK_EXITED = 2
    TASK_REAPED = 3


class SyncKind(IntEnum):
    """Of Sync.kind."""

    SYNC_NONE = 0
    SYNC_SEMAPHORE = 1
    SYNC_POSIX_SEMAPHORE = 2
    SYNC_MUTEX = 3
    SYNC_CONDITION = 4
    SYNC_RWLOCK = 5
    SYNC_BARRIER = 6
    SYNC_PIPE = 7
    SYNC_SOCKET = 8
    SYNC_MESSAGES = 9
    SYNC_FILE_LOCK = 10
    SYNC_ATOMIC = 11
    SYNC_KEY = 12
    SYNC_PATH = 13
    SYNC_THREAD = 14
    SYNC_MQUEUE = 15


class HeldMode(IntEnum):
    """Of Held.mode."""

    HELD_LOCK = 1
    HELD_SHARED = 2
    HELD_UNDO = 3


class AccessFlag(IntEnum):
    """Of Access.flags."""

    ACCESS_WRITE = 1
    ACCESS_ATOMIC = 2
    ACCESS_VOLATILE = 4
    ACCESS_LIBRARY = 8
    ACCESS_HANDLER = 16


class ReportNumber(IntEnum):
    """Of Report.kind."""

    REPORT_RACE = 1
    REPORT_INIT_RACE = 2
    REPORT_PAUSE_RACE = 3
    REPORT_UNSAFE_CALL = 4
    REPORT_ERRNO = 5
    REPORT_HANDLER_VARIABLE = 6
    REPORT_SEM_PRIVATE = 7
    REPORT_SEM_NOT_SHARED = 8
    REPORT_MUTEX_NOT_SHARED = 9
    REPORT_LOST_UPDATE = 10
    REPORT_SPLIT_UPDATE = 11
    REPORT_FILE_RACE = 12
    REPORT_HANDLER_UPDATE = 13
    REPORT_HALF_UNDONE = 14
    REPORT_INHERITED = 15


class OriginNumber(IntEnum):
    """Of Origin.kind and Segment.kind."""

    ORIGIN_SHM = 1
    ORIGIN_SEM = 2
    ORIGIN_MSG = 3
    ORIGIN_POSIX_SHM = 4
    ORIGIN_POSIX_SEM = 5
    ORIGIN_MQUEUE = 6
    ORIGIN_FIFO = 7
    ORIGIN_FILE = 8
    ORIGIN_PIPE = 9
    ORIGIN_SOCKET = 10
    ORIGIN_MAPPING = 11
    ORIGIN_DIRECTORY = 12
    ORIGIN_SYMLINK = 13
    ORIGIN_OTHER_DESCRIPTOR = 14
    ORIGIN_CONTENTS = 15


class EventNumber(IntEnum):
    """Of Event.kind."""

    EVENT_CALL = 1
    EVENT_WAIT = 2
    EVENT_RETURN = 3
    EVENT_HANDLER = 4
    EVENT_EXIT = 5
    EVENT_BORN = 6
    EVENT_HELD = 7
    EVENT_FAULT = 8


class Lost(IntEnum):
    """Bits of Region.lost."""

    LOST_TASKS = 1
    LOST_SYNCS = 2
    LOST_SEGMENTS = 4
    LOST_SHADOW = 8
    LOST_SITES = 16
    LOST_REPORTS = 32
    LOST_ORIGINS = 64
    LOST_EDGES = 128
    LOST_LOCKSETS = 256


NUMBERS = (
    *(Size, Flag, Fault, Way, TaskState, SyncKind, HeldMode),
    *(AccessFlag, ReportNumber, OriginNumber, EventNumber, Lost),
)

# CALL_NONE is 0; each of these has its place here, from 1.
CALLS = tuple(
    """
    fork wait waitpid waitid exit _exit execve pthread_create pthread_join
    shmget shmat shmdt shmctl mmap munmap shm_open shm_unlink
    semget semctl semop sem_open sem_close sem_unlink sem_init sem_destroy
    sem_post sem_wait sem_trywait sem_timedwait
    pthread_mutex_lock pthread_mutex_trylock pthread_mutex_unlock pthread_mutex_init
    pthread_cond_wait pthread_cond_signal pthread_cond_broadcast pthread_cond_init
    pthread_rwlock_rdlock pthread_rwlock_wrlock pthread_rwlock_unlock
    pthread_barrier_init pthread_barrier_wait pthread_spin_lock pthread_spin_unlock
    pipe socketpair socket bind connect accept open close dup mkfifo
    mknod unlink rename read write send recv fcntl flock lockf
    msgget msgctl msgsnd msgrcv mq_open mq_unlink mq_send mq_receive
    signal sigaction kill raise sigqueue pause sigsuspend sigwait
    alarm setitimer sleep poll select epoll_wait
    printf fprintf puts putchar fputs fputc fwrite fflush fclose perror
    fgets fgetc fread scanf getline malloc free ftruncate msync
    mkdir symlink fopen popen system killpg sigprocmask listen
    eventfd signalfd epoll_create timerfd_create memfd_create mkstemp posix_spawn
    clone shutdown futex times_out pthread_cond_destroy mq_notify variable
    """.split()  # noqa: SIM905 (as in layout.h)
)


def call_name(number: int) -> str:
    """The name of CALL_number, "" for none."""
    return CALLS[number - 1] if 0 < number <= len(CALLS) else ""


# --- structures, field by field as in C -------------------------------------------------------


class Site(ctypes.Structure):
    """See layout.h, here and below."""

    pc: int
    caller: int
    image: int
    _fields_ = [("pc", c_uint32), ("caller", c_uint32), ("image", c_uint16), ("unused", c_uint16)]


class Clock(ctypes.Structure):  # noqa: D101
    of: ctypes.Array[c_uint32]
    _fields_ = [("of", c_uint32 * Size.MAX_TASKS)]


class Point(ctypes.Structure):  # noqa: D101
    task: bytes
    image: bytes
    pc: int
    occurrence: int
    fault: int
    onwards: int
    first: int
    _fields_ = [
        ("task", c_char * Size.NAME_SIZE),
        ("image", c_char * Size.NAME_SIZE),
        ("pc", c_uint32),
        ("occurrence", c_uint32),
        ("fault", c_uint32),
        ("onwards", c_uint32),
        ("first", c_uint32),
    ]


class Root(ctypes.Structure):  # noqa: D101
    pid: int
    index: int
    _fields_ = [("pid", c_int32), ("index", c_int32)]


class Scenario(ctypes.Structure):  # noqa: D101
    sequence: int
    ways: int
    clock: Clock
    _fields_ = [("sequence", c_uint32), ("ways", c_uint32), ("clock", Clock)]


class Held(ctypes.Structure):  # noqa: D101
    sync: int
    mode: int
    site: Site
    _fields_ = [("sync", c_uint16), ("mode", c_uint16), ("site", Site)]


class Task(ctypes.Structure):  # noqa: D101
    pid: int
    tid: int
    state: int
    parent: int
    children: int
    threads: int
    number: int
    path: bytes
    name: bytes
    born: Site
    lockset: int
    held_count: int
    held: ctypes.Array[Held]
    thread: int
    waiting: int
    at: Site
    waits_for: int
    alarm: int
    is_held: int
    sleeping: int
    steps: int
    unflushed: int
    printed: Site
    exits: Site
    output: ctypes.Array[Site]
    _fields_ = [
        ("pid", c_int32),
        ("tid", c_int32),
        ("state", c_int32),
        ("parent", c_int32),
        ("children", c_int32),
        ("threads", c_int32),
        ("number", c_int32),
        ("path", c_char * Size.NAME_SIZE),
        ("name", c_char * Size.NAME_SIZE),
        ("born", Site),
        ("clock", Clock),
        ("signalled", Clock),
        ("lockset", c_uint32),
        ("held_count", c_int32),
        ("held", Held * Size.MAX_HELD),
        ("failed", Held),
        ("gave", Held),
        ("thread", c_int32),
        ("waiting", c_int32),
        ("at", Site),
        ("waits_for", c_int32),
        ("alarm", c_int32),
        ("is_held", c_int32),
        ("sleeping", c_int32),
        ("steps", c_uint32),
        ("unflushed", c_uint32),
        ("printed", Site),
        ("exits", Site),
        ("output", Site * 3),
        ("scenario", c_uint32),
        ("ended_by", c_int32),
    ]


class Sync(ctypes.Structure):  # noqa: D101
    key: ctypes.Array[c_uint64]
    kind: int
    used: int
    known: int
    most: int
    foreign: int
    returned: int
    setter: int
    set_site: Site
    made: Site
    name: bytes
    _fields_ = [
        ("key", c_uint64 * 2),
        ("kind", c_int32),
        ("used", c_int32),
        ("released", Clock),
        ("second", Clock),
        ("touched", Clock),
        ("from", c_uint64),
        ("to", c_uint64),
        ("head", c_uint32),
        ("count", c_uint32),
        ("tokens", Clock * Size.MAX_TOKENS),
        ("known", c_int32),
        ("most", c_int32),
        ("foreign", c_int32),
        ("returned", c_int32),
        ("setter", c_int32),
        ("set_at", c_uint32),
        ("set_to", c_int32),
        ("opened", c_int32),
        ("private_to", c_int32),
        ("set_site", Site),
        ("made", Site),
        ("name", c_char * Size.NAME_SIZE),
    ]

    def keeps_out(self) -> bool:
        """Is it given back by those who took it? A semaphore that others raise counts things, and keeps nobody out.

        One that was never set, or was set to 0, has its first value by somebody who raised it once.
        """
        began_at_zero = self.setter < 0 or self.most == 0
        return self.foreign == 0 or (self.foreign == 1 and began_at_zero and self.returned > 0)


class Segment(ctypes.Structure):  # noqa: D101
    key: ctypes.Array[c_uint64]
    size: int
    kind: int
    id: int
    made: Site
    name: bytes
    _fields_ = [
        ("key", c_uint64 * 2),
        ("size", c_uint64),
        ("first_page", c_uint32),
        ("kind", c_int32),
        ("id", c_int64),
        ("made", Site),
        ("name", c_char * Size.NAME_SIZE),
    ]


class Lockset(ctypes.Structure):  # noqa: D101
    count: int
    held: ctypes.Array[Held]
    failed: Held
    gave: Held
    _fields_ = [("count", c_uint32), ("held", Held * Size.MAX_HELD), ("failed", Held), ("gave", Held)]


class Slot(ctypes.Structure):  # noqa: D101
    _fields_ = [
        ("clock", c_uint32),
        ("task", c_uint16),
        ("mask", c_uint8),
        ("flags", c_uint8),
        ("site", Site),
        ("lockset", c_uint16),
        ("unused", c_uint16),
        ("sequence", c_uint32),
    ]


class Cell(ctypes.Structure):  # noqa: D101
    _fields_ = [("slots", Slot * Size.SLOTS)]


class Chunk(ctypes.Structure):  # noqa: D101
    _fields_ = [("cells", Cell * Size.CELLS)]


class Access(ctypes.Structure):  # noqa: D101
    task: int
    clock: int
    flags: int
    lockset: int
    sequence: int
    site: Site
    _fields_ = [
        ("task", c_int32),
        ("clock", c_uint32),
        ("flags", c_uint32),
        ("lockset", c_uint32),
        ("sequence", c_uint32),
        ("site", Site),
    ]


class Report(ctypes.Structure):  # noqa: D101
    kind: int
    segment: int
    offset: int
    size: int
    sync: int
    number: int
    first: Access
    second: Access
    third: Access
    text: bytes
    _fields_ = [
        ("kind", c_int32),
        ("segment", c_int32),
        ("offset", c_uint64),
        ("size", c_uint32),
        ("sync", c_int32),
        ("number", c_int32),
        ("unused", c_int32),
        ("first", Access),
        ("second", Access),
        ("third", Access),
        ("text", c_char * Size.NAME_SIZE),
    ]


class Origin(ctypes.Structure):  # noqa: D101
    kind: int
    task: int
    id: int
    device: int
    removed: int
    call: int
    site: Site
    name: bytes
    _fields_ = [
        ("kind", c_int32),
        ("task", c_int32),
        ("id", c_int64),
        ("device", c_uint64),
        ("removed", c_int32),
        ("call", c_int32),
        ("site", Site),
        ("name", c_char * (2 * Size.NAME_SIZE)),
    ]


class Visit(ctypes.Structure):  # noqa: D101
    task: int
    call: int
    after: int
    count: int
    site: Site
    _fields_ = [
        ("task", c_int32),
        ("call", c_int32),
        ("after", c_int32),
        ("count", c_uint32),
        ("site", Site),
    ]


class Edge(ctypes.Structure):  # noqa: D101
    first: int
    second: int
    task: int
    lockset: int
    clock: int
    first_site: Site
    second_site: Site
    _fields_ = [
        ("first", c_uint16),
        ("second", c_uint16),
        ("task", c_int32),
        ("lockset", c_uint32),
        ("clock", c_uint32),
        ("first_site", Site),
        ("second_site", Site),
    ]


class Event(ctypes.Structure):  # noqa: D101
    nanoseconds: int
    task: int
    kind: int
    call: int
    sync: int
    value: int
    error: int
    other: int
    site: Site
    _fields_ = [
        ("nanoseconds", c_uint64),
        ("task", c_int32),
        ("kind", c_int16),
        ("call", c_int16),
        ("sync", c_int32),
        ("value", c_int32),
        ("error", c_int32),
        ("other", c_int32),
        ("site", Site),
    ]


class End(ctypes.Structure):  # noqa: D101
    device: int
    inode: int
    _fields_ = [("device", c_uint64), ("inode", c_uint64)]


_ASKED: list[tuple[str, Any]] = [
    ("magic", c_uint32),
    ("flags", c_uint32),
    ("point", Point),
    ("releases", c_uint32),
    ("root_count", c_uint32),
    ("roots", Root * Size.MAX_ROOTS),
    ("scenario", Scenario),
    ("end_count", c_uint32),
    ("ends", End * Size.MAX_ENDS),
]


class Asked(ctypes.Structure):
    """The beginning of the region, which nobody but the driver writes."""

    magic: int
    flags: int
    point: Point
    releases: int
    root_count: int
    roots: ctypes.Array[Root]
    scenario: Scenario
    end_count: int
    ends: ctypes.Array[End]
    _fields_ = _ASKED


class Layout(ctypes.Structure):
    """Region in layout.h. Never made, for it is 100 MB large: only to know where everything lies."""

    _fields_ = [
        *_ASKED,
        ("owner", c_int32),
        ("sequence", c_uint32),
        ("lost", c_uint32),
        ("point_hits", c_uint32),
        ("fault_site", Site),
        ("fault_call", c_int32),
        ("fault_task", c_int32),
        ("image_count", c_uint32),
        ("task_count", c_uint32),
        ("lockset_count", c_uint32),
        ("segment_count", c_uint32),
        ("page_count", c_uint32),
        ("chunk_count", c_uint32),
        ("visit_count", c_uint32),
        ("event_count", c_uint32),
        ("report_count", c_uint32),
        ("origin_count", c_uint32),
        ("edge_count", c_uint32),
        ("mapping_count", c_uint32),
        ("exited", Clock),
        ("images", (c_char * 128) * Size.MAX_IMAGES),
        ("tasks", Task * Size.MAX_TASKS),
        ("locksets", Lockset * Size.MAX_LOCKSETS),
        ("segments", Segment * Size.MAX_SEGMENTS),
        ("pages", c_uint16 * Size.MAX_PAGES),
        ("visits", Visit * Size.MAX_SITES),
        ("reports", Report * Size.MAX_REPORTS),
        ("origins", Origin * Size.MAX_ORIGINS),
        ("edges", Edge * Size.MAX_EDGES),
        ("events", Event * Size.MAX_EVENTS),
        ("syncs", Sync * Size.MAX_SYNCS),
        ("chunks", Chunk * Size.MAX_CHUNKS),
    ]


STRUCTURES: dict[str, type[ctypes.Structure]] = {
    **{
        kind.__name__: kind
        for kind in (
            *(Site, Clock, Point, Root, Scenario, Held, Task, Sync, Segment, Lockset, Slot, Cell, Chunk),
            *(Access, Report, Origin, Visit, Edge, Event, End),
        )
    },
    "Region": Layout,
}
SIZE = ctypes.sizeof(Layout)
