"""Checks `races` and `sharing`: what processes do to shared memory is ordered by something.

The runtime of the traced build reports each pair of places once (sandbox/runtime/README.md); a line like `(*c)++`
reads and writes, so that up to three reports are about the same two lines: they are told as one race. What
they have in common with what was held then decides what a student is told to look at.

Lost and split updates and circles in the order of locks are only notes: right programs have them, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader import (
    CaseObservation,
    Finding,
    HeldLock,
    Place,
    ReportKind,
    Trace,
    TracedAccess,
    TraceReport,
    Verdict,
    access_json,
    at,
    holding,
    hookimpl,
    located,
    place_json,
    spot,
)

_SLEEPS = frozenset({"sleep", "usleep", "nanosleep", "clock_nanosleep"})
_BYTES = re.compile(r"\bbytes? \d+(?: to \d+)?")
_COLUMN = 34  # characters of a column of the picture


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "races": "every two uses of the same shared memory are ordered by a lock, a message or a wait",
        "sharing": "what several processes wait on lies in shared memory and is made to be shared",
    }


@hookimpl
def grader_check_trace(observation: CaseObservation) -> Iterator[Finding]:
    """Races, semaphores and mutexes that are none, and what explains why a run came out wrong."""
    trace = observation.trace
    if trace is None:
        return
    if not trace.intact:
        yield _written_over(trace)
        return
    for race in _races(trace.reports):
        yield race.finding(trace)
    for report in trace.reports:
        if report.kind is ReportKind.INIT_RACE:
            yield _set_too_late(report)
        elif report.kind in _NOT_SHARED:
            yield _not_shared(report)
        elif report.kind is ReportKind.LOCK_CYCLE:
            yield _cycle(report)
        elif report.kind in (ReportKind.LOST_UPDATE, ReportKind.SPLIT_UPDATE):
            yield _update(report)


def _written_over(trace: Trace) -> Finding:
    return Finding(
        "races",
        f"one of its processes wrote over memory that is not theirs ({trace.damage})",
        expected="every process writes only to its own memory and to what it shares",
        because="What lies beside an array belongs to somebody else: here it was the record of what the processes did.",
        hint="Which pointer or index was never checked? The memory check (AddressSanitizer) may name the line.",
        data={"kind": "damage", "damage": trace.damage},
    )


# --- races ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Situation:
    """What kind of mistake it looks like."""

    name: str
    missing: str  # what would have ordered the two
    because: str
    hint: str


@dataclass(frozen=True)
class _Race:
    """All reports about the same two lines."""

    reports: tuple[TraceReport, ...]

    @property
    def first(self) -> TracedAccess:
        return self.reports[0].accesses[0]

    @property
    def second(self) -> TracedAccess:
        return self.reports[0].accesses[1]

    def updates(self, access: TracedAccess) -> bool:
        """Whether the line of an access both reads and writes."""
        here = _line(access)
        does = {_writes(one) for report in self.reports for one in report.accesses[:2] if _line(one) == here}
        return len(does) == 2

    def finding(self, trace: Trace) -> Finding:
        one, other, report = self.first, self.second, self.reports[0]
        situation = _situation(self, trace)
        what = report.object or "shared memory"
        accesses = [access for each in self.reports for access in each.accesses[:2]]
        rows = _interleaving(self, what)
        where = f"{_did(self, one)}{_short(one)} while {other.process} {_did(self, other)}{_short(other)}"
        made = f"{what} was made{at(report.made)}" if spot(report.made) else ""
        return Finding(
            "races",
            f"race on {what}: {one.process} {where}, and nothing orders the two ({situation.name})",
            expected=situation.missing,
            locations=located(one.place, other.place, one.caller, other.caller)[:4],
            because=situation.because,
            hint=situation.hint,
            details=tuple(
                line
                for line in (
                    f"{one.process} {_did(self, one)}{at(one.place, one.caller)}, {_circumstances(one)}",
                    f"{other.process} {_did(self, other)}{at(other.place, other.caller)}, {_circumstances(other)}",
                    made,
                    *_picture(rows, _consequence(self)),
                )
                if line
            ),
            data={
                "kind": ReportKind.RACE.value,
                "situation": situation.name,
                "object": what,
                "made": place_json(report.made),
                "accesses": [access_json(access) for access in accesses],
                "interleaving": rows,
            },
        )


def _races(reports: Sequence[TraceReport]) -> list[_Race]:
    """Those about the same two lines together, in the order in which they were found."""
    found: dict[frozenset[tuple[str, int, str]], list[TraceReport]] = {}
    for report in reports:
        if report.kind is ReportKind.RACE and len(report.accesses) >= 2:
            found.setdefault(frozenset(_line(access) for access in report.accesses[:2]), []).append(report)
    return [_Race(tuple(group)) for group in found.values()]


def _line(access: TracedAccess) -> tuple[str, int, str]:
    return access.place.file, access.place.line, "" if access.place.line else access.place.function


def _writes(access: TracedAccess) -> bool:
    return not access.what.startswith(("reads", "loads"))


def _did(race: _Race, access: TracedAccess) -> str:
    """ "changes it (reads, then writes)", "writes it"."""
    if race.updates(access):
        return "changes it (reads, then writes)"
    return f"{access.what} it" if access.what in ("reads", "writes") else access.what


def _short(access: TracedAccess) -> str:
    return f" at {spot(access.place)}" if spot(access.place) else ""


def _circumstances(access: TracedAccess) -> str:
    handler = "in a signal handler, " if access.in_handler else ""
    atomic = "atomically, " if access.atomic else ""
    return f"{handler}{atomic}{holding(access.held)}"


# --- which mistake it looks like ------------------------------------------------------------------


def _situation(race: _Race, trace: Trace) -> _Situation:
    one, other = race.first, race.second
    both = {lock.name for lock in one.held} & {lock.name for lock in other.held}
    if both:
        return _same_lock(race, min(both))
    if one.held and other.held:
        return _different_locks(one.held[-1], other.held[-1])
    if one.held or other.held:
        return _one_side(*((one, other) if one.held else (other, one)))
    if one.atomic or other.atomic:
        return _half_atomic(one if one.atomic else other, other if one.atomic else one)
    if _slept(one, trace) or _slept(other, trace):
        return _Situation(
            "they are kept apart by sleeping only",
            f"that {other.process} waits for a state (a semaphore, a message, the end of {one.process}), not a time",
            "sleep() orders nothing: on a busy machine the other process may need longer than you slept.",
            "What is it really that you wait for there, and which call returns exactly when it has happened?",
        )
    if _is_parent(one.process, other.process) and not _changes_both(race):
        return _Situation(
            "the parent writes after the child has been started",
            f"that {one.process} writes before fork(), or that {other.process} waits until it has written",
            "From fork() on the child runs whenever it likes: it may read before the parent has written.",
            f"Can line {one.place.line} stand before fork()? If not: which call makes the child wait for it?",
        )
    if _is_parent(other.process, one.process) and not _changes_both(race):
        return _Situation(
            "the parent does not wait for the child",
            f"that {other.process} waits for {one.process}: wait(), a semaphore or a message",
            "The parent runs on while the child works: what it finds in shared memory is there by luck.",
            f"Which call before line {other.place.line} returns only when {one.process} has written?",
        )
    if _changes_both(race):
        return _Situation(
            "no lock at all",
            "one lock that both hold from before they read until they have written",
            "To change a value is to read it, to compute, and to write it: what another process writes in between "
            "is lost, in one run of thousands or in every second one.",
            f"Which call must stand before line {one.place.line}, and which behind it, so that only one process is "
            "between them at a time?",
        )
    writer, reader = (one, other) if _writes(one) else (other, one)
    return _Situation(
        "nothing tells the one that the other is done",
        f"that {reader.process} waits for {writer.process} (a semaphore, a message, a lock), which is told only after "
        "it has written",
        "Shared memory tells nobody that it has changed: who reads too early gets what was there before, or a half.",
        f"Is the other process told (V, write, signal) before line {writer.place.line}, or not told at all?",
    )


def _same_lock(race: _Race, name: str) -> _Situation:
    one, other = race.first, race.second
    shared = next(
        (access for access in (one, other) if any(lock.shared and lock.name == name for lock in access.held)), None
    )
    if shared is not None:
        return _Situation(
            "a lock for readers, held while writing",
            f"that whoever writes holds {name} for writing (F_WRLCK, LOCK_EX, a write lock)",
            "A shared lock lets in everybody who asks for a shared one, too: it only keeps writers out.",
            f"Which kind of lock does {shared.process} ask for at {_taken(shared, name)}, and what does it do then?",
        )
    return _Situation(
        "both hold the same semaphore at the same time",
        f"that {name} begins with the value 1, so that one process can hold it at a time",
        "A semaphore lets in as many processes as its value says: it is a lock only if that begins with 1 and each "
        "process gives back exactly what it took.",
        "With which value is the semaphore initialised, and can it be raised more often than it is lowered?",
    )


def _different_locks(one: HeldLock, other: HeldLock) -> _Situation:
    if one.name != other.name and _BYTES.sub("", one.name) == _BYTES.sub("", other.name) and _BYTES.search(one.name):
        return _Situation(
            "locks on different ranges of the file",
            "that both lock the same bytes",
            "Record locks keep each other out only where their ranges overlap.",
            f"What are l_start, l_len and l_whence at {spot(one.place)} and at {spot(other.place)}?",
        )
    return _Situation(
        "two different locks",
        "one and the same lock on both sides",
        f"Whoever holds {one.name} does not keep out those who hold {other.name}.",
        "Which lock belongs to this data? Take that one wherever the data is used.",
    )


def _one_side(locked: TracedAccess, bare: TracedAccess) -> _Situation:
    lock = locked.held[-1]
    taken = lock.place
    same = bare.place.file == taken.file and bare.place.function == taken.function and bool(bare.place.function)
    missing = f"that {bare.process}, too, holds {lock.name} at {spot(bare.place) or 'its access'}"
    if same and 0 < bare.place.line < taken.line:
        return _Situation(
            "used before the lock is taken",
            missing,
            "What was read before the lock is out of date as soon as another process has had the lock.",
            f"Line {bare.place.line} comes before {spot(taken)}, where the lock is taken: which of them must be first?",
        )
    if same and bare.place.line > taken.line:
        return _Situation(
            "used after the lock was given back",
            missing,
            "As soon as the lock is given back another process is in, and what is written then destroys its work.",
            f"Between {spot(taken)}, where the lock is taken, and line {bare.place.line}: where is it given back?",
        )
    return _Situation(
        "only one of them takes the lock",
        missing,
        "A lock keeps out only those who ask for it: all who use the data must hold it, also those who only read.",
        f"{locked.process} holds {lock.name}; which call is missing before line {bare.place.line}?",
    )


def _half_atomic(atomic: TracedAccess, bare: TracedAccess) -> _Situation:
    return _Situation(
        "atomic on one side only",
        "that both sides are atomic, or both hold a lock",
        f"What is atomic at {spot(atomic.place) or 'one place'} is not protected from a plain access.",
        f"Why is line {bare.place.line} not atomic, too?",
    )


def _changes_both(race: _Race) -> bool:
    return race.updates(race.first) or race.updates(race.second) or (_writes(race.first) and _writes(race.second))


def _is_parent(one: str, other: str) -> bool:
    """Whether `other` is named as a child of `one`."""
    return re.fullmatch(rf"child \d+ of {re.escape(one)}", other) is not None


def _slept(access: TracedAccess, trace: Trace) -> bool:
    slept = {event.process for event in trace.events if event.call in _SLEEPS}
    slept |= {task.name for task in trace.tasks if task.call in _SLEEPS}
    return access.process in slept


def _taken(access: TracedAccess, name: str) -> str:
    return next((spot(lock.place) for lock in access.held if lock.name == name and spot(lock.place)), "the lock call")


# --- the picture ------------------------------------------------------------------------------------


def _interleaving(race: _Race, what: str) -> list[dict[str, Any]]:
    """An order of events that does harm, in rows of a process, what it does, and where."""
    one, other = race.first, race.second
    if one.process == other.process:
        other = TracedAccess(f"{other.process} (once more)", other.what, other.place)

    def row(access: TracedAccess, text: str) -> dict[str, Any]:
        return {"process": access.process, "text": text, "place": place_json(access.place)}

    changes = [race.updates(access) or _writes(access) for access in (race.first, race.second)]
    if all(changes) and (race.updates(race.first) or race.updates(race.second)):
        return [
            row(one, "reads, say, 5"),
            row(other, "reads 5, too"),
            row(one, "writes 6"),
            row(other, "writes 6"),
        ]
    if all(changes):
        return [row(one, f"writes {what}"), row(other, "writes the same bytes")]
    writer, reader = (one, other) if changes[0] else (other, one)
    return [row(reader, f"reads {what}"), row(writer, f"writes {what}")]


def _consequence(race: _Race) -> str:
    updates = race.updates(race.first) or race.updates(race.second)
    if updates and _changes_both(race) and all(_writes(a) or race.updates(a) for a in (race.first, race.second)):
        return "two changes were made, and one is lost: 6, not 7"
    if _writes(race.first) and _writes(race.second):
        return "which of the two stays is a matter of luck"
    return "it reads what was there before, and never learns of what is written then"


def _picture(rows: Sequence[Mapping[str, Any]], consequence: str) -> Iterator[str]:
    """Two columns, time downwards."""
    names = list(dict.fromkeys(row["process"] for row in rows))
    yield "how it breaks (time runs downwards):"
    yield "  " + " | ".join(f"{name:<{_COLUMN}}" for name in names).rstrip()
    yield "  " + "-+-".join("-" * _COLUMN for _ in names)
    for row in rows:
        cells = [_cell(row) if name == row["process"] else "" for name in names]
        yield "  " + " | ".join(f"{cell:<{_COLUMN}}" for cell in cells).rstrip()
    yield f"  => {consequence}"


def _cell(row: Mapping[str, Any]) -> str:
    place = row["place"]
    line = f":{place['line']} " if place and place["line"] else ""
    return f"{line}{row['text']}"


# --- semaphores and mutexes ------------------------------------------------------------------------


def _set_too_late(report: TraceReport) -> Finding:
    one, other = report.accesses[0], report.accesses[-1]
    what = report.object or "a semaphore"
    return Finding(
        "races",
        f"race on the first value of {what}: {other.process} sets it{_short(other)}, but {one.process} may already "
        f"use it{_short(one)}",
        expected=f"that {what} has its value before anybody can use it: set before fork(), or before others hear of it",
        locations=located(one.place, other.place, one.caller, other.caller)[:4],
        because="Setting a semaphore forgets who was in already: whoever came before gets in a second time, or is "
        "never let in.",
        hint=f"Which comes first, line {other.place.line} or the fork() of those who use it? And if several processes "
        "may create it: which one sets the value, and how do the others know that it has?",
        details=(
            f"{one.process} {one.what}{at(one.place, one.caller)}",
            f"{other.process} {other.what}{at(other.place, other.caller)}",
            "nothing orders the two: no fork, message, signal or wait from one to the other",
        ),
        data={
            "kind": report.kind.value,
            "situation": "initialised after its users were started",
            "object": what,
            "made": place_json(report.made),
            "accesses": [access_json(access) for access in report.accesses],
            "interleaving": [
                {"process": one.process, "text": f"uses {what}", "place": place_json(one.place)},
                {"process": other.process, "text": f"sets {what}", "place": place_json(other.place)},
            ],
        },
    )


_NOT_SHARED: Mapping[ReportKind, tuple[str, str, str]] = {
    ReportKind.SEM_PRIVATE: (
        "is made to be shared, but lies in memory that is not",
        "After fork() each process has a copy of its own: it raises and lowers a semaphore that nobody else looks at.",
        "In which memory does the sem_t lie? All its processes must share that (shmat, or mmap with MAP_SHARED).",
    ),
    ReportKind.SEM_NOT_SHARED: (
        "lies in shared memory, but is made for the threads of one process",
        "sem_init(..., 0, ...) promises that only threads of one process use it: others may never be woken.",
        "What does the second argument of sem_init() mean?",
    ),
    ReportKind.MUTEX_NOT_SHARED: (
        "lies in shared memory, but is not made to be shared between processes",
        "Without PTHREAD_PROCESS_SHARED it is made for the threads of one process: another process may never be woken.",
        "Which attribute has to be set before it is initialised (pthread_mutexattr_setpshared and its relatives)?",
    ),
}


def _not_shared(report: TraceReport) -> Finding:
    wrong, because, hint = _NOT_SHARED[report.kind]
    access = report.accesses[0]
    what = report.object or report.text or "the semaphore"
    return Finding(
        "sharing",
        f"{what} {wrong}: {access.process} initialises it{at(access.place, access.caller)}",
        locations=located(access.place, access.caller, report.made),
        because=because,
        hint=hint,
        data={
            "kind": report.kind.value,
            "object": what,
            "text": report.text,
            "made": place_json(report.made),
            "accesses": [access_json(one) for one in report.accesses],
        },
    )


# --- what only explains ----------------------------------------------------------------------------


def _cycle(report: TraceReport) -> Finding:
    return Finding(
        "races",
        "locks are taken in different orders: "
        + "; ".join(f"{one.process} has {_names(one.held)} and then wants {_wanted(one)}" for one in report.accesses),
        Verdict.PASSED,
        locations=located(*(one.place for one in report.accesses)),
        because="If each has its first lock when it asks for the second one, each waits for the other for ever.",
        hint="In which one order could all of them take these locks?",
        details=tuple(
            f"{one.process} wants {_wanted(one)}{at(one.place, one.caller)}, {holding(one.held)}"
            for one in report.accesses
        ),
        data={"kind": report.kind.value, "accesses": [access_json(one) for one in report.accesses]},
    )


def _wanted(access: TracedAccess) -> str:
    return access.what.removeprefix("wants ")


def _names(held: Sequence[HeldLock]) -> str:
    return " and ".join(lock.name for lock in held) or "nothing"


def _update(report: TraceReport) -> Finding:
    read, write = report.accesses[0], report.accesses[1]
    lost = report.accesses[2] if len(report.accesses) > 2 else None
    what = report.object or "shared memory"
    if lost is not None:
        message = f"{read.process} read {what}{_short(read)} and wrote it{_short(write)}; what {lost.process} wrote "
        message += f"in between{_short(lost)} is lost"
    else:
        message = f"{read.process} reads {what}{_short(read)} under a lock and writes it{_short(write)} under another "
        message += "turn of the lock: what comes in between is lost"
    rows: list[tuple[Place | None, str, str]] = [(read.place, read.process, "reads")]
    if lost is not None:
        rows.append((lost.place, lost.process, "writes"))
    rows.append((write.place, write.process, "writes"))
    return Finding(
        "races",
        message,
        Verdict.PASSED,
        locations=located(read.place, *([lost.place] if lost else []), write.place),
        because="A value that was read before others could change it is out of date when it is written back.",
        hint="Must the lock not be held from the read to the write?",
        data={
            "kind": report.kind.value,
            "object": what,
            "accesses": [access_json(one) for one in report.accesses],
            "interleaving": [
                {"process": process, "text": text, "place": place_json(place)} for place, process, text in rows
            ],
        },
    )
