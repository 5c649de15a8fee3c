"""What a trace shows beside a case that went wrong: calls that failed, who left where, what was made and is there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader.model.places import at, spot
from grader.model.verdict import Finding, Verdict
from grader.trace import EventKind, Origin, Place, ReportKind, Trace, TracedAccess, TraceEvent, TraceReport

_MOST = 4
_AGAIN = 20  # so many events of one call at one line are a loop
# Failures by which a program learns what it asked for: they are no trouble.
_ANSWERS = frozenset(
    {("wait", "ECHILD"), ("waitpid", "ECHILD"), ("waitid", "ECHILD"), ("read", "EAGAIN"), ("shm_unlink", "ENOENT")}
    | {("sem_unlink", "ENOENT"), ("mq_unlink", "ENOENT"), ("unlink", "ENOENT")}
)

# Words of a step about an object (grader.planning) -> what the runtime calls such an object.
_OBJECTS = {
    "shared memory segment": ("shared memory segment",),
    "semaphore set": ("semaphore set",),
    "message queue": ("message queue", "POSIX message queue"),
    "shared memory object": ("POSIX shared memory object",),
    "semaphore ": ("POSIX named semaphore",),
    "FIFO": ("FIFO",),
    "socket": ("socket",),
}

# What a step that waits until a program is blocked says (grader.planning) -> the calls that are meant by it.
_BLOCKED = re.compile(r"blocked in (a lock call|a wait for a signal|[a-z_]+\(\))")
_HANDLES = re.compile(r"until \S+ handles SIG")
_HANDLERS = ("sigaction", "signal")
_CALLS = {
    "a lock call": ("fcntl", "flock", "lockf"),
    "a wait for a signal": ("pause", "sigsuspend", "sigwait"),
    "wait()": ("wait", "waitpid", "waitid"),
    "sem_wait()": ("sem_wait", "sem_timedwait"),
    "open()": ("open", "fopen"),
    "read()": ("read", "recv", "fgets", "fgetc", "fread", "getline", "scanf"),
    "write()": ("write", "send", "fflush", "fwrite", "fputs"),
    "recv()": ("recv", "read"),
    "send()": ("send", "write"),
    "poll()": ("poll", "select", "epoll_wait"),
}


def starved(event: TraceEvent) -> bool:
    """Whether a call failed because descriptors, memory or room were used up."""
    return event.error in ("EMFILE", "ENFILE", "ENOMEM", "ENOSPC")


def failed_calls(trace: Trace | None, process: str = "", most: int = _MOST) -> list[TraceEvent]:
    """The last calls that failed, each call of a process at a line once: those for want of something first.

    process: of that one only, where any of its calls failed.
    """
    found: dict[tuple[str, str, str], TraceEvent] = {}
    for event in trace.events if trace else ():
        told = event.kind in (EventKind.CALL, EventKind.RETURN, EventKind.FAULT) and event.error
        if told and (event.call, event.error) not in _ANSWERS and spot(event.place):
            found[event.process, event.call, spot(event.place)] = event
    events = [event for event in found.values() if event.process == process] or list(found.values())
    wanting = [event for event in events if starved(event)][-most:]
    others = [event for event in events if not starved(event)]
    return [*wanting, *others[max(0, len(others) - most + len(wanting)) :]]


def failed_words(events: Iterable[TraceEvent]) -> Iterator[str]:
    """ "semop() of child 1 of shm_counter failed with EINTR at shm_counter.c:53 in take()"."""
    for event in events:
        yield f"{event.call}() of {event.process} failed with {event.error}{at(event.place)}"


def exit_of(trace: Trace | None, process: str) -> tuple[Place | None, str]:
    """Where a process called exit(), or else its last call, and a sentence on it; (None, "") where neither is known."""
    for task in trace.tasks if trace else ():
        if task.name == process and spot(task.exits):
            return task.exits, f"{process} exited{at(task.exits)}"
        if task.name == process and spot(task.at):
            what = f"{task.call}() " if task.call else ""
            return task.at, f"the last call of {process} was {what}{at(task.at, task.caller).lstrip()}"
    return None, ""


def children_ended(trace: Trace | None) -> Iterator[tuple[Place | None, str]]:
    """Each child that a signal has ended: where it was last, and a sentence on it. A case itself sends SIGKILL."""
    for task in trace.tasks if trace else ():
        if task.ended_by not in ("", "SIGKILL") and "." in task.path:
            last = f"; it was last seen{at(task.at, task.caller)}" if spot(task.at) else ""
            yield task.at, f"{task.name} was ended by {task.ended_by}{last}"


def waiting_in(trace: Trace | None, process: str) -> tuple[Place | None, str]:
    """In which call a process was at the end, and a sentence on it; (None, "") where it is in none."""
    for task in trace.tasks if trace else ():
        if task.name == process and task.waiting and spot(task.at):
            return task.at, f"{process} waits in {task.call}(){at(task.at, task.caller)}"
    return None, ""


def running_in(trace: Trace | None, process: str) -> tuple[Place | None, str]:
    """Where a process, or a thread of it, was when it was stopped, or what it did again and again, and a sentence on
    it; (None, "") where it is not known."""
    tasks = trace.tasks if trace else ()
    pids = {task.pid for task in tasks if task.name == process}
    for task in sorted(tasks, key=lambda task: task.name != process):
        if task.pid in pids and spot(task.running):
            return task.running, f"{task.name} was{at(task.running)}"
    # In a container nobody sees where it is; but most loops make a call each time.
    calls = Counter(
        (event.call, event.place)
        for event in (trace.events if trace else ())
        if event.process == process and event.call and spot(event.place)
    )
    for (call, place), times in calls.most_common(1):
        if times >= _AGAIN:
            return place, f"{process} called {call}() again and again{at(place)}"
    return waiting_in(trace, process)


def printing_in(trace: Trace | None, process: str) -> tuple[Place | None, str]:
    """Where what came on a program's output was printed last, and a sentence on it; (None, "") where it is not known.

    Several processes, and both streams, may lead to the same output: then nobody knows which it was.
    """
    tasks = trace.tasks if trace else ()
    root = next((task.path for task in tasks if task.name == process), None)
    family = [task for task in tasks if root is not None and f"{task.path}.".startswith(f"{root}.")]
    places = [place for task in family for place in (task.stdout, task.stderr) if place is not None and spot(place)]
    return (places[0], f"the last of it was printed{at(places[0])}") if len(places) == 1 else (None, "")


def objects_of(trace: Trace | None, words: str) -> list[Origin]:
    """Of a step that waits for an object to come or go, by its words: those of its kind that are there."""
    if trace is None or not words.endswith((" exists", " is gone")):
        return []
    kinds = next((kinds for name, kinds in _OBJECTS.items() if f"until {name}" in words), ())
    return [made for made in trace.origins if made.kind in kinds and not made.removed and _made(made)]


def objects_made(trace: Trace | None) -> list[Origin]:
    """The first objects that have a name or key and were made at lines of their own, also if they are gone."""
    kinds = {kind for names in _OBJECTS.values() for kind in names}
    made: dict[str, Origin] = {}
    for origin in trace.origins if trace else ():
        if origin.kind in kinds and _made(origin):
            made.setdefault(spot(origin.place), origin)
    return list(made.values())[:_MOST]


def _made(origin: Origin) -> bool:
    """Has a line of the submission made it? A FIFO is known from its first open(), too, which does not make it."""
    return bool(spot(origin.place)) and not (origin.kind == "FIFO" and "open" in origin.call)


def calls_asked_for(trace: Trace | None, words: str) -> tuple[list[Place], list[str]]:
    """Of a step that waits until somebody is blocked in a call, or handles signals, by its words: where such calls were
    made instead."""
    asked = _BLOCKED.search(words)
    if trace is None or not trace.events or not (asked or _HANDLES.search(words)):
        return [], []
    names = _CALLS.get(asked[1], (asked[1].removesuffix("()"),)) if asked else _HANDLERS
    found = {
        (event.call, spot(event.place)): event.place
        for event in trace.events
        if event.call in names and event.place is not None and spot(event.place)
    }
    some = list(found.items())[-_MOST:]
    return [place for _, place in some], [f"{call}() was called{at(place)}" for (call, _), place in some]


def object_words(origin: Origin) -> str:
    """ "there is a semaphore set 0x1234, made by semget() of shm_counter at shm_counter.c:42 in make_objects()"."""
    named = f" {origin.name}" if origin.name else ""
    where = at(origin.place, origin.caller)
    there = "was" if origin.removed else "is"
    return f"there {there} a {origin.kind}{named}, made by {origin.call}() of {origin.process}{where}"


def first_of_each_line(reports: Iterable[TraceReport]) -> list[TraceReport]:
    """Those about the same lines once."""
    found: dict[tuple[ReportKind, tuple[tuple[str, int, str], ...]], TraceReport] = {}
    for report in reports:
        if report.accesses:
            lines = tuple(sorted({line_of(access) for access in report.accesses}))
            found.setdefault((report.kind, lines), report)
    return list(found.values())


def line_of(access: TracedAccess) -> tuple[str, int, str]:
    """What two accesses of the same line have in common: file, line, and without a line the function."""
    return access.place.file, access.place.line, "" if access.place.line else access.place.function


def explains(found: Finding) -> Finding:
    """Costs nothing by itself; of a case that came out wrong it is told as the cause (see grader_check_trace)."""
    return replace(found, verdict=Verdict.PASSED, data={**found.data, "explains": True})
