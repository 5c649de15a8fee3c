"""Check `handlers`: what signal handlers do, and how a program waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from grader import (
    CaseObservation,
    Finding,
    ReportKind,
    TracedAccess,
    TraceReport,
    Verdict,
    access_json,
    at,
    hookimpl,
    located,
    place_json,
    spot,
)

_PRINTING = frozenset(
    {"printf", "fprintf", "puts", "putchar", "fputs", "fputc", "fwrite", "perror", "fflush", "vprintf"}
)
_MEMORY = frozenset({"malloc", "calloc", "realloc", "free", "strdup"})


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "handlers": "signal handlers do only what a handler may do, and no signal is missed between a test and a wait",
    }


@hookimpl
def grader_check_trace(observation: CaseObservation) -> Iterator[Finding]:
    """Tell each thing about handlers that the runtime saw."""
    if observation.trace is None or not observation.trace.intact:
        return
    variables: dict[tuple[str, str], list[TraceReport]] = {}
    for report in observation.trace.reports:
        tell = _TELL.get(report.kind)
        if not report.accesses:
            continue
        if tell is not None:
            yield tell(report)
        elif report.kind is ReportKind.HANDLER_VARIABLE:
            place = _sides(report)[0].place
            variables.setdefault((place.file, place.function), []).append(report)
    for reports in variables.values():
        yield _variable(reports)


def _finding(
    report: TraceReport, message: str, *, expected: str, because: str, hint: str, details: list[str]
) -> Finding:
    places = [place for access in report.accesses for place in (access.place, access.caller)]
    return Finding(
        "handlers",
        message,
        expected=expected,
        locations=located(*places)[:4],
        because=because,
        hint=hint,
        details=tuple(details),
        data={
            "kind": report.kind.value,
            "text": report.text,
            "object": report.object,
            "made": place_json(report.made),
            "accesses": [access_json(access) for access in report.accesses],
        },
    )


def _pause_race(report: TraceReport) -> Finding:
    test, wait = report.accesses[0], report.accesses[min(1, len(report.accesses) - 1)]
    handler = report.accesses[2] if len(report.accesses) > 2 else None
    does = "tests" if handler else "asks"
    tests = "tests a variable" if handler else "asks whether a child has ended"
    signal = "a signal that comes" if handler else "the SIGCHLD of one that ends"
    sets = f"; the handler sets it{at(handler.place)}" if handler else ""
    return _finding(
        report,
        f"{test.process} {tests} at {spot(test.place) or 'one line'} and then waits in "
        f"{_call(wait.what, 'pause')} at {spot(wait.place) or 'another'}: {signal} in between is missed",
        expected="that the signal is blocked from before the test, and let in only by the wait itself",
        because="If the signal comes after the test and before the wait, its handler has run already, and the wait is "
        "for a second one that never comes. It happens once in thousands of runs, and then the program hangs.",
        hint="Which call unblocks a signal and waits for it in one step, so that there is no moment in between? "
        "(man 2 sigsuspend)",
        details=[f"it {does}{at(test.place, test.caller)}, and waits{at(wait.place, wait.caller)}{sets}"],
    )


def _inherited(report: TraceReport) -> Finding:
    """Only a note: the other program may be meant to find it so."""
    before, then = report.accesses[0], report.accesses[-1]
    signal, ignores = report.text or "a signal", before.what == "ignores"
    found = _finding(
        report,
        f"{then.process} starts another program{at(then.place, then.caller)} that "
        f"{'ignores' if ignores else 'has blocked'} {signal}, as set{at(before.place, before.caller)}",
        expected="that another program starts with the signals as it finds them in a shell",
        because="exec takes handlers away, but leaves ignored what is ignored, and blocked what is blocked.",
        hint=f"What must the child set back between fork() and exec, if the parent has to "
        f"{'ignore' if ignores else 'block'} {signal}?",
        details=[],
    )
    return replace(found, verdict=Verdict.PASSED)


def _call(what: str, otherwise: str) -> str:
    name = what.removeprefix("calls ").removesuffix("()").strip()
    return f"{name if name.isidentifier() else otherwise}()"


def _unsafe_call(report: TraceReport) -> Finding:
    access = report.accesses[0]
    name = report.text.removesuffix("()") or "a function"
    if name in _PRINTING:
        why = "its buffer may be half changed at that moment, so that output is lost, doubled, or the program hangs."
        hint = "Can the handler only set a flag (volatile sig_atomic_t), and the program print? write() would be safe."
    elif name in _MEMORY:
        why = "the heap may be half changed at that moment: the next malloc() or free() hangs or crashes."
        hint = "Can the handler only set a flag (volatile sig_atomic_t), and the program do the work?"
    elif name == "exit":
        why = "it runs atexit() functions and flushes buffers that may be half changed."
        hint = "Which relative of exit() ends a process at once, and is safe in a handler?"
    else:
        why = "what it uses may be half changed at that moment."
        hint = "Is it in the list of man 7 signal-safety? If not: can the handler only set a flag?"
    return _finding(
        report,
        f"a signal handler of {access.process} calls {name}(){at(access.place, access.caller)}: that is not safe there",
        expected="that a handler calls only async-signal-safe functions (man 7 signal-safety)",
        because=f"A handler interrupts the program anywhere, also inside of {name}() itself: {why}",
        hint=hint,
        details=[],
    )


def _errno(report: TraceReport) -> Finding:
    access = report.accesses[0]
    signal = f" for {report.text}" if report.text else ""
    return _finding(
        report,
        f"the handler{signal} of {access.process} changes errno{at(access.place)}, and does not put it back",
        expected="that errno has the same value after the handler as before it",
        because="The interrupted program may be just between a call that failed and its look at errno: it then sees "
        "the handler's error, and takes for example EINTR for something else.",
        hint="What must the handler save in its first line, and restore in its last one?",
        details=[],
    )


def _sides(report: TraceReport) -> tuple[TracedAccess, TracedAccess]:
    """What the handler does, and what the program does."""
    one = report.accesses[0]
    other = report.accesses[min(1, len(report.accesses) - 1)]
    return (one, other) if one.in_handler or not other.in_handler else (other, one)


def _variable(reports: Sequence[TraceReport]) -> Finding:
    """One finding for all that a handler changes."""
    report = reports[0]
    handler, program = _sides(report)
    signal = f" of {report.text}" if report.text else ""
    others = map(_sides, reports[1:])
    did, used = ("read", "changed") if handler.what == "reads" else ("changed", "used")
    return _finding(
        report,
        f"a variable is {did} in the handler{signal}{at(handler.place)} and {used} by the program{at(program.place)}, "
        "but is neither volatile sig_atomic_t nor atomic",
        expected="volatile sig_atomic_t",
        because="The compiler may keep it in a register and never look again (at -O2 a loop on it has no end), and "
        "a value of several bytes may be read half old and half new.",
        hint="With which two words must a variable be declared that a handler and the program share?",
        details=[
            f"{handler.process} {handler.what} it in the handler{at(handler.place, handler.caller)}",
            f"{program.process} {program.what} it{at(program.place, program.caller)}",
            *(f"so it is with what is {did}{at(one.place)} and {used}{at(two.place)}" for one, two in others),
        ],
    )


def _update(report: TraceReport) -> Finding:
    handler, program = _sides(report)
    signal = f" of {report.text}" if report.text else ""
    return _finding(
        report,
        f"the program reads a variable and writes it back{at(program.place)}, and the handler{signal} changes it"
        f"{at(handler.place)}: if the signal comes in between, that change is lost",
        expected="that the signal is blocked from before the variable is read until it has been written",
        because="`count--` is three steps: read, subtract, write. volatile makes the compiler do each of them, but "
        "does not make them one: what a handler writes in between is overwritten.",
        hint="Which call keeps the signal out for as long as the program changes the variable? (man 2 sigprocmask) "
        "Or could only one of the two write it?",
        details=[
            f"{program.process} reads and writes it{at(program.place, program.caller)}, with the signal let through",
            f"{handler.process} {handler.what} it in the handler{at(handler.place, handler.caller)}",
        ],
    )


_TELL = {
    ReportKind.PAUSE_RACE: _pause_race,
    ReportKind.UNSAFE_CALL: _unsafe_call,
    ReportKind.ERRNO: _errno,
    ReportKind.HANDLER_UPDATE: _update,
    ReportKind.INHERITED: _inherited,
}
