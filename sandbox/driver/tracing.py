"""From the region to what is told: processes, objects, locks and places by the names that a student knows them by.

`names` finds what to call a task; `Account` makes the types of grader.trace. What an account tells it tells with a
place for each address; which ones it needs shows by letting it tell everything once (driver.tracer does that).
"""

from __future__ import annotations

import errno
import signal
from collections.abc import Callable, Mapping, Sequence

from driver import lockorder
from driver.layout import (
    Access,
    AccessFlag,
    Edge,
    Event,
    EventNumber,
    Held,
    HeldMode,
    Origin,
    OriginNumber,
    Report,
    ReportNumber,
    Site,
    SyncKind,
    Task,
    TaskState,
    call_name,
)
from driver.region import Reading, text
from grader import trace
from grader.trace import (
    EventKind,
    FailedLock,
    HeldLock,
    Place,
    ReportKind,
    Trace,
    TracedAccess,
    TracedTask,
    TraceEvent,
    TraceReport,
    Tracing,
    Visited,
)
from grader.wire import Kind

_ORIGINS = {
    OriginNumber.ORIGIN_SHM: Kind.SHM.value,
    OriginNumber.ORIGIN_SEM: Kind.SEM.value,
    OriginNumber.ORIGIN_MSG: Kind.MSG.value,
    OriginNumber.ORIGIN_POSIX_SHM: Kind.POSIX_SHM.value,
    OriginNumber.ORIGIN_POSIX_SEM: Kind.POSIX_SEM.value,
    OriginNumber.ORIGIN_MQUEUE: Kind.MQUEUE.value,
    OriginNumber.ORIGIN_FIFO: Kind.FIFO.value,
    OriginNumber.ORIGIN_FILE: Kind.FILE.value,
    OriginNumber.ORIGIN_PIPE: "pipe",
    OriginNumber.ORIGIN_SOCKET: Kind.SOCKET.value,
    OriginNumber.ORIGIN_MAPPING: "mapping",
    OriginNumber.ORIGIN_DIRECTORY: Kind.DIRECTORY.value,
    OriginNumber.ORIGIN_SYMLINK: Kind.SYMLINK.value,
    OriginNumber.ORIGIN_OTHER_DESCRIPTOR: "descriptor",
    OriginNumber.ORIGIN_CONTENTS: Kind.FILE.value,
}
SYSTEM_V = (OriginNumber.ORIGIN_SHM, OriginNumber.ORIGIN_SEM, OriginNumber.ORIGIN_MSG)
_COMM = 15  # bytes of a program's name that the kernel keeps
_IN_TABLES = (*SYSTEM_V, OriginNumber.ORIGIN_POSIX_SHM, OriginNumber.ORIGIN_POSIX_SEM, OriginNumber.ORIGIN_MQUEUE)
_MADE_BY = {
    OriginNumber.ORIGIN_SHM: "shmget",
    OriginNumber.ORIGIN_POSIX_SHM: "shm_open",
    OriginNumber.ORIGIN_MAPPING: "mmap",
    OriginNumber.ORIGIN_FILE: "mmap",
    OriginNumber.ORIGIN_CONTENTS: "open",
}
_REPORTS = {
    ReportNumber.REPORT_RACE: ReportKind.RACE,
    ReportNumber.REPORT_INIT_RACE: ReportKind.INIT_RACE,
    ReportNumber.REPORT_PAUSE_RACE: ReportKind.PAUSE_RACE,
    ReportNumber.REPORT_UNSAFE_CALL: ReportKind.UNSAFE_CALL,
    ReportNumber.REPORT_ERRNO: ReportKind.ERRNO,
    ReportNumber.REPORT_HANDLER_VARIABLE: ReportKind.HANDLER_VARIABLE,
    ReportNumber.REPORT_SEM_PRIVATE: ReportKind.SEM_PRIVATE,
    ReportNumber.REPORT_SEM_NOT_SHARED: ReportKind.SEM_NOT_SHARED,
    ReportNumber.REPORT_MUTEX_NOT_SHARED: ReportKind.MUTEX_NOT_SHARED,
    ReportNumber.REPORT_LOST_UPDATE: ReportKind.LOST_UPDATE,
    ReportNumber.REPORT_SPLIT_UPDATE: ReportKind.SPLIT_UPDATE,
    ReportNumber.REPORT_FILE_RACE: ReportKind.FILE_RACE,
    ReportNumber.REPORT_HANDLER_UPDATE: ReportKind.HANDLER_UPDATE,
    ReportNumber.REPORT_HALF_UNDONE: ReportKind.HALF_UNDONE,
    ReportNumber.REPORT_INHERITED: ReportKind.INHERITED,
}
_OF_HANDLERS = {
    *(ReportKind.UNSAFE_CALL, ReportKind.ERRNO, ReportKind.HANDLER_VARIABLE, ReportKind.HANDLER_UPDATE),
}
_INITIALISERS = {
    SyncKind.SYNC_POSIX_SEMAPHORE: "sem_init",
    SyncKind.SYNC_MUTEX: "pthread_mutex_init",
    SyncKind.SYNC_CONDITION: "pthread_cond_init",
    SyncKind.SYNC_RWLOCK: "pthread_rwlock_init",
    SyncKind.SYNC_BARRIER: "pthread_barrier_init",
}
_EVENTS = {
    EventNumber.EVENT_CALL: EventKind.CALL,
    EventNumber.EVENT_WAIT: EventKind.WAIT,
    EventNumber.EVENT_RETURN: EventKind.RETURN,
    EventNumber.EVENT_HANDLER: EventKind.HANDLER,
    EventNumber.EVENT_EXIT: EventKind.EXIT,
    EventNumber.EVENT_BORN: EventKind.BORN,
    EventNumber.EVENT_HELD: EventKind.HELD,
    EventNumber.EVENT_FAULT: EventKind.FAULT,
}
_REAPS = {"wait", "waitpid", "waitid"}
# Calls after which somebody else who waits for the same object may go on.
_GIVES = {
    *("sem_post", "pthread_mutex_unlock", "pthread_cond_signal", "pthread_cond_broadcast", "pthread_rwlock_unlock"),
    *("pthread_spin_unlock", "pthread_barrier_wait", "write", "send", "msgsnd", "mq_send", "close", "flock", "lockf"),
    *("fcntl", "semctl", "read", "recv", "msgrcv", "mq_receive"),
}


