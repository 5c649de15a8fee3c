"""Checks `exit` and `crash`: how each program ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from grader import (
    CaseObservation,
    Ended,
    Exit,
    Expected,
    Finding,
    ProcessOutcome,
    Trace,
    children_ended,
    exit_of,
    failed_calls,
    failed_words,
    finished,
    hookimpl,
    in_line,
    located,
    spot,
    unmet,
)

_CRASHES = {
    "SIGSEGV": "it used an address that is not its own (a null or stale pointer, an index past the end)",
    "SIGBUS": "it used memory that has nothing behind it (a mapping past the end of its file)",
    "SIGABRT": "it gave up by itself (assert(), abort(), or the C library found its heap damaged)",
    "SIGFPE": "it divided an integer by zero",
    "SIGILL": "it ran something that is no instruction",
    "SIGSYS": "it made a system call that the sandbox does not allow",
    "SIGTRAP": "it ran into a trap",
    "SIGXFSZ": "it wrote a file larger than is allowed",
}
_WORDS = {
    "SIGPIPE": "it wrote to a pipe or socket that nobody reads any more",
    "SIGALRM": "its alarm() went off and nothing caught it",
    "SIGKILL": "something killed it",
    "SIGXCPU": "it used up its CPU time",
}
_MOST = 2  # calls that failed


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "exit": "each program ends with the status or signal that is right",
        "crash": "no program crashes",
        "busy-loop": "no program uses the CPU while it waits",
    }


@hookimpl
def grader_check_case(expected: Expected, observation: CaseObservation) -> Iterator[Finding]:
    """Compare exit statuses and signals with what finish steps expect; a crash is told wherever it comes."""
    if observation.build not in ("plain", "traced"):
        return
    judged = set()
    for _, wanted, process in finished(expected, observation):
        judged.add(process.name)
        for finding in _judge(wanted, process):
            yield _with_line(finding, process, observation.trace)
    for process in observation.processes:
        if process.name not in judged and (process.signal in _CRASHES or process.exec_error):
            for finding in _judge(Exit(process.name), process):
                yield _with_line(finding, process, observation.trace)
    failed = unmet(expected, observation)
    if failed and failed[1].ended is Ended.EXITED:
        steps = zip(expected.steps, observation.steps, strict=False)
        killed = {step.kills for step, done in steps if step.kills and done.ended is Ended.DONE}
        for finding, process in _early(observation, judged | killed):
            yield _with_line(finding, process, observation.trace)


def _with_line(finding: Finding, process: ProcessOutcome, trace: Trace | None) -> Finding:
    """Which calls had failed and where it called exit(), or which call it made last before a signal ended it."""
    task = next((task for task in trace.tasks if task.name == process.name), None) if trace else None
    if task is None or finding.check == "busy-loop":
        return finding
    if process.signal:
        places = [task.at]
        words = f"the last call before that was {task.call}()" if task.call else "it had last been seen"
        told = [words + in_line(task.at)] if spot(task.at) else []
    else:
        place, words = exit_of(trace, process.name)
        failed = failed_calls(trace, process.name, _MOST)
        ended = list(children_ended(trace))
        places = [place, *(event.place for event in failed), *(place for place, _ in ended)]
        told = [*([words] if words else []), *failed_words(failed), *(words for _, words in ended)]
    return replace(
        finding,
        locations=(*finding.locations, *located(*places)),
        details=(*told, *finding.details),
    )


def _early(observation: CaseObservation, judged: set[str]) -> Iterator[tuple[Finding, ProcessOutcome]]:
    """A program that a step was waiting for has ended before: tell how, it is often the reason."""
    for process in observation.processes:
        known = {process.name, process.name.rpartition(".")[0]} & judged
        if known or process.signal in _CRASHES or process.exec_error or process.killed:
            continue
        if process.signal:
            message = f"{process.name} was ended by {process.signal} in the middle of the case"
            yield Finding("exit", message, expected="still running", seen=_how(process)), process


def _judge(wanted: Exit, process: ProcessOutcome) -> Iterator[Finding]:
    name = process.name
    if process.exec_error:
        message = f"{name} could not be started: {process.exec_error}"
        yield Finding("exit", message, expected="a program", seen=process.exec_error)
        return
    if process.signal and process.signal in _CRASHES and process.signal != f"SIG{wanted.signal}":
        yield Finding(
            "crash",
            f"{name} crashed with {process.signal}: {_CRASHES[process.signal]}",
            expected=_expected(wanted),
            seen=_how(process),
            hint="Run the replay command under gdb: `bt` names the line; so does a memory check, if one is told below.",
        )
        return
    if process.killed:
        return
    if wanted.cpu is not None and process.cpu > wanted.cpu * wanted.slower:
        yield Finding(
            "busy-loop",
            f"{name} used {process.cpu:.2f} s of CPU time where {wanted.cpu:g} s is plenty",
            expected=f"at most {wanted.cpu:g} s of CPU time",
            seen=f"{process.cpu:.2f} s",
        )
    if wanted.signal:
        right = process.signal == f"SIG{wanted.signal}"
    elif wanted.statuses:
        right = process.exit_code in wanted.statuses
    else:
        right = process.exit_code is not None and process.exit_code != 0
    if not right:
        yield Finding(
            "exit",
            f"{name} {_how(process)}, but {_expected(wanted)} is right here",
            expected=_expected(wanted),
            seen=_how(process),
            details=_last_words(process),
            data={"process": name, "exit": process.exit_code, "signal": process.signal},
        )


def _expected(wanted: Exit) -> str:
    if wanted.signal:
        return f"to be ended by SIG{wanted.signal}"
    if not wanted.statuses:
        return "an exit status other than 0"
    return "exit status " + " or ".join(str(status) for status in wanted.statuses)


def _how(process: ProcessOutcome) -> str:
    if process.signal:
        why = _WORDS.get(process.signal)
        return f"was ended by {process.signal}" + (f" ({why})" if why else "")
    return f"exited with status {process.exit_code}"


def _last_words(process: ProcessOutcome) -> tuple[str, ...]:
    text = process.stderr.decode("utf-8", "replace").strip()
    return tuple(f"on stderr it said: {line}" for line in text.splitlines()[-3:])
