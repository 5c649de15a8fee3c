"""The region: memory that all processes of a traced case share, as driver.layout lays it out.

The driver makes it anew before each case, says in it what the runtime shall do, and reads it. It is the
submission's memory: it can be written over, cut short, or made to say anything. So it is never mapped here
(who shortens a file that is mapped kills its reader with SIGBUS), what is read is a copy, and `read` believes no
count, index or path before it has seen that it is one: a `Reading` holds nothing that points nowhere. The strings in
it are any bytes; `text` makes printable ones of them. The driver's own part is remembered, and compared.
"""

from __future__ import annotations

import ctypes
import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from driver import layout
from driver.layout import (
    CALLS,
    SIZE,
    Asked,
    Edge,
    End,
    Event,
    Fault,
    Flag,
    Held,
    Layout,
    Lockset,
    Origin,
    OriginNumber,
    Point,
    Report,
    ReportNumber,
    Root,
    Segment,
    Site,
    Size,
    Sync,
    SyncKind,
    Task,
    TaskState,
    Visit,
    Way,
)
from driver.workspace import printable
from grader.trace import FaultKind, Tracing

T = TypeVar("T", bound=ctypes.Structure)

_FAULTS = {
    FaultKind.EINTR: Fault.FAULT_EINTR,
    FaultKind.SHORT_IO: Fault.FAULT_SHORT,
    FaultKind.ENOSPC: Fault.FAULT_ENOSPC,
    FaultKind.EAGAIN_FORK: Fault.FAULT_EAGAIN,
    FaultKind.ENOMEM: Fault.FAULT_ENOMEM,
    FaultKind.EMFILE: Fault.FAULT_EMFILE,
    FaultKind.EIO: Fault.FAULT_EIO,
    FaultKind.TIMEOUT: Fault.FAULT_TIMEOUT,
    FaultKind.STOPPED: Fault.FAULT_STOPPED,
}


def _at(name: str, kind: type[ctypes.Structure] = Layout) -> int:
    found: int = getattr(kind, name).offset
    return found


_ASKED_SIZE = _at("owner")


# --- the file ----------------------------------------------------------------------------------


REGION = "region"
HOLD = "hold"