def _key(key: int) -> str:
    """As wire.Leftover has it."""
    return f"0x{key & 0xFFFFFFFF:x}" if key else "IPC_PRIVATE"


# --- what to call them --------------------------------------------------------------------------


def names(reading: Reading, roots: Sequence[str], known: Mapping[int, str]) -> tuple[str, ...]:
    """A name for each task: "main", "child 2 of main", "thread 2 of main".

    roots: names of what the scenario started, in order. known: names by pid, for those whose parent is no task.
    """
    by_path = {path: number for number, path in enumerate(reading.paths)}
    made: dict[int, str] = {}
    # A parent's path is shorter than that of its child.
    for number in sorted(range(len(reading.tasks)), key=lambda number: reading.paths[number].count(".")):
        task, path = reading.tasks[number], reading.paths[number]
        above, dot, _ = path.rpartition(".")
        parent = by_path.get(above) if dot else None
        if parent is None:
            made[number] = _root(task, path, roots, known)
        elif task.thread:
            made[number] = f"thread {task.number + 1} of {_process(reading, parent, made)}"
        else:
            made[number] = f"child {task.number} of {_process(reading, parent, made)}"
    return tuple(made[number] for number in range(len(reading.tasks)))


def _root(task: Task, path: str, roots: Sequence[str], known: Mapping[int, str]) -> str:
    if task.pid in known:
        return known[task.pid]
    if path.isdecimal() and int(path) < len(roots):
        return roots[int(path)]
    return f"{text(task.name) or 'a process'} (pid {task.pid})"


def _process(reading: Reading, number: int, made: Mapping[int, str]) -> str:
    """What a thread's children are children of."""
    return made[number].partition(" of ")[2] if reading.tasks[number].thread else made[number]


