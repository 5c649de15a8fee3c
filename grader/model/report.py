"""What a grading came to: the report that score builds and that report plugins render."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.model.verdict import Finding, Verdict
from grader.trace import TraceEvent


@dataclass(frozen=True)
class ItemResult:
    """One scored line of the report: a case, or a check that the exercise scores by itself.

    notes: what explains and costs nothing. timeline: what the processes did, in order, where that is known of
    a case that failed.
    """

    id: str
    title: str
    kind: str  # "case" or "check"
    verdict: Verdict
    points: float
    max_points: float
    findings: tuple[Finding, ...] = ()
    because: str = ""
    seconds: float = 0.0
    notes: tuple[Finding, ...] = ()
    timeline: tuple[TraceEvent, ...] | None = None


@dataclass(frozen=True)
class BuildResult:
    """How one build went. argv: the command as the student would type it."""

    name: str
    ok: bool
    argv: tuple[str, ...]
    diagnostics: str
    seconds: float


@dataclass(frozen=True)
class Report:
    """Everything that is told about one graded submission.

    verdict ERROR means that no grade was given: score is None and error says why.
    seed replays every random value. sandbox: "local", "docker", "inplace".
    """

    exercise: str
    title: str
    submission: str
    digest: str
    verdict: Verdict
    score: float | None
    max_score: float
    seed: int
    sandbox: str
    version: str
    builds: tuple[BuildResult, ...] = ()
    items: tuple[ItemResult, ...] = ()
    findings: tuple[Finding, ...] = ()  # of the whole: a build that failed, an error of ours
    error: str = ""
    seconds: float = 0.0
    extra: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Finding, ...] = ()  # of the whole: they explain and cost nothing
