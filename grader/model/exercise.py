"""An exercise as the engine sees it: what `grader.spec` makes of an exercise folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.trace import FaultKind
from grader.wire import Limits


@dataclass(frozen=True)
class Program:
    """An executable that is linked from some of the submitted sources (and given ones)."""

    name: str
    sources: tuple[str, ...]
    flags: tuple[str, ...] = ()
    partner: bool = False  # built from the reference; execute-only for the submission


@dataclass(frozen=True)
class StepSpec:
    """A step as the spec has it: templates not yet rendered. line: in exercise.yaml, from 1."""

    verb: str
    arguments: Mapping[str, Any]
    line: int


@dataclass(frozen=True)
class CaseSpec:
    """One scenario: the steps that are played, and what the instructor says of them.

    search: it is also played traced, and then once for each place at which a process can be held (grader.searching).
    faults: what is injected, one call at a time; a right program survives each of them.
    """

    id: str
    title: str
    points: float
    steps: tuple[StepSpec, ...]
    because: str
    hint: str
    needs: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    leaves: tuple[str, ...] = ()  # names that may lie about afterwards, fnmatch patterns
    limits: Limits | None = None
    drive: str = ""  # the function of drive.py that plays the case, instead of steps
    sanitize: bool = True
    search: bool = False
    faults: tuple[FaultKind, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class CheckSpec:
    """A check that the exercise scores as an item of its own, over all its cases."""

    name: str
    title: str
    points: float
    because: str
    hint: str
    needs: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True)
class Exercise:
    """A folder of the course, loaded and valid.

    root: the folder. source: its exercise.yaml, for messages.
    submit: the file names that a student hands in. given: files of the exercise that are
    laid beside them for the build (headers). wrong: file name -> the case or check ids that must
    catch it, each of them. right: further right solutions.
    """

    slug: str
    root: Path
    source: Path
    title: str
    teaches: tuple[str, ...]
    difficulty: int
    order: int
    submit: tuple[str, ...]
    programs: tuple[Program, ...]
    limits: Limits
    cases: tuple[CaseSpec, ...]
    checks: Mapping[str, CheckSpec]
    wrong: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, Any] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    drive: str = ""  # the text of drive.py, where there is one
    requires: tuple[str, ...] = ()  # exercises that come before it

    @property
    def points(self) -> float:
        """What a right solution earns."""
        return sum(case.points for case in self.cases) + sum(check.points for check in self.checks.values())

    def case(self, case_id: str) -> CaseSpec:
        """The case of that id; KeyError if there is none."""
        for case in self.cases:
            if case.id == case_id:
                return case
        raise KeyError(case_id)


@dataclass(frozen=True)
class Submission:
    """The student's files, read and bounded. name: what reports call it. files: name -> bytes."""

    name: str
    path: Path
    files: Mapping[str, bytes]
    digest: str  # SHA-256 over names and bytes, hexadecimal
