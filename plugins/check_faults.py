"""Check `faults`: a call that fails is noticed, and told; nothing is left behind then, and nobody waits for ever."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence

from grader import (
    CaseObservation,
    Ended,
    Expected,
    Finding,
    Kind,
    ProcessOutcome,
    Waiter,
    access_json,
    at,
    hookimpl,
    located,
)

_SENT = frozenset({"SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"})  # by the scenario
_LIMITS = {
    Ended.CPU: "then runs without end",
    Ended.MEMORY: "then takes memory without end",
    Ended.FLOOD: "then prints without end",
}
# What happened, and what a program does about it: by the name of the fault.
_WORDS: Mapping[str, tuple[str, str, str]] = {
    "eintr": (
        "is interrupted by a signal (EINTR)",
        "A signal, or being stopped and continued, makes a waiting call return -1 with EINTR though nothing is wrong.",
        "Which errno means `try again`, and is there a loop round that call?",
    ),
    "stopped": (
        "returns -1 with EINTR, as it does when the process is stopped and continued",
        "A semop() that sleeps is interrupted when its process is stopped and continued, and the program is to go on.",
        "Which errno means `try again`, and is there a loop round that call - for each semaphore?",
    ),
    "short-io": (
        "transfers less than was asked for",
        "read() and write() may do a part of the work and return how much that was: on pipes and sockets they do.",
        "What does the program do with the number that the call returns, if it is less than it asked for?",
    ),
    "enospc": (
        "fails because there is no room (ENOSPC)",
        "Disks and system tables do get full, and a result that was not written is not there.",
        "What does that line do when the call returns -1?",
    ),
    "eagain-fork": (
        "fails because there are too many processes (EAGAIN)",
        "A child that was never started never does its part: who waits for it, or signals the pid -1, does harm.",
        "fork() has three kinds of result; which of them is not handled?",
    ),
    "enomem": (
        "fails because there is no memory (ENOMEM)",
        "A pointer that was not given is not to be used.",
        "What does the call return when it fails, and is that looked at before it is used?",
    ),
    "emfile": (
        "fails because too many files are open (EMFILE)",
        "A descriptor of -1 makes every call on it fail, and the reason is forgotten by then.",
        "Is the descriptor looked at before it is used?",
    ),
    "eio": (
        "fails with an I/O error (EIO)",
        "Who takes every negative result for the end of the data goes on with data that is not there.",
        "Does the loop tell an error (-1) from the end (0)?",
    ),
    "timeout": (
        "comes to its time limit (ETIMEDOUT, EAGAIN)",
        "A wait with a limit may end without what was waited for: nobody has promised to be faster.",
        "What does the call return when the time is over, and who may be in the critical section then?",
    ),
}
_TO_BE_GOT_OVER = "stopped"  # to end with a message is not enough
# The same where another word fits a call better: (reason, hint) by the name of the fault and the call.
_OF_CALL: Mapping[tuple[str, str], tuple[str, str]] = {
    ("eio", "write"): (
        "Who does not look at what write() returns takes data for written that is lost.",
        "What does the program do when that call returns -1, and which status does it exit with?",
    ),
    ("eio", "msync"): (
        "Only msync() can tell that what was stored in memory did not get to the disk.",
        "What does the program do when that call returns -1, and does it tell anybody that all is well?",
    ),
    ("enomem", "mmap"): (
        "mmap() fails with MAP_FAILED, which is (void *)-1 and not NULL.",
        "With what is the result of that call compared before it is used?",
    ),
    ("enomem", "shmat"): (
        "shmat() fails with (void *)-1, which is not NULL.",
        "With what is the result of that call compared before it is used?",
    ),
    ("eagain-fork", "pthread_create"): (
        "A thread that was never started never does its part, and its pthread_t was never written.",
        "pthread_create() returns the number of the error and leaves errno alone; is the result looked at?",
    ),
}
_UNKNOWN = ("fails", "Calls can fail, and a program has to look.", "Is the result looked at?")


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "faults": "a call that fails is noticed: the program does its work all the same, or ends with an error message",
    }


@hookimpl
def grader_check_fault(
    expected: Expected, observation: CaseObservation, findings: Sequence[Finding]
) -> Iterator[Finding]:
    """The program did not do its work; did it at least end as it should?"""
    trace = observation.trace
    if trace is None or trace.fault is None:
        return
    fault = trace.fault
    name = trace.point.rpartition(":")[2]
    wrong = list(_not_clean(observation, expected.leaves))
    if not wrong and name == _TO_BE_GOT_OVER:
        wrong = ["the program gives up"]
    if not wrong:
        return
    failed, because, hint = _WORDS.get(name, _UNKNOWN)
    call = fault.what.removeprefix("calls ").removesuffix("()").strip() or "a call"
    because, hint = _OF_CALL.get((name, call), (because, hint))
    yield Finding(
        "faults",
        f"when {call}(){at(fault.place, fault.caller)} {failed}, {wrong[0]}",
        expected="that it does its work all the same"
        if name == _TO_BE_GOT_OVER
        else "that it does its work all the same, or says on stderr what went wrong, exits with a status other "
        "than 0, and leaves nothing behind",
        locations=located(fault.place, fault.caller),
        because=because,
        hint=hint,
        details=(*wrong[1:], *(f"it came out like this: {finding.message}" for finding in findings[:4])),
        data={"kind": "fault", "fault": name, "call": call, "access": access_json(fault), "wrong": wrong},
    )


def _not_clean(observation: CaseObservation, leaves: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with how it ended, in whole sentences."""
    tasks = {task.name for task in observation.trace.tasks} if observation.trace else set()
    fault = observation.trace.fault if observation.trace else None
    met = _root(fault.process) if fault else ""
    # Another program that now waits for this one is that one's affair: to end with an error is allowed.
    waiting = [waiter for waiter in _waiters(observation) if waiter.name in tasks and _root(waiter.name) == met]
    if waiting:
        yield f"{waiting[0].name} then waits for ever: it {waiting[0].words}"
        return
    if observation.ended in _LIMITS:
        yield f"{observation.limit_process or 'the program'} {_LIMITS[observation.ended]}"
        return
    programs = [process for process in observation.processes if process.name in tasks and process.name == met]
    crashed = [process for process in programs if process.signal and process.signal not in _SENT]
    for process in crashed:
        yield f"{process.name} is then ended by {process.signal}"
    failing = [process for process in programs if process.exit_code]
    if not failing and not crashed:
        yield _unnoticed(programs)
    for process in failing:
        if not _said(process):
            yield f"{process.name} exits with status {process.exit_code}, but says nothing on stderr"
    if failing:
        yield from _left(observation, leaves)


