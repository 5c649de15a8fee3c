"""The one type for a verdict, and the finding that carries it to a reader.

Shapes: everything here is a frozen dataclass or an enum; text is str, already decoded
and free of the wire's base64.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any


class Verdict(Enum):
    """What came of a case, a check or a whole submission, and whose it is.

    FAILED is the student's; SKIPPED is nobody's (something that it needs failed);
    ERROR is ours (sandbox, spec or grader) and never counts as a zero.
    """

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"


@dataclass(frozen=True)
class Location:
    """A place in a file as the student knows it; line and column count from 1, 0 is unknown."""

    file: str
    line: int = 0
    column: int = 0
    function: str = ""

    def __str__(self) -> str:
        where = self.file
        if self.line:
            where += f":{self.line}"
        if self.function:
            where += f" ({self.function})"
        return where


@dataclass(frozen=True)
class Finding:
    """One thing that a check saw.

    check: the name of the check that tells it ("output", "no-leftover-ipc", ...).
    verdict: FAILED, SKIPPED or ERROR; a check that has nothing to say returns no finding. PASSED: a note, which
    explains and costs nothing.
    message: one sentence, what happened, in the student's words.
    expected, seen: what should have been and what was; shown as a diff when both are set.
    details: more lines for a reader who wants them (a wait-for graph, a sanitizer's report).
    data: the same facts for a program to read (JSON values only).
    build: the build under which it was seen ("plain", "sanitized", "traced").
    """

    check: str
    message: str
    verdict: Verdict = Verdict.FAILED
    expected: str | None = None
    seen: str | None = None
    locations: tuple[Location, ...] = ()
    because: str = ""
    hint: str = ""
    replay: str = ""
    details: tuple[str, ...] = ()
    build: str = "plain"
    data: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole: an error of ours outranks a failure, a failure a pass.

    Skipped parts do not change a whole that has others; a whole of nothing but
    skipped parts is skipped, and a whole without parts has passed.
    """
    seen = set(verdicts)
    for verdict in (Verdict.ERROR, Verdict.FAILED, Verdict.PASSED, Verdict.SKIPPED):
        if verdict in seen:
            return verdict
    return Verdict.PASSED
