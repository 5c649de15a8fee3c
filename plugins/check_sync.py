"""Check `sharing`, and of `races` what is about semaphores, mutexes and locks themselves.

As the runtime of the traced build reports them (sandbox/runtime/README.md): a semaphore that is set while others may
use it, one that is not shared by those who wait on it, and what explains why a run came out wrong: locks that are
taken in different orders, SEM_UNDO at one half of a pair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader import (
    CaseObservation,
    Finding,
    HeldLock,
    ReportKind,
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
    located,
    place_json,
)


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The check that is of this plugin alone."""
    return {"sharing": "what several processes wait on lies in shared memory and is made to be shared"}


@hookimpl
def grader_check_trace(observation: CaseObservation) -> Iterator[Finding]:
    """Semaphores and mutexes that are none, or not yet, and the order in which locks are taken."""
    trace = observation.trace
    if trace is None or not trace.intact:
        return
    for report in first_of_each_line(trace.reports):
        if report.kind is ReportKind.INIT_RACE:
            yield _set_too_late(report)
        elif report.kind in _NOT_SHARED:
            yield _not_shared(report)
        elif report.kind is ReportKind.LOCK_CYCLE:
            yield _cycle(report)
        elif report.kind is ReportKind.HALF_UNDONE:
            yield explains(_half_undone(report))


def _set_too_late(report: TraceReport) -> Finding:
    one, other = report.accesses[0], report.accesses[-1]
    if not other.what.startswith("sets"):
        one, other = other, one
    what = report.object or "a semaphore"
    uses = "sets" if one.what.startswith("sets") else "uses"
    return Finding(
        "races",
        f"race on the first value of {what}: {other.process} sets it{in_line(other.place)}, but {one.process} "
        f"{'sets' if uses == 'sets' else 'may already use'} it{in_line(one.place)}, and nothing orders the two",
        expected=f"that {what} has its value before anybody can use it: set before fork(), or before others hear of it",
        locations=located(one.place, other.place, one.caller, other.caller)[:4],
        because="Setting a semaphore forgets who was in already: whoever came before gets in a second time, or is "
        "never let in.",
        hint=f"Which comes first, line {other.place.line} or the fork() of those who use it? And if several processes "
        "may create it: which one sets the value, and how do the others know that it has?",
        details=(
            f"{one.process} {one.what}{at(one.place, one.caller)}",
            f"{other.process} sets {what}{at(other.place, other.caller)}",
            "nothing orders the two: no fork, message, signal or wait from one to the other",
        ),
        data={
            "kind": report.kind.value,
            "situation": "initialised after its users were started",
            "object": what,
            "made": place_json(report.made),
            "accesses": [access_json(access) for access in report.accesses],
            "interleaving": [
                {"process": one.process, "text": f"{uses} {what}", "place": place_json(one.place)},
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


def _half_undone(report: TraceReport) -> Finding:
    """See semop(2): the kernel keeps a sum of what each process did with SEM_UNDO, and takes it back at its end."""
    took, gave = report.accesses[0], report.accesses[1]
    what, with_undo = report.object or "the semaphore", took.what.endswith("with SEM_UNDO")
    return Finding(
        "races",
        f"{took.process} {took.what}{in_line(took.place)}, and {gave.what}{in_line(gave.place)}",
        expected=f"that {what} is taken and given back with SEM_UNDO both times, or neither time",
        locations=located(took.place, gave.place, took.caller, gave.caller)[:4],
        because="When a process ends, the kernel undoes what it did with SEM_UNDO, whatever it did without: "
        + (
            "what was given back already is given back once more, and the semaphore lets in one too many."
            if with_undo
            else "what was given back is taken once more, and the next one waits for ever."
        ),
        hint="Does each sem_op of the pair have SEM_UNDO in its sem_flg, so that the two cancel each other out?",
        data={
            "kind": report.kind.value,
            "object": what,
            "made": place_json(report.made),
            "accesses": [access_json(access) for access in report.accesses],
        },
    )