def signal_name(number: int) -> str:
    """SIGINT, or "signal 40"."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def at(place: Place) -> str:
    """As in "from pipe() at pipeline.c:31"; nothing where the line is not known."""
    return f" at {place.file}:{place.line}" if place.line else ""


# --- what is told --------------------------------------------------------------------------------


class Account:
    """Tells what stands in a region. place: of an address in a program (image, address),
    and behind it the one into which it was inlined, if it was. running: of threads that ran when the case ended the
    program and addresses in it, by tid (driver.sampling)."""

    def __init__(
        self,
        reading: Reading,
        called: Sequence[str],
        place: Callable[[str, int], Sequence[Place]],
        running: Mapping[int, tuple[str, tuple[int, ...]]],
    ) -> None:
        self._reading = reading
        self._called = called
        self._find = place
        self._running = running

    def everything(self, asked: Tracing) -> Trace:
        """All of it."""
        seen = self._reading
        return Trace(
            complete=not seen.lost,
            reports=(*map(self._report, seen.reports), *map(self._circle, lockorder.circles(seen))),
            tasks=tuple(
                self._task(number) for number, task in enumerate(seen.tasks) if task.state != TaskState.TASK_FREE
            ),
            origins=tuple(map(self.origin, seen.origins)),
            visited=self._visits() if asked.visits else (),
            events=self._events() if asked.events else (),
            point=str(asked.point) if asked.point is not None else "",
            reached=seen.point_hits > 0,
            fault=self._fault(),
        )

    # --- places, processes, locks

    def place(self, site: Site) -> Place | None:
        """Where it is; None where that is not known."""
        return next(iter(self._places(site, site.pc)), None)

    def caller(self, site: Site) -> Place | None:
        """From where the function was called in which it lies."""
        inlined = self._places(site, site.pc)[1:]
        return next(iter(inlined or self._places(site, site.caller)), None)

    def _places(self, site: Site, address: int) -> Sequence[Place]:
        if not site.pc or not address or site.image >= len(self._reading.images):
            return ()
        return self._find(self._reading.images[site.image], address)

    def _sure(self, site: Site) -> Place:
        found = self.place(site)
        images = self._reading.images
        return found or Place(images[site.image] if site.pc and site.image < len(images) else "")

    def who(self, number: int) -> str:
        """What a task is called."""
        return self._called[number] if 0 <= number < len(self._called) else ""

    def _sync(self, number: int) -> str:
        return text(self._reading.syncs[number].name) if number in self._reading.syncs else ""

    def _locks(self, held: Sequence[Held], *, locks: bool = True) -> tuple[HeldLock, ...]:
        return tuple(
            HeldLock(
                self._sync(one.sync), self._sure(one.site), one.mode == HeldMode.HELD_SHARED, self.caller(one.site)
            )
            for one in held
            if self._is_lock(one) is locks
        )

    def _is_lock(self, held: Held) -> bool:
        sync = self._reading.syncs.get(held.sync)
        return sync is None or sync.keeps_out()

    def _lockset(self, number: int, *, locks: bool = True) -> tuple[HeldLock, ...]:
        """The locks of a lockset, or else its semaphores that count."""
        if number >= len(self._reading.locksets):
            return ()
        found = self._reading.locksets[number]
        return self._locks(found.held[: found.count], locks=locks)

    def _failed(self, number: int) -> FailedLock | None:
        one = self._reading.locksets[number].failed if number < len(self._reading.locksets) else Held()
        if not one.sync or not self._is_lock(one):
            return None
        error = errno.errorcode.get(one.mode, f"error {one.mode}")
        return FailedLock(self._sync(one.sync), error, self._sure(one.site), self.caller(one.site))

    def _gave(self, number: int) -> HeldLock | None:
        one = self._reading.locksets[number].gave if number < len(self._reading.locksets) else Held()
        return HeldLock(self._sync(one.sync), self._sure(one.site), caller=self.caller(one.site)) if one.sync else None

    # --- reports

    def _access(self, access: Access, what: str) -> TracedAccess:
        return TracedAccess(
            process=self.who(access.task),
            what=what,
            place=self._sure(access.site),
            caller=self.caller(access.site),
            held=self._lockset(access.lockset),
            counted=self._lockset(access.lockset, locks=False),
            failed=self._failed(access.lockset),
            gave=self._gave(access.lockset),
            atomic=bool(access.flags & AccessFlag.ACCESS_ATOMIC),
            in_handler=bool(access.flags & AccessFlag.ACCESS_HANDLER),
            order=access.sequence,
        )

    def _report(self, report: Report) -> TraceReport:
        kind = _REPORTS[ReportNumber(report.kind)]
        signalled = signal_name(report.number) if report.number else ""
        said = text(report.text)
        in_handler = kind in _OF_HANDLERS and signalled
        return TraceReport(
            kind=kind,
            accesses=tuple(
                self._access(access, what)
                for access, what in zip((report.first, report.second, report.third), self._deeds(report), strict=True)
                if access.task >= 0
            ),
            object=f"the handler of {signalled}" if in_handler else self._object(report),
            made=self._made(report),
            text=said or signalled,
        )

    def _deeds(self, report: Report) -> tuple[str, str, str]:
        """What the first, the second and the third did."""
        kind = ReportNumber(report.kind)
        name = self._sync(report.sync) or "the semaphore"
        if kind is ReportNumber.REPORT_INIT_RACE:
            first, second = (f"{'sets' if _writes(one) else 'uses'} {name}" for one in (report.first, report.second))
            return first, second, ""
        if kind in (ReportNumber.REPORT_SEM_PRIVATE, ReportNumber.REPORT_SEM_NOT_SHARED):
            return "calls sem_init()", "", ""
        if kind is ReportNumber.REPORT_HALF_UNDONE:
            if report.size == HeldMode.HELD_UNDO:
                return f"takes {name} with SEM_UNDO", "gives it back without", ""
            return f"takes {name} without SEM_UNDO", "gives it back with it", ""
        if kind is ReportNumber.REPORT_INHERITED:
            return "ignores" if report.size else "blocks", "starts another program", ""
        if kind is ReportNumber.REPORT_MUTEX_NOT_SHARED:
            found = self._reading.syncs[report.sync].kind if report.sync in self._reading.syncs else SyncKind.SYNC_MUTEX
            return f"calls {_INITIALISERS.get(SyncKind(found), 'pthread_mutex_init')}()", "", ""
        deeds = {
            ReportNumber.REPORT_PAUSE_RACE: ("tests", "calls pause()", "writes"),
            ReportNumber.REPORT_UNSAFE_CALL: (f"calls {text(report.text)}()", "", ""),
            ReportNumber.REPORT_ERRNO: ("changes errno", "", ""),
            ReportNumber.REPORT_LOST_UPDATE: ("reads", "overwrites", "writes"),
            ReportNumber.REPORT_SPLIT_UPDATE: ("reads", "writes", ""),
        }
        return deeds.get(kind, (_deed(report.first), _deed(report.second), ""))

    def _object(self, report: Report) -> str:
        """What it is about, in words: "bytes 0 to 3 of shared memory segment 1 (shmget() at x.c:12)"."""
        if report.segment < 0:
            return self._sync(report.sync)
        segment = self._reading.segments[report.segment]
        first, last = report.offset, report.offset + max(report.size, 1) - 1
        part = f"byte {first}" if first == last else f"bytes {first} to {last}"
        place = self.place(segment.made)
        by = next((call for kind, call in _MADE_BY.items() if kind == segment.kind), "")
        origin = f" ({by}(){at(place)})" if by and place is not None and place.line else ""
        return f"{part} of {text(segment.name) or 'shared memory'}{origin}"

    def _made(self, report: Report) -> Place | None:
        if report.segment >= 0:
            return self.place(self._reading.segments[report.segment].made)
        found = self._reading.syncs.get(report.sync)
        return self.place(found.made) if found is not None else None

    def _circle(self, circle: Sequence[Edge]) -> TraceReport:
        return TraceReport(
            kind=ReportKind.LOCK_CYCLE,
            accesses=tuple(
                TracedAccess(
                    process=self.who(edge.task),
                    what=f"wants {self._sync(edge.second)}",
                    place=self._sure(edge.second_site),
                    caller=self.caller(edge.second_site),
                    held=(HeldLock(self._sync(edge.first), self._sure(edge.first_site)),),
                )
                for edge in circle
            ),
            object=", ".join(self._sync(edge.first) for edge in circle),
        )

    def _fault(self) -> TracedAccess | None:
        seen = self._reading
        if seen.fault_task < 0:
            return None
        what = f"calls {call_name(seen.fault_call)}()"
        return TracedAccess(self.who(seen.fault_task), what, self._sure(seen.fault_site), self.caller(seen.fault_site))

    # --- tasks

    def _task(self, number: int) -> TracedTask:
        task = self._reading.tasks[number]
        return TracedTask(
            path=self._reading.paths[number],
            name=self.who(number),
            pid=task.pid,
            call=call_name(task.waiting),
            at=self.place(task.at),
            caller=self.caller(task.at),
            waiting=bool(task.waiting),
            waits_for=self._sync(task.waits_for),
            held=self._locks(task.held[: task.held_count]),
            born=self.place(task.born),
            exits=self.place(task.exits),
            running=self._ran(task),
            unflushed=task.unflushed,
            printed=self.place(task.printed),
            stdout=self.place(task.output[1]),
            stderr=self.place(task.output[2]),
            ended_by=signal_name(task.ended_by) if task.ended_by else "",
        )

    def _ran(self, task: Task) -> Place | None:
        """Where a task was when it was stopped: the innermost place of the student's.

        The runtime, which may lie farther in, has no lines.
        """
        image, addresses = self._running.get(task.tid, ("", ()))
        places = [place for address in addresses for place in self._find(image, address)[:1]]
        return next((place for place in places if place.line), None)

    def waiting(self, tid: int) -> int:
        """The task that lives under this number and waits in a call; -1 if there is none."""
        number = self.living(tid)
        return number if number >= 0 and self._reading.tasks[number].waiting else -1

    def living(self, tid: int) -> int:
        """The task that lives under this number; -1 if there is none."""
        for number, task in enumerate(self._reading.tasks):
            if task.tid == tid and task.state == TaskState.TASK_LIVE:
                return number
        return -1

    def command(self, number: int) -> str:
        """The name of a task's program, as the kernel keeps it (proc_pid_comm(5)); "" for -1."""
        return text(self._reading.tasks[number].name)[:_COMM] if number >= 0 else ""

    def held_by(self, sync: int) -> list[tuple[str, Place | None]]:
        """Who has taken this lock and not given it back, and where. Nobody for -1, and of a semaphore that counts."""
        return [
            (self.who(number), self.place(held.site))
            for number, task in enumerate(self._reading.tasks)
            for held in task.held[: task.held_count]
            if sync >= 0 and held.sync == sync and task.state in (TaskState.TASK_LIVE, TaskState.TASK_EXITED)
            if self._is_lock(held)
        ]

    def waits_for(self, number: int) -> int:
        """Number of the object that a task waits for, -1 where it is not known."""
        return self._reading.tasks[number].waits_for

    def at(self, number: int) -> Place | None:
        """Where a task made its last call."""
        return self.place(self._reading.tasks[number].at)

    def called_from(self, number: int) -> Place | None:
        """From where the function was called in which it did."""
        return self.caller(self._reading.tasks[number].at)

    def made(self, sync: int) -> trace.Origin | None:
        """Which call made an object that tasks wait for: what has an origin, or was initialised in memory."""
        found = self._reading.syncs.get(sync)
        place = self.place(found.made) if found is not None else None
        if found is None or place is None:
            return None
        site = (found.made.image, found.made.pc)
        origin = self.found(lambda origin: (origin.site.image, origin.site.pc) == site)
        call = _INITIALISERS.get(SyncKind(found.kind), "")
        if origin is not None or not call:
            return origin
        kind = SyncKind(found.kind).name.removeprefix("SYNC_").removeprefix("POSIX_").lower()
        return trace.Origin(kind, call, "", place, self.caller(found.made), name=text(found.name))

    def born(self, pid: int) -> trace.Origin | None:
        """The fork() of a process."""
        for task in reversed(self._reading.tasks):
            place = self.place(task.born)
            if task.pid == pid and not task.thread and place is not None:
                return trace.Origin("process", "fork", self.who(task.parent), place, self.caller(task.born))
        return None

    # --- origins

    def origin(self, origin: Origin) -> trace.Origin:
        """Which call made an object."""
        kind = OriginNumber(origin.kind)
        in_table = kind in _IN_TABLES
        return trace.Origin(
            kind=_ORIGINS[kind],
            call=call_name(origin.call),
            process=self.who(origin.task),
            place=self._sure(origin.site),
            caller=self.caller(origin.site),
            name=_key(origin.device) if kind in SYSTEM_V else text(origin.name),
            id=str(origin.id) if kind in SYSTEM_V else "",
            device=0 if in_table else origin.device,
            inode=0 if in_table else origin.id,
            removed=bool(origin.removed),
        )

    def found(self, wanted: Callable[[Origin], bool]) -> trace.Origin | None:
        """The last one that is wanted: what has the same name now was made last."""
        origin = next((origin for origin in reversed(self._reading.origins) if wanted(origin)), None)
        return self.origin(origin) if origin is not None else None

    # --- where it has been, and in which order

    def _visits(self) -> tuple[Visited, ...]:
        seen = self._reading
        return tuple(
            Visited(
                task=seen.paths[visit.task],
                program=seen.images[visit.site.image],
                address=visit.site.pc,
                call=call_name(visit.call),
                count=visit.count,
                after=bool(visit.after),
                born=seen.tasks[visit.task].born.pc,
            )
            for visit in seen.visits
            if visit.site.pc
        )

    def _events(self) -> tuple[TraceEvent, ...]:
        seen = [event for event in self._reading.events if event.kind in _EVENTS]
        began = seen[0].nanoseconds if seen else 0
        return tuple(
            TraceEvent(
                at=max(event.nanoseconds - began, 0) / 1e9,
                process=self.who(event.task),
                kind=_EVENTS[EventNumber(event.kind)],
                call=call_name(event.call),
                object=self._sync(event.sync),
                value=event.value,
                error=errno.errorcode.get(event.error, "") if event.error else "",
                other=self.who(event.other),
                place=self.place(event.site),
                woken_by=woken_by,
            )
            for event, woken_by in zip(seen, _wakers(seen, self._reading.tasks), strict=True)
        )


