"""What the runtime of the traced build saw, in the words that cross the wall.

The third build of a submission is linked with sandbox/runtime, which records in a region that all
processes of a case share; the driver reads that region when a case has ended (driver.region) and tells of
it in these types. Standard library only, as grader.wire, which embeds `Trace` in an observation.

All of it was written by processes of the submission: it explains, and where it accuses it accuses them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FaultKind(Enum):
    """What can be injected at a call, as an exercise names it."""

    EINTR = "eintr"
    SHORT_IO = "short-io"
    ENOSPC = "enospc"
    EAGAIN_FORK = "eagain-fork"
    ENOMEM = "enomem"
    EMFILE = "emfile"
    EIO = "eio"
    TIMEOUT = "timeout"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Point:
    """A place in a schedule: the `occurrence`th time (from 1) that `task` comes to `address` of `program`.

    task: "0" is the first program that the scenario started, "0.2" its second child, "*" everybody.
    address: offset in the executable of the traced build. fault: what is injected there; None: the task is
    held there until nobody else can go on. onwards: and wherever it comes to after that. Address 0 is any place.
    first: from its birth on until it is held there it goes alone.
    """

    task: str
    program: str
    address: int
    occurrence: int = 1
    fault: FaultKind | None = None
    onwards: bool = False
    first: bool = False

    def __str__(self) -> str:
        """As `--replay` takes it: "0.2@shm_counter+1a3f#1", "0@reader+12ab#2:eintr", "0.1@pair+0#1+", "0.1@p+12#1^"."""
        way = f":{self.fault.value}" if self.fault is not None else "+" * self.onwards + "^" * self.first
        return f"{self.task}@{self.program}+{self.address:x}#{self.occurrence}{way}"


@dataclass(frozen=True)
class Place:
    """A line of the source, as the compiler recorded it. line 0: not known. function: "" where not known."""

    file: str
    line: int = 0
    function: str = ""


@dataclass(frozen=True)
class HeldLock:
    """A lock (or semaphore) that was held. place: where it was taken; caller: from where that function was called."""

    name: str
    place: Place
    shared: bool = False
    caller: Place | None = None


@dataclass(frozen=True)
class FailedLock:
    """A lock (or semaphore) that a call should have taken and has not. error: "EINTR", "ENOTRECOVERABLE", ..."""

    name: str
    error: str
    place: Place
    caller: Place | None = None


class ReportKind(Enum):
    """What the runtime tells of. From LOST_UPDATE on they explain only: right programs do them, too."""

    RACE = "race"
    INIT_RACE = "init-race"
    PAUSE_RACE = "pause-race"
    UNSAFE_CALL = "unsafe-call"
    ERRNO = "errno-clobbered"
    HANDLER_VARIABLE = "handler-variable"
    HANDLER_UPDATE = "handler-update"
    SEM_PRIVATE = "semaphore-in-private-memory"
    SEM_NOT_SHARED = "semaphore-not-shared"
    MUTEX_NOT_SHARED = "mutex-not-shared"
    LOST_UPDATE = "lost-update"
    SPLIT_UPDATE = "split-update"
    FILE_RACE = "file-race"
    LOCK_CYCLE = "lock-cycle"
    HALF_UNDONE = "half-undone"
    INHERITED = "inherited-by-exec"


@dataclass(frozen=True)
class TracedAccess:
    """Something that a process did. what: "writes", "reads", "calls semop()", "sets the semaphore", ...

    process: as the student knows it ("child 2 of shm_counter"). caller: from where the function was called in
    which it happened. counted: semaphores that it had taken and that are no locks: they count places, items, signs.
    gave: what it had given back (or to others) last, and has not taken since. failed: the last call for a lock, where
    that came back without it, and it was neither taken nor given back since. order: grows with time within a case;
    equal or 0 where it is not known.
    """

    process: str
    what: str
    place: Place
    caller: Place | None = None
    held: tuple[HeldLock, ...] = ()
    counted: tuple[HeldLock, ...] = ()
    failed: FailedLock | None = None
    gave: HeldLock | None = None
    atomic: bool = False
    in_handler: bool = False
    order: int = 0


@dataclass(frozen=True)
class TraceReport:
    """One thing that the runtime found.

    object: what it is about, in words ("bytes 0 to 3 of shared memory segment 3"). made: where that was
    made. accesses: of a race the two, in the order in which they came; of LOCK_CYCLE for each process of the circle
    what it holds (held) and what it wants (what). text: a function's or signal's name.
    """

    kind: ReportKind
    accesses: tuple[TracedAccess, ...]
    object: str = ""
    made: Place | None = None
    text: str = ""


@dataclass(frozen=True)
class Origin:
    """Which call made an object. kind: value of wire.Kind, or "pipe", "mapping", "descriptor".

    name: path, "/name" or key as wire.Leftover.name has it; id: of System V; device, inode: of what is open.
    """

    kind: str
    call: str
    process: str
    place: Place
    caller: Place | None = None
    name: str = ""
    id: str = ""
    device: int = 0
    inode: int = 0
    removed: bool = False


@dataclass(frozen=True)
class TracedTask:
    """A process (or thread) as it was when the case ended. path: its place in the tree, as in Point.task.

    at: the last call that it made, with its place. waiting: it had not returned from it; waits_for: on what.
    held: locks that it had. born: where it was forked. exits: where it called exit() or _exit(). running: where it
    was when a case ended in which somebody had used too much CPU time. unflushed: bytes that lay in stdout's buffer
    while it waited; printed: where the last of them were printed. stdout, stderr: where it last wrote to them.
    ended_by: "SIGSEGV", where its parent was told so.
    """

    path: str
    name: str
    pid: int
    call: str = ""
    at: Place | None = None
    caller: Place | None = None
    waiting: bool = False
    waits_for: str = ""
    held: tuple[HeldLock, ...] = ()
    born: Place | None = None
    exits: Place | None = None
    running: Place | None = None
    unflushed: int = 0
    printed: Place | None = None
    stdout: Place | None = None
    stderr: Place | None = None
    ended_by: str = ""


@dataclass(frozen=True)
class Visited:
    """A place that a task came to, `count` times: where a schedule may hold it or a fault be injected.

    call: "" for an access to shared memory, "variable" for one to what a handler changes. after: behind the call.
    born: address at which it was forked, so that children alike can be told. place: known only where it was asked for.
    """

    task: str
    program: str
    address: int
    call: str
    count: int
    after: bool = False
    born: int = 0
    place: Place | None = None


class EventKind(Enum):
    """What a line of a timeline tells."""

    BORN = "born"
    CALL = "call"
    WAIT = "wait"
    RETURN = "return"
    HANDLER = "handler"
    HELD = "held"
    FAULT = "fault"
    EXIT = "exit"


@dataclass(frozen=True)
class TraceEvent:
    """One thing that a process did, in order. at: seconds since the first event.

    process: name of the lane. call: "semop". object: "semaphore 0 of set 3". value: semop: change; kill: signal;
    read, write: bytes. error: name of errno where the call failed. other: lane of whom it is about: who is signalled,
    was reaped, was born. woken_by: index of the event that ended a wait, where it is known.
    """

    at: float
    process: str
    kind: EventKind
    call: str = ""
    object: str = ""
    value: int = 0
    error: str = ""
    other: str = ""
    place: Place | None = None
    woken_by: int = -1


@dataclass(frozen=True)
class Trace:
    """Everything that is known from the traced build of one case.

    intact: False where the region had been written over (`damage` says how), so that nothing in it can be believed.
    complete: False where a table was full. point: which point this run had, and whether it was reached.
    fault: the call at which a fault was injected. visited: only where the plan asks for it.
    """

    intact: bool = True
    damage: str = ""
    complete: bool = True
    reports: tuple[TraceReport, ...] = ()
    tasks: tuple[TracedTask, ...] = ()
    origins: tuple[Origin, ...] = ()
    visited: tuple[Visited, ...] = ()
    events: tuple[TraceEvent, ...] = ()
    point: str = ""
    reached: bool = False
    fault: TracedAccess | None = None


@dataclass(frozen=True)
class Tracing:
    """What a case of the traced build is played with.

    point: hold or fault, None: a plain run. visits, events: whether to tell of them.
    cut_sleeps: sleeps of the program last a millisecond at most: sleeping is no synchronisation.
    """

    point: Point | None = None
    visits: bool = False
    events: bool = False
    cut_sleeps: bool = False