def lay(directory: str) -> int:
    """Make the files of a place that the runtime looks for, once; a descriptor of the region's.

    Nothing can be made there beside them: the directory is the driver's.
    """
    os.chmod(directory, 0o711)  # noqa: S103
    descriptor = os.open(f"{directory}/{REGION}", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.mkfifo(f"{directory}/{HOLD}", 0o644)
    os.chmod(f"{directory}/{HOLD}", 0o644)
    return descriptor


class DamagedError(Exception):
    """The region was written over; the message says how one sees that."""


def text(raw: bytes) -> str:
    """A string of the region in one line, whatever was written there."""
    return printable(raw.partition(b"\0")[0].decode("utf-8", "surrogateescape"))


@dataclass(frozen=True)
class Reading:
    """What the region held at one moment, checked: every index in it points to something.

    fault_task: -1 where nothing was injected. syncs: those that something points to.
    """

    images: tuple[str, ...]
    tasks: Sequence[Task]
    paths: tuple[str, ...]
    locksets: Sequence[Lockset]
    segments: Sequence[Segment]
    visits: Sequence[Visit]
    reports: Sequence[Report]
    origins: Sequence[Origin]
    edges: Sequence[Edge]
    events: Sequence[Event]
    syncs: dict[int, Sync]
    lost: int
    point_hits: int
    fault_call: int
    fault_task: int
    fault_site: Site


class Region:
    """The region of one case. descriptor: of the file that `lay` made."""

    def __init__(self, descriptor: int) -> None:
        self._file = descriptor
        self._asked = Asked()

    def begin(self, tracing: Tracing, owner: int, group: int) -> None:
        """An empty one for a new case, with what the runtime shall do. owner, group: the submission's."""
        os.ftruncate(self._file, 0)
        os.fchmod(self._file, 0o600)
        os.fchown(self._file, owner, group)
        os.ftruncate(self._file, SIZE)
        flags = (
            (Flag.CUT_SLEEPS if tracing.cut_sleeps else 0)
            | (Flag.RECORD_SITES if tracing.visits else 0)
            | (Flag.RECORD_EVENTS if tracing.events else 0)
        )
        self._asked = Asked(magic=layout.MAGIC, flags=flags)
        point = tracing.point
        if point is not None:
            fault = _FAULTS[point.fault] if point.fault is not None else Fault.FAULT_NONE
            given = (point.task.encode()[:47], point.program.encode()[:47], point.address & 0xFFFFFFFF)
            self._asked.point = Point(*given, point.occurrence & 0xFFFFFFFF, fault, point.onwards, point.first)
        os.pwrite(self._file, bytes(self._asked)[:_ASKED_SIZE], 0)

    # --- what the driver tells -----------------------------------------------------------------

    def add_root(self, pid: int) -> None:
        """A program that the scenario starts, before it runs: it is the next of the roots."""
        count = self._asked.root_count
        if count < Size.MAX_ROOTS:
            self._asked.roots[count] = Root(pid, count)
            self._asked.root_count = count + 1
            self._put("roots")
            self._put("root_count")

    def add_end(self, device: int, inode: int) -> None:
        """Something that the scenario will write to."""
        count = self._asked.end_count
        known = any((end.device, end.inode) == (device, inode) for end in self._asked.ends[:count])
        if count < Size.MAX_ENDS and not known:
            self._asked.ends[count] = End(device, inode)
            self._asked.end_count = count + 1
            self._put("ends")
            self._put("end_count")

    def hold_no_longer(self) -> None:
        """From now on nobody is held again."""
        self._asked.point.onwards = self._asked.point.first = 0
        self._put("point")

    def release(self) -> None:
        """Whoever is held now may go; who comes later is held until the next time."""
        self._asked.releases += 1
        self._put("releases")

    def publish(self, way: Way) -> None:
        """The scenario is about to act: whoever hears of it has heard of all that has happened until now."""
        scenario = self._asked.scenario
        start, size = _at("tasks") + _at("clock", Task), ctypes.sizeof(Task)
        for number in range(min(self._number("task_count"), Size.MAX_TASKS)):
            found = os.pread(self._file, 4, start + number * (size + 4))  # the own place in the own clock
            scenario.clock.of[number] = int.from_bytes(found, "little")
        scenario.ways |= way
        scenario.sequence += 1
        data, place = bytes(scenario), _at("scenario")
        os.pwrite(self._file, data[4:], place + 4)
        os.pwrite(self._file, data[:4], place)

    def _put(self, name: str) -> None:
        start, size = _at(name, Asked), getattr(Asked, name).size
        os.pwrite(self._file, bytes(self._asked)[start : start + size], start)

    # --- what can be asked while the case is played ----------------------------------------------

    @property
    def owner(self) -> int:
        """Tid of who is amid a change of the region, 0: nobody."""
        return self._number("owner")

    @property
    def point_hits(self) -> int:
        """How often a task was held so far, or has come to the point."""
        return self._number("point_hits")

    @property
    def allocated(self) -> int:
        """Bytes of memory that it takes."""
        return os.fstat(self._file).st_blocks * 512

    def _number(self, name: str) -> int:
        return int.from_bytes(os.pread(self._file, 4, _at(name)), "little")

    def tasks(self) -> Sequence[Task]:
        """The tasks as they are now, unchecked: for numbers that point to nothing. Empty where they cannot be read."""
        count = min(self._number("task_count"), Size.MAX_TASKS)
        try:
            return self._table(Task, "tasks", count)
        except DamagedError:
            return ()

    def _table(self, kind: type[T], name: str, count: int) -> Sequence[T]:
        size = count * ctypes.sizeof(kind)
        data = os.pread(self._file, size, _at(name))
        if len(data) < size:
            raise DamagedError("it was cut short")
        return list((kind * count).from_buffer_copy(data))

    # --- when the case has ended -----------------------------------------------------------------

    def read(self) -> Reading:
        """All of it but the shadow memory. Raises DamagedError."""
        seen = os.fstat(self._file)
        if not stat.S_ISREG(seen.st_mode) or seen.st_size != SIZE:
            raise DamagedError(f"it is {seen.st_size:,} bytes long instead of {SIZE:,}")
        asked = os.pread(self._file, _ASKED_SIZE, 0)
        if asked != bytes(self._asked)[:_ASKED_SIZE]:
            raise DamagedError("what stands at its beginning was overwritten")

        def count(name: str, most: int) -> int:
            found = self._number(name)
            if found > most:
                raise DamagedError(f"{name} says {found:,}, and there is room for {most:,}")
            return found

        images = count("image_count", Size.MAX_IMAGES)
        raw = os.pread(self._file, images * 128, _at("images"))
        fault_task = ctypes.c_int32(self._number("fault_task")).value
        site = os.pread(self._file, ctypes.sizeof(Site), _at("fault_site"))
        tasks = self._table(Task, "tasks", count("task_count", Size.MAX_TASKS))
        made = Reading(
            images=tuple(os.path.basename(text(raw[at : at + 128])) for at in range(0, len(raw), 128)),
            tasks=tasks,
            paths=tuple(text(task.path) for task in tasks),
            locksets=self._table(Lockset, "locksets", count("lockset_count", Size.MAX_LOCKSETS)),
            segments=self._table(Segment, "segments", count("segment_count", Size.MAX_SEGMENTS)),
            # Kept by a hash: its entries lie anywhere.
            visits=[visit for visit in self._table(Visit, "visits", Size.MAX_SITES) if visit.count],
            reports=self._table(Report, "reports", count("report_count", Size.MAX_REPORTS)),
            origins=self._table(Origin, "origins", count("origin_count", Size.MAX_ORIGINS)),
            edges=self._table(Edge, "edges", count("edge_count", Size.MAX_EDGES)),
            events=self._events(self._number("event_count")),
            syncs={},
            lost=self._number("lost"),
            point_hits=self.point_hits,
            fault_call=self._number("fault_call"),
            fault_task=fault_task if self._number("fault_call") else -1,
            fault_site=Site.from_buffer_copy(site.ljust(ctypes.sizeof(Site), b"\0")),
        )
        for number in _Check(made).syncs():
            made.syncs[number] = self._sync(number)
        return made

    def _events(self, count: int) -> Sequence[Event]:
        """The last ones, oldest first: where there is no more room they go round."""
        found = list(self._table(Event, "events", min(count, Size.MAX_EVENTS)))
        oldest = count % Size.MAX_EVENTS if count > Size.MAX_EVENTS else 0
        return [*found[oldest:], *found[:oldest]]

    def _sync(self, number: int) -> Sync:
        """Without its clocks, which are most of it."""
        start, size = _at("syncs") + number * ctypes.sizeof(Sync), ctypes.sizeof(Sync)
        head, tail = _at("released", Sync), _at("known", Sync)
        data = os.pread(self._file, head, start).ljust(tail, b"\0") + os.pread(self._file, size - tail, start + tail)
        made = Sync.from_buffer_copy(data.ljust(size, b"\0"))
        if not 0 <= made.kind < len(SyncKind):
            raise DamagedError(f"there is no kind {made.kind} of what processes wait for")
        return made


_PATH = re.compile(r"\d{1,10}(\.t?\d{1,6})*")


class _Check:
    """Looks at every index. Raises DamagedError at the first that points nowhere."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._syncs: set[int] = set()

    def syncs(self) -> set[int]:
        """Those that anything points to; all else has been checked by then."""
        seen = self._reading
        for number, (task, path) in enumerate(zip(seen.tasks, seen.paths, strict=True)):
            self._task(number, task, path)
        for lockset in seen.locksets:
            self._held(lockset.held, lockset.count, "a set of locks")
        for segment in seen.segments:
            self._site(segment.made, "a segment")
        for visit in seen.visits:
            self._range(visit.task, len(seen.tasks), "task of a visit", nobody=False)
            self._range(visit.call, len(CALLS) + 1, "call of a visit", nobody=False)
            self._site(visit.site, "a visit")
        for report in seen.reports:
            self._report(report)
        for origin in seen.origins:
            self._range(origin.kind - 1, len(OriginNumber), "kind of an origin", nobody=False)
            self._range(origin.task, len(seen.tasks), "task of an origin")
            self._range(origin.call, len(CALLS) + 1, "call of an origin", nobody=False)
            self._site(origin.site, "an origin")
        for edge in seen.edges:
            self._edge(edge)
        for event in seen.events:
            self._event(event)
        self._range(seen.fault_task, len(seen.tasks), "task of the fault")
        self._range(seen.fault_call, len(CALLS) + 1, "call of the fault", nobody=False)
        self._site(seen.fault_site, "the fault")
        return self._syncs

    def _task(self, number: int, task: Task, path: str) -> None:
        if task.state == TaskState.TASK_FREE:
            return  # not filled in yet: whoever did so was killed
        if not _PATH.fullmatch(path):
            raise DamagedError(f"the path of process {number} is {path!r}")
        self._range(task.parent, len(self._reading.tasks), f"parent of process {path}")
        self._range(task.state, len(TaskState), f"state of process {path}", nobody=False)
        self._held(task.held, task.held_count, f"process {path}")
        self._sync(task.waits_for, f"process {path}")
        self._range(task.waiting, len(CALLS) + 1, f"call of process {path}", nobody=False)
        for site in (task.born, task.at, task.printed, task.exits, *task.output):
            self._site(site, f"process {path}")

    def _report(self, report: Report) -> None:
        seen = self._reading
        if not 1 <= report.kind <= len(ReportNumber):
            raise DamagedError(f"there is no kind {report.kind} of reports")
        self._range(report.segment, len(seen.segments), "segment of a report")
        self._sync(report.sync, "a report")
        for access in (report.first, report.second, report.third):
            self._range(access.task, len(seen.tasks), "task of an access")
            # What a report does not use is all zeros; the table of lock sets may still be empty then.
            self._range(access.lockset, max(len(seen.locksets), 1), "locks of an access", nobody=False)
            self._site(access.site, "an access")

    def _edge(self, edge: Edge) -> None:
        seen = self._reading
        for sync in (edge.first, edge.second):
            self._sync(sync, "an order of locks")
        self._range(edge.task, len(seen.tasks), "task of an order of locks", nobody=False)
        self._range(edge.lockset, max(len(seen.locksets), 1), "locks of an order of locks", nobody=False)
        for site in (edge.first_site, edge.second_site):
            self._site(site, "an order of locks")

    def _event(self, event: Event) -> None:
        seen = self._reading
        self._range(event.task, len(seen.tasks), "task of an event", nobody=False)
        self._range(event.other, len(seen.tasks), "other task of an event")
        self._range(event.call, len(CALLS) + 1, "call of an event", nobody=False)
        self._sync(event.sync, "an event")
        self._site(event.site, "an event")

    def _held(self, held: Iterable[Held], count: int, whose: str) -> None:
        self._range(count, Size.MAX_HELD + 1, f"number of locks of {whose}", nobody=False)
        for number, one in zip(range(count), held, strict=False):
            self._sync(one.sync, f"lock {number} of {whose}")
            self._site(one.site, f"lock {number} of {whose}")

    def _sync(self, number: int, whose: str) -> None:
        self._range(number, Size.MAX_SYNCS, f"object of {whose}")
        if number >= 0:
            self._syncs.add(number)

    def _site(self, site: Site, whose: str) -> None:
        if site.pc:
            self._range(site.image, len(self._reading.images), f"program of {whose}", nobody=False)

    @staticmethod
    def _range(number: int, end: int, what: str, *, nobody: bool = True) -> None:
        """nobody: -1 stands for none."""
        if not (-1 if nobody else 0) <= number < end:
            raise DamagedError(f"the {what} is {number:,}, and there are {end:,}")