def _writes(access: Access) -> bool:
    return bool(access.flags & AccessFlag.ACCESS_WRITE)


def _deed(access: Access) -> str:
    return "writes" if _writes(access) else "reads"


def _wakers(events: Sequence[Event], tasks: Sequence[Task]) -> list[int]:
    """For each event the index of the one that ended the wait which it ends; -1 where that is not known."""
    found = []
    given: dict[int, dict[int, int]] = {}  # sync -> task -> its last event that gives
    ended: dict[int, int] = {}  # pid -> where it exited
    waiting: dict[int, int] = {}  # task -> index of the wait that it is in
    for index, event in enumerate(events):
        waker = -1
        if event.kind == EventNumber.EVENT_WAIT:
            waiting[event.task] = index
        elif event.kind == EventNumber.EVENT_RETURN:
            began = waiting.pop(event.task, -1)
            if call_name(event.call) in _REAPS:
                waker = ended.get(event.value, -1)
            elif event.sync >= 0:
                others = [at for task, at in given.get(event.sync, {}).items() if task != event.task]
                waker = max(others, default=-1)
            waker = waker if waker > began >= 0 else -1
        elif event.kind == EventNumber.EVENT_EXIT:
            ended[tasks[event.task].pid] = index
        if event.sync >= 0 and _gives(event):
            given.setdefault(event.sync, {})[event.task] = index
        found.append(waker)
    return found


def _gives(event: Event) -> bool:
    if event.kind not in (EventNumber.EVENT_CALL, EventNumber.EVENT_RETURN):
        return False
    name = call_name(event.call)
    return name in _GIVES or (name == "semop" and event.value > 0)
