"""What a rendered case expects; it stays outside the wall, next to the plan that goes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from grader.wire import CaseObservation, Ended, ProcessOutcome, StepOutcome

_QUOTED = 120  # characters of what came instead of what was expected


class Match(Enum):
    """How an expected output is compared with the one that was seen."""

    EXACT = "exact"
    CONTAINS = "contains"
    REGEX = "regex"
    LINES = "lines"  # these lines, in any order
    NOT_EMPTY = "not-empty"


@dataclass(frozen=True)
class Output:
    """values: one text for EXACT and REGEX, one or more for CONTAINS and LINES. says: a REGEX in words, or ""."""

    match: Match
    values: tuple[str, ...]
    says: str = ""


@dataclass(frozen=True)
class Exit:
    """What a `finish` step expects. statuses empty: any status but 0 ("nonzero").

    signal: a name without SIG, instead of statuses. cpu: seconds at the most, or None; in a build that is
    `slower`, so many times as much.
    """

    process: str
    statuses: tuple[int, ...] = (0,)
    signal: str = ""
    stdout: Output | None = None
    stderr: Output | None = None
    cpu: float | None = None
    slower: float = 1.0


@dataclass(frozen=True)
class ExpectedStep:
    """One step as it was played. words: the step as one would say it ("finish reader").

    exit: of a finish step. output: what a read or contents step must have read. kills: whom it kills.
    """

    words: str
    line: int
    exit: Exit | None = None
    output: Output | None = None
    subject: str = ""  # the path or handle that output is about
    kills: str = ""


@dataclass(frozen=True)
class Expected:
    """A case after its values were drawn: one ExpectedStep for each step of the plan."""

    case: str
    steps: tuple[ExpectedStep, ...]
    leaves: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    replay: str = ""


def finished(expected: Expected, observation: CaseObservation) -> Iterator[tuple[ExpectedStep, Exit, ProcessOutcome]]:
    """Each `finish` step that was met, what it expects, and each process that it is about."""
    for step, outcome in zip(expected.steps, observation.steps, strict=False):
        if step.exit is None or outcome.ended is not Ended.DONE:
            continue
        for process in observation.processes:
            if process.name == step.exit.process or process.name.rpartition(".")[0] == step.exit.process:
                yield step, step.exit, process


def came_instead(outcome: StepOutcome) -> tuple[str, ...]:
    """Of an `expect` or a `read` that was not met: a sentence that quotes the end of what had come; else nothing."""
    if outcome.verb not in ("expect", "read"):
        return ()
    if not outcome.data:
        return ("nothing more had come by then",)
    text = outcome.data.decode("utf-8", "backslashreplace")
    open_line = "" if text.endswith("\n") else ", and no newline after it"
    return (f"what had come by then: {'...' if len(text) > _QUOTED else ''}{text[-_QUOTED:]!r}{open_line}",)


def unmet(expected: Expected, observation: CaseObservation) -> tuple[ExpectedStep, StepOutcome] | None:
    """The step at which the case came to its end early, if it did."""
    for index, outcome in enumerate(observation.steps):
        if outcome.ended is not Ended.DONE:
            played = index < len(expected.steps)  # otherwise drive.py chose the step, and the verb is all that is known
            return expected.steps[index] if played else ExpectedStep(outcome.verb, 0), outcome
    return None