def _root(process: str) -> str:
    """What the scenario has started: "launch" of "child 2 of launch"."""
    return process.rpartition(" of ")[2]


def _waiters(observation: CaseObservation) -> Iterator[Waiter]:
    """Who will never be woken. Partners of the exercise wait, too, where the submission has left them."""
    if observation.ended is Ended.STUCK and observation.graph:
        yield from (waiter for waiter in observation.graph.waiters if waiter.dead)


def _unnoticed(programs: Sequence[ProcessOutcome]) -> str:
    for process in programs:
        if process.exit_code == 0:
            return f"{process.name} does not notice: it exits with status 0 though its work is not done"
    return "the program does not notice, and its work is not done"


def _said(process: ProcessOutcome) -> bool:
    return bool(process.stderr.strip()) or (process.tty and bool(process.stdout.strip()))


def _left(observation: CaseObservation, leaves: tuple[str, ...]) -> Iterator[str]:
    for leftover in observation.leftovers:
        # Children of one who gives up: whether they end before it or after it is the scheduler's.
        if leftover.kind in (Kind.ZOMBIE, Kind.ORPHAN):
            continue
        if any(fnmatch.fnmatchcase(leftover.name, pattern) for pattern in leaves):
            continue
        made = f", made{at(leftover.origin.place, leftover.origin.caller)}," if leftover.origin else ""
        yield f"{leftover.kind.value} {leftover.name}".strip() + f"{made} is left behind"
