"""Check `races`: what processes do to shared memory is ordered by something.

The runtime of the traced build reports each pair of places once (sandbox/runtime/README.md). A line like `(*c)++`
reads and writes, and whoever forgets a lock forgets it for several lines, so reports about the same memory that
have a line in common are told as one race. What was held at the two places decides what a student is told to look at.

Lost and split updates are only notes: right programs have them, too. So are races
on the bytes of a file, but where a case came out wrong they are its cause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from grader import (
    CaseObservation,
    FailedLock,
    Finding,
    HeldLock,
    Place,
    ReportKind,
    Submission,
    Trace,
    TracedAccess,
    TraceReport,
    Verdict,
    access_json,
    at,
    explains,
    first_of_each_line,
    holding,
    hookimpl,
    in_line,
    line_of,
    located,
    place_json,
    spot,
)

_SLEEPS = frozenset({"sleep", "usleep", "nanosleep", "clock_nanosleep"})
_BYTES = re.compile(r"\bbytes? \d+(?: to \d+)?")
_ASSEMBLY = re.compile(rb"\b(?:asm|__asm|__asm__)\b")
# Instructions that read and write in one step, of x86, ARM and RISC-V.
_ATOMIC = re.compile(
    rb"\b(?:lock|xchg[bwlq]?|cmpxchg\w*|xadd[bwlq]?|ldrex\w*|ldax?r\w*|ldxr\w*|swp\w*|cas\w*|ldadd\w*|amo\w+|lr\.\w+)\b"
)
_STATEMENTS, _STATEMENT = 100, 500  # asm statements of a file, and bytes of one, that are looked at
_COLUMN = 34  # characters of a column of the picture


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "races": "every two uses of the same shared memory are ordered by a lock, a message or a wait",
    }


@hookimpl
def grader_check_trace(observation: CaseObservation, submission: Submission) -> Iterator[Finding]:
    """Races, and what explains why a run came out wrong."""
    trace = observation.trace
    if trace is None:
        return
    if not trace.intact:
        yield _written_over(trace)
        return
    races = [race.finding(trace) for race in _races(trace.reports, ReportKind.RACE)]
    hidden = _hidden_order(submission) if races else ""
    yield from (_doubtful(found, hidden) for found in races) if hidden else races
    for race in _races(trace.reports, ReportKind.FILE_RACE):
        yield explains(race.finding(trace))
    for report in first_of_each_line(trace.reports):
        if report.kind in (ReportKind.LOST_UPDATE, ReportKind.SPLIT_UPDATE):
            yield _update(report)


def _hidden_order(submission: Submission) -> str:
    """Where a source has an atomic instruction in inline assembly, "" where none has.

    No compiler says what such an instruction reads and writes, so whatever is ordered by it looks unordered.
    """
    for name, source in submission.files.items():
        for found in islice(_ASSEMBLY.finditer(source), _STATEMENTS):
            statement = source[found.end() : found.end() + _STATEMENT].partition(b");")[0]
            if _ATOMIC.search(statement.partition(b'"')[2]):
                line = source[: found.start()].count(b"\n") + 1
                return f"{name}:{line}"
    return ""


def _doubtful(found: Finding, hidden: str) -> Finding:
    told = f"{hidden}: what the inline assembly here orders cannot be seen; it may be what keeps the two apart"
    return explains(replace(found, details=(*found.details, told)))


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
    """What kind of mistake it looks like. places: other lines that it is about."""

    name: str
    missing: str  # what would have ordered the two
    because: str
    hint: str
    places: tuple[Place, ...] = ()


@dataclass(frozen=True)
class _Race:
    """Reports that hang together; the first one is the one that is told. noun: where the bytes are."""

    reports: tuple[TraceReport, ...]

    @property
    def noun(self) -> str:
        return "a file" if self.reports[0].kind is ReportKind.FILE_RACE else "shared memory"

    @property
    def first(self) -> TracedAccess:
        return self.reports[0].accesses[0]

    @property
    def second(self) -> TracedAccess:
        return self.reports[0].accesses[1]

    @property
    def accesses(self) -> list[TracedAccess]:
        return [access for report in self.reports for access in report.accesses[:2]]

    def updates(self, access: TracedAccess) -> bool:
        """Whether the line of an access both reads and writes."""
        return len({_writes(one) for one in self.accesses if line_of(one) == line_of(access)}) == 2

    def updater(self) -> tuple[TracedAccess, TracedAccess] | None:
        """How a process reads and then writes what another one writes, too: the read and the write.

        Two that do so without any lock race with their writes, too. Where that was not seen, one reads and the other
        writes, in two branches of one function.
        """
        if not any(map(_both_write, self.reports)) and not any(access.held for access in self.accesses):
            return None
        for read in self.accesses:
            for write in self.accesses:
                before = read.place.line <= write.place.line or not _same_function(read.place, write.place)
                if not _writes(read) and _writes(write) and before and _alike(read, write):
                    return read, write
        return None

    def finding(self, trace: Trace) -> Finding:
        one, other, report = self.first, self.second, self.reports[0]
        situation = _situation(self, trace)
        what, made = _object(report)
        rows, consequence = _interleaving(self)
        where = f"{_did(self, one)}{in_line(one.place)} while {other.process} {_did(self, other)}{in_line(other.place)}"
        return Finding(
            "races",
            f"race on {what}, {situation.name}: {one.process} {where}, and nothing orders the two",
            expected=situation.missing,
            locations=located(
                one.place,
                other.place,
                *situation.places,
                one.caller,
                other.caller,
            )[:4],
            because=situation.because,
            hint=situation.hint,
            details=tuple(
                line
                for line in (
                    f"{one.process} {_did(self, one)}{at(one.place, one.caller)}, {_circumstances(one)}",
                    f"{other.process} {_did(self, other)}{at(other.place, other.caller)}, {_circumstances(other)}",
                    *self._more(),
                    f"{what}: made by {made}" if made else "",
                    *_picture(rows, consequence),
                )
                if line
            ),
            data={
                "kind": report.kind.value,
                "situation": situation.name,
                "object": what,
                "made": place_json(report.made),
                "accesses": [access_json(access) for access in self.accesses],
                "interleaving": rows,
            },
        )

    def _more(self) -> Iterator[str]:
        """The other pairs of lines."""
        told = {frozenset({line_of(self.first), line_of(self.second)})}
        for report in self.reports[1:]:
            one, other = report.accesses[:2]
            pair = frozenset({line_of(one), line_of(other)})
            if pair not in told and spot(one.place) and spot(other.place):
                told.add(pair)
                yield f"so do {spot(one.place)} ({one.what}) and {spot(other.place)} ({other.what})"


def _races(reports: Sequence[TraceReport], kind: ReportKind) -> list[_Race]:
    """Those about the same memory that have a line in common together, in the order in which they were found."""
    groups: list[list[TraceReport]] = []
    for report in reports:
        if report.kind is not kind or len(report.accesses) < 2:
            continue
        near = [group for group in groups if any(_related(report, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(other for group in near for other in group), report])
    return [_Race(tuple(sorted(group, key=_telling))) for group in groups]


def _related(one: TraceReport, other: TraceReport) -> bool:
    lines = [{line_of(access) for access in report.accesses[:2]} for report in (one, other)]
    return bool(lines[0] & lines[1]) and _BYTES.sub("", one.object) == _BYTES.sub("", other.object)


def _telling(report: TraceReport) -> int:
    """Those first where a lock was held: they show what was meant."""
    held = [bool(access.held) for access in report.accesses[:2]]
    return 0 if held[0] != held[1] else 1 if all(held) else 2


def _alike(one: TracedAccess, other: TracedAccess) -> bool:
    """Whether the same process, or one that runs the same code, does both in one function.

    Or the same process in functions that one function calls: read_record(), write_record(). Of two processes
    that would say nothing, for main() calls everything.
    """
    if one.process == other.process:
        return bool(_functions(one) & _functions(other))
    same_code = _family(one.process) == _family(other.process) != ""
    return same_code and (one.place.file, one.place.function) == (other.place.file, other.place.function)


def _functions(access: TracedAccess) -> set[tuple[str, str]]:
    """In which an access is made: its own function, and the one that called that."""
    return {(place.file, place.function) for place in (access.place, access.caller) if place is not None}


def _family(process: str) -> str:
    """Of "child 2 of x" the parent."""
    match = re.fullmatch(r"child \d+ of (.*)", process)
    return match[1] if match else ""


def _object(report: TraceReport) -> tuple[str, str]:
    """What it is about, and what made that: ("bytes 0 to 3 of ...", "shmget() at x.c:12")."""
    name, _, rest = report.object.partition(" (")
    return name or "shared memory", rest.removesuffix(")")


def _writes(access: TracedAccess) -> bool:
    return not access.what.startswith(("reads", "loads"))


def _did(race: _Race, access: TracedAccess) -> str:
    """ "changes it (reads, then writes)", "writes it"."""
    if race.updates(access):
        return "changes it (reads, then writes)"
    return f"{access.what} it" if access.what in ("reads", "writes") else access.what


def _circumstances(access: TracedAccess) -> str:
    handler = "in a signal handler, " if access.in_handler else ""
    atomic = "atomically, " if access.atomic else ""
    return f"{handler}{atomic}{holding(access.held, access.failed)}"


# --- which mistake it looks like ------------------------------------------------------------------


def _situation(race: _Race, trace: Trace) -> _Situation:
    one, other = race.first, race.second
    pairs = ((one, other), (other, one))
    both = {lock.name for lock in one.held} & {lock.name for lock in other.held}
    if both:
        return _same_lock(race, min(both), trace)
    known = next(filter(None, (said(*pair) for said in (_taken_in_vain, _given_too_early) for pair in pairs)), None)
    if known is not None:
        return known
    if one.held and other.held:
        return _different_locks(one.held[-1], other.held[-1])
    locked, bare = (one, other) if one.held else (other, one)
    # A parent that only reads what its children change under a lock may read it without, if it waits for them.
    awaits = _is_parent(bare.process, locked.process) and not _changes_both(race) and not _writes(bare)
    if locked.held and not awaits:
        return _one_side(locked, bare)
    if one.atomic or other.atomic:
        return _half_atomic(one if one.atomic else other, other if one.atomic else one)
    alone = not any(access.gave or access.counted or access.failed for access in (one, other))
    if alone and (_slept(one, trace) or _slept(other, trace)):
        return _Situation(
            "they are kept apart by sleeping only",
            f"that {other.process} waits for a state (a semaphore, a message, the end of {one.process}), not a time",
            "sleep() orders nothing: on a busy machine the other process may need longer than you slept.",
            "What is it really that you wait for there, and which call returns exactly when it has happened?",
        )
    if _changes_both(race):
        first, last = _section(race)
        return _Situation(
            "no lock at all",
            "one lock that both hold from before they read until they have written",
            "To change a value is to read it, to compute, and to write it: what another process writes in between "
            "is lost, in one run of thousands or in every second one.",
            f"Which call must stand before line {first}, and which behind {last}, so that only one process is "
            "between them at a time?",
        )
    return _unordered(*((one, other) if _writes(one) else (other, one)), race.noun)


def _unordered(writer: TracedAccess, reader: TracedAccess, noun: str) -> _Situation:
    """One writes, the other reads, and neither holds anything: what is missing is an order, not a lock."""
    if _is_parent(writer.process, reader.process):
        return _Situation(
            "the child does not wait for what its parent writes",
            f"that {writer.process} writes before fork(), or that {reader.process} waits until it has written",
            "From fork() on the child runs whenever it likes: it may read before the parent has written.",
            f"Can line {writer.place.line} stand before fork()? If not: what makes the child wait, and is it told only "
            "after that line?",
        )
    if _is_parent(reader.process, writer.process):
        return _Situation(
            "the parent does not wait for what its child writes",
            f"that {reader.process} waits (wait(), a semaphore, a message), and is woken only after line "
            f"{writer.place.line}",
            f"The parent runs on while the child works: what it finds in {noun} is there by luck.",
            f"Which call before line {reader.place.line} waits for {writer.process}? If there is one: does the child "
            f"give the sign before line {writer.place.line}, or after it?",
        )
    return _Situation(
        "nothing tells the one that the other is done",
        f"that {reader.process} waits for {writer.process} (a semaphore, a message, a lock), which is told only after "
        "it has written",
        f"{noun.capitalize()} tells nobody of a change: who reads too early gets the old value, or a half.",
        f"Is the other process told (V, write, signal) before line {writer.place.line}, or not told at all?",
    )


_IN_VAIN = {
    "EINTR": "A signal that comes while a process waits lets the call return with EINTR, and without the lock.",
    "EIDRM": "The semaphore set was removed while the process waited: nobody has a lock of it any more.",
    "EINVAL": "There is no such lock (any more): it was never initialised, or it has been removed.",
    "EDEADLK": "The call would have waited for ever, for the lock of its own process or in a circle: it came back.",
    "ENOTRECOVERABLE": "The owner of this robust mutex died, and the next one unlocked it without "
    "pthread_mutex_consistent(): from then on nobody can lock it.",
    **dict.fromkeys(
        ("EBUSY", "EAGAIN", "EACCES", "ETIMEDOUT"),
        "Another process had the lock: the call did not wait (any longer), and came back without it.",
    ),
}


def _taken_in_vain(bare: TracedAccess, other: TracedAccess) -> _Situation | None:
    """One goes on as if it had the lock that the other has, or that nobody else takes, though the call failed."""
    failed = bare.failed
    if failed is None or any(lock.name == failed.name for lock in bare.held):
        return None
    others = [lock.name for lock in other.held] or ([other.failed.name] if other.failed else [])
    if others and failed.name not in others:
        return None
    again = " After EINTR it is called once more." if failed.error == "EINTR" else ""
    return _Situation(
        "the call for the lock failed, and the program goes on",
        f"that {bare.process} comes to {spot(bare.place) or 'its access'} only when it has {failed.name}",
        _IN_VAIN.get(failed.error, f"The call returned with {failed.error}, and without the lock."),
        f"What does the call{at(failed.place, failed.caller)} return when it fails ({failed.error} here), and who "
        f"looks?{again}",
        _places(failed),
    )


def _given_too_early(bare: TracedAccess, other: TracedAccess) -> _Situation | None:
    """What one gave back, or handed on, let the other in; and then it went on with the data."""
    gave = bare.gave
    taken = {lock.name: lock for lock in (*other.counted, *other.held)}
    if other.gave is not None and "semaphore" not in other.gave.name:  # Both let go of the lock before they write
        taken.setdefault(other.gave.name, other.gave)
    if gave is None or gave.name not in taken or any(lock.name == gave.name for lock in bare.held):
        return None
    lines = _in_one_function(gave, bare)
    if lines is None or lines[0] >= lines[1]:
        return None
    is_lock = all(lock.name != gave.name for lock in other.counted)
    let_in = taken[gave.name]
    return _Situation(
        "used after the lock was given back" if is_lock else "used after it was handed to the other process",
        f"that {bare.process} gives {gave.name} only after line {lines[1]}, not at line {lines[0]}",
        (
            "As soon as the lock is given back another process is in, and what is written then destroys its work."
            if is_lock
            else f"What a semaphore counts (a place that is free, an item that is there) belongs to whoever takes it: "
            f"with line {lines[0]} {other.process} may go on{at(let_in.place, let_in.caller)}."
        ),
        f"Which of the two must come first, line {lines[0]} or line {lines[1]}?",
        _places(gave),
    )


def _places(lock: HeldLock | FailedLock) -> tuple[Place, ...]:
    return tuple(place for place in (lock.place, lock.caller) if place is not None)


def _in_one_function(lock: HeldLock, access: TracedAccess) -> tuple[int, int] | None:
    """Lines of one function, from which a call for a lock and an access were made."""
    for place in filter(None, (lock.place, lock.caller)):
        for used in filter(None, (access.place, access.caller)):
            if _same_function(place, used):
                return place.line, used.line
    return None


def _same_lock(race: _Race, name: str, trace: Trace) -> _Situation:
    one, other = race.first, race.second
    if any(report.kind is ReportKind.INIT_RACE and report.object == name for report in trace.reports):
        return _Situation(
            "the semaphore is set while it is in use",
            f"that {name} is set once, before anybody can use it",
            "Setting a semaphore forgets that somebody is in: the next one gets in, too.",
            "Which process sets the semaphore, how often, and what do the others do until it has?",
        )
    shared = next(
        (access for access in (one, other) if any(lock.shared and lock.name == name for lock in access.held)), None
    )
    if shared is not None:
        return _Situation(
            "a lock for readers, held while writing",
            f"that whoever writes holds {name} for writing (F_WRLCK, LOCK_EX, a write lock)",
            "A shared lock lets in everybody who asks for a shared one, too: it only keeps writers out.",
            f"Which kind of lock does {shared.process} ask for{_taken(shared, name)}, and what does it do then?",
        )
    if "mutex" in name:
        return _Situation(
            "both hold the same mutex at the same time",
            f"that {name} is initialised once, and unlocked only by the one who has locked it",
            "pthread_mutex_init() of a mutex that is locked unlocks it, and so does an unlock by somebody else: then "
            "the next one gets in, too.",
            "Who calls pthread_mutex_init(), and how often? And is each unlock on a path on which the lock was taken?",
        )
    if name.startswith(("lock on", "flock lock", "record lock")):
        return _Situation(
            "both hold the same file lock at the same time",
            f"that each process has opened the file itself, so that each has a {name} of its own",
            "flock() and F_OFD_SETLKW lock for an open file, and a child shares the one that it inherited by fork(): "
            "they let in everybody who has that descriptor.",
            "Where is the file opened, before fork() or in each child?",
        )
    return _Situation(
        "both hold the same semaphore at the same time",
        f"that {name} begins with the value 1, so that one process can hold it at a time",
        "A semaphore lets in as many processes as its value says: it is a lock only if that begins with 1 and each "
        "process gives back exactly what it took.",
        "With which value is the semaphore initialised, and can it be raised more often than it is lowered?",
    )


def _different_locks(one: HeldLock, other: HeldLock) -> _Situation:
    ranges = [_BYTES.sub("", lock.name) for lock in (one, other) if lock.name.startswith("lock on ")]
    if len(ranges) == 2 and ranges[0] == ranges[1] and one.name != other.name:
        elsewhere = "there in the other process" if one.place == other.place else at(other.place).strip()
        return _Situation(
            "locks on different ranges of the file",
            "that both lock the same bytes",
            "Record locks keep each other out only where their ranges overlap.",
            f"What are l_start, l_len and l_whence{at(one.place)}, and what {elsewhere}?",
        )
    return _Situation(
        "two different locks",
        "one and the same lock on both sides",
        f"Whoever holds {one.name} does not keep out those who hold {other.name}.",
        "Which lock belongs to this data? Take that one wherever the data is used.",
    )


_NOT_INHERITED = " And a child does not inherit the record locks of its parent."


def _one_side(locked: TracedAccess, bare: TracedAccess) -> _Situation:
    lock = locked.held[-1]
    here = bare.place
    missing = f"that {bare.process}, too, holds {lock.name} at {spot(here) or 'its access'}"
    if here.line and (here.file, here.line) == (locked.place.file, locked.place.line):
        return _Situation(
            "the lock is not taken every time",
            missing,
            f"At line {here.line} {locked.process} has the lock and {bare.process} has not: a call that may fail "
            "(F_SETLK, LOCK_NB, a trylock, a wait with a time limit) or a branch let it pass without.",
            f"What does the call{at(lock.place, lock.caller)} return when another process has the lock, and who looks?",
        )
    # Where the function of the bare access takes the lock; else, where another access in it is made under the lock,
    # unless it is called here with the lock and there without.
    known = (lock.place, lock.caller, locked.place if locked.caller == bare.caller else None)
    inside = [place for place in known if place and _same_function(place, here)]
    taken = inside[0].line if inside else 0
    if taken and here.line < taken:
        return _Situation(
            "used before the lock is taken",
            missing,
            "What was read before the lock was taken is out of date as soon as another process has had the lock.",
            f"Line {here.line} comes before line {taken}, which is under the lock: what must come after it?",
        )
    if taken and here.line > taken:
        return _Situation(
            "used after the lock was given back",
            missing,
            "As soon as the lock is given back another process is in, and what is written then destroys its work.",
            f"Line {taken} is still under the lock, line {here.line} is not: where should it be given back?",
        )
    return _Situation(
        "only one of the two takes the lock",
        missing,
        "A lock keeps out only those who ask for it: all who use the data must hold it, also those who only read."
        + _NOT_INHERITED * lock.name.startswith(("lock on", "record lock")),
        f"{locked.process} holds {lock.name}; which call is missing before line {here.line}?",
    )


def _same_function(one: Place, other: Place) -> bool:
    return bool(one.function) and (one.file, one.function) == (other.file, other.function) and one.line > 0


def _half_atomic(atomic: TracedAccess, bare: TracedAccess) -> _Situation:
    return _Situation(
        "atomic on one side only",
        "that both sides are atomic, or both hold a lock",
        f"What is atomic at {spot(atomic.place) or 'one place'} is not protected from a plain access.",
        f"Why is line {bare.place.line} not atomic, too?",
    )


def _section(race: _Race) -> tuple[int, str]:
    """What a lock must enclose: the first line, and the last one in words."""
    update = race.updater()
    first, last = (one.place for one in update or (race.first, race.first))
    if update is not None and first.function != last.function:  # read_record(), write_record(): who calls both?
        first, last = (one.caller or one.place for one in update)
    return (first.line, "it") if first.line >= last.line else (first.line, f"line {last.line}")


def _changes_both(race: _Race) -> bool:
    """Whether both change the data: then a lock is missing, and not only an order."""
    update = race.updater()
    alike = _family(race.first.process) == _family(race.second.process)
    return any(map(_both_write, race.reports)) or (update is not None and alike)


def _both_write(report: TraceReport) -> bool:
    return all(map(_writes, report.accesses[:2]))


def _is_parent(one: str, other: str) -> bool:
    """Whether `other` is named as a child of `one`."""
    return re.fullmatch(rf"child \d+ of {re.escape(one)}", other) is not None


def _slept(access: TracedAccess, trace: Trace) -> bool:
    paths = {task.path: task.name for task in trace.tasks}
    slept = {event.process for event in trace.events if event.call in _SLEEPS}
    slept |= {paths.get(visit.task, "") for visit in trace.visited if visit.call in _SLEEPS}
    slept |= {task.name for task in trace.tasks if task.call in _SLEEPS}
    return access.process in slept


def _taken(access: TracedAccess, name: str) -> str:
    return next((at(lock.place, lock.caller) for lock in access.held if lock.name == name), "")


# --- the picture ------------------------------------------------------------------------------------


def _interleaving(race: _Race) -> tuple[list[dict[str, Any]], str]:
    """An order of events that does harm, in rows of a process, what it does, and where; and what comes of it."""
    one, other = race.first.process, race.second.process
    if one == other:
        other = f"{other} (once more)"

    def row(process: str, text: str, access: TracedAccess) -> dict[str, Any]:
        return {"process": process, "text": text, "place": place_json(access.place)}

    update = race.updater()
    if update is not None and _changes_both(race):
        read, write = update
        others = [access for access in race.accesses if access.process == other]
        changed = next((access for access in others if _writes(access)), None)
        apart = not any(_functions(read) & _functions(access) for access in others)
        if read.process == one and changed is not None and apart:
            rows = [
                row(one, "reads, say, 5", read),
                row(other, "changes it", changed),
                row(one, "writes 6", write),
            ]
            return rows, f"what {other} has changed is lost"
        rows = [
            row(one, "reads, say, 5", read),
            row(other, "reads 5, too", read),
            row(one, "writes 6", write),
            row(other, "writes 6", write),
        ]
        return rows, "two changes were made, and one is lost: 6, not 7"
    if _writes(race.first) and _writes(race.second):
        rows = [row(one, "writes its value", race.first), row(other, "writes another one", race.second)]
        return rows, "which of the two stays is a matter of luck"
    (reader, read), (writer, write) = sorted(((one, race.first), (other, race.second)), key=lambda p: _writes(p[1]))
    rows = [row(reader, "reads the old value", read), row(writer, "writes the new one", write)]
    return rows, f"{reader} goes on with what was there before"


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


# --- what only explains ----------------------------------------------------------------------------


def _update(report: TraceReport) -> Finding:
    read, write = report.accesses[0], report.accesses[1]
    lost = report.accesses[2] if len(report.accesses) > 2 else None
    what, _ = _object(report)
    if lost is not None:
        message = f"{read.process} read {what}{in_line(read.place)} and wrote it{in_line(write.place)}; "
        message += f"what {lost.process} wrote in between{in_line(lost.place)} is lost"
    else:
        message = f"{read.process} reads {what}{in_line(read.place)} under a lock and writes it{in_line(write.place)} "
        message += "under another turn of the lock: what comes in between is lost"
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
