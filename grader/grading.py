"""One submission while it is graded: what has come of it so far, and how observations become findings.

`engine` decides what is played, `tracing` does so for the traced build; both plan with PlannedCases, send plans
with `play`, and have a Judge ask the checks.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from grader import planning
from grader.config import Config
from grader.errors import InternalError, SandboxError
from grader.model import BuildResult, CaseSpec, Exercise, Expected, Finding, Sandbox, Submission, Verdict
from grader.trace import TraceEvent
from grader.wire import BuildObservation, CaseObservation, CasePlan, Ended, Plan

BAD = (Verdict.FAILED, Verdict.ERROR)


@dataclass
class Grading:
    """What has come of one submission so far.

    findings, notes: of the whole. ended: of each case in the plain build. timelines: of cases that failed traced.
    """

    exercise: Exercise
    submission: Submission
    seed: int
    cases: tuple[CaseSpec, ...]
    expected: dict[str, Expected] = field(default_factory=dict)
    builds: list[BuildResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    by_case: dict[str, list[Finding]] = field(default_factory=dict)
    played: dict[str, float] = field(default_factory=dict)
    ended: dict[str, Ended] = field(default_factory=dict)
    timelines: dict[str, tuple[TraceEvent, ...]] = field(default_factory=dict)

    @property
    def failed_build(self) -> bool:
        """Whether nothing more can be played."""
        return any(finding.verdict in BAD for finding in self.findings)

    def found(self, case: CaseSpec, findings: Iterable[Finding]) -> None:
        """Keep what was found in a case."""
        self.by_case.setdefault(case.id, []).extend(findings)

    def explained(self, case: CaseSpec, findings: Iterable[Finding]) -> None:
        """Keep what explains all the rest that was found in a case, before it."""
        self.by_case[case.id] = [*findings, *self.by_case.get(case.id, ())]

    def failures(self, case: CaseSpec) -> list[Finding]:
        """What is held against a case (or against a check that the exercise scores, because of it)."""
        return [finding for finding in self.by_case.get(case.id, ()) if finding.verdict in BAD]

    def passed(self, case: CaseSpec) -> bool:
        """Whether it was played, nothing is held against it, and so it is with all that it needs."""
        by_id = {other.id: other for other in self.cases}
        needed = all(self.passed(by_id[name]) for name in case.needs if name in by_id)
        return case.id in self.played and not self.failures(case) and needed

    def spent(self, case: CaseSpec, seconds: float) -> None:
        """A case was played for so long."""
        self.played[case.id] = self.played.get(case.id, 0.0) + seconds


class PlannedCases:
    """Planned cases, kept: a batch plays the same ones, with the same seed, for each of its submissions."""

    _MOST = 4096

    def __init__(self) -> None:
        self._kept: dict[tuple[int, str, str, int], tuple[Exercise, tuple[CasePlan, Expected]]] = {}

    def case(self, exercise: Exercise, case: CaseSpec, build: str, seed: int) -> tuple[CasePlan, Expected]:
        """As planning.plan_case. From several threads at once a case may be planned twice, which is no harm."""
        key = (id(exercise), case.id, build, seed)
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= self._MOST:
                self._kept.clear()
            # The exercise is held on to, so that its id stays its own.
            kept = self._kept[key] = (exercise, planning.plan_case(exercise, case, build=build, seed=seed))
        return kept[1]


def play(sandbox: Sandbox, plan: Plan, built: Callable[[BuildObservation], None]) -> Iterator[CaseObservation]:
    """Send one plan; cases come in the order of the plan. Raises SandboxError where one is missing.

    built: is told of each build. Where one of them failed no case need come.
    """
    missing = list(plan.cases)
    well = True
    for observation in sandbox.run(plan):
        if isinstance(observation, BuildObservation):
            well = well and observation.ok
            built(observation)
        elif isinstance(observation, CaseObservation):
            if not missing or (observation.id, observation.build) != (missing[0].id, missing[0].build):
                raise SandboxError(f"the sandbox told of a case that was not asked for: {observation.id!r}")
            del missing[0]
            yield observation
    if missing and well:
        raise SandboxError(f"the sandbox ended before it had played {', '.join(case.id for case in missing)}")


class Judge:
    """Asks the checks, and gives their findings the words that the exercise has for them."""

    def __init__(self, hook: Any, config: Config) -> None:
        self._hook = hook
        self._disabled = config.disabled_checks

    def build(self, grading: Grading, build: BuildObservation) -> list[Finding]:
        """What the checks say of a build, which is noted as one that was tried, as is the advice on it. InternalError:
        it failed, and nobody says why."""
        diagnostics = build.output.decode("utf-8", "replace")
        grading.builds.append(BuildResult(build.name, build.ok, tuple(build.argv), diagnostics, build.seconds))
        found = self._ask(self._hook.grader_check_build, exercise=grading.exercise, build=build)
        if not build.ok and not any(finding.verdict in BAD for finding in found):
            raise InternalError(f"the {build.name} build failed and no check said why: {diagnostics.strip()[:500]}")
        if build.name != planning.PARTNERS:
            facts = {"exercise": grading.exercise, "submission": grading.submission, "build": build}
            advice = self._ask(self._hook.grader_advise, **facts)
            grading.notes += [replace(note, build=build.name, verdict=Verdict.PASSED) for note in advice]
        return [replace(finding, build=build.name) for finding in found]

    def case(self, grading: Grading, case: CaseSpec, observation: CaseObservation) -> list[Finding]:
        """How a case came out."""
        return self._judged(self._hook.grader_check_case, grading, case, observation)

    def trace(self, grading: Grading, case: CaseSpec, observation: CaseObservation) -> list[Finding]:
        """What the traced build saw in a case, however it came out."""
        hook = self._hook.grader_check_trace
        return self._judged(hook, grading, case, observation, submission=grading.submission)

    def fault(
        self, grading: Grading, case: CaseSpec, observation: CaseObservation, findings: list[Finding]
    ) -> list[Finding]:
        """Whether a program that met a fault, and did not do what is asked of it, ended as it should then."""
        return self._judged(self._hook.grader_check_fault, grading, case, observation, findings=tuple(findings))

    def _judged(
        self, hook: Any, grading: Grading, case: CaseSpec, observation: CaseObservation, **more: Any
    ) -> list[Finding]:
        found = self._ask(
            hook,
            exercise=grading.exercise,
            case=case,
            expected=grading.expected[case.id],
            observation=observation,
            **more,
        )
        return [_explained(grading, case, finding, observation.build) for finding in found]

    def _ask(self, hook: Any, **facts: Any) -> list[Finding]:
        """Call every plugin of a hook; one that raises is our failure, told with its place."""
        try:
            found = [finding for findings in hook(**facts) for finding in _listed(findings)]
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            raise InternalError(
                f"{where.filename}:{where.lineno}: a check raised {type(error).__name__}: {error}"
            ) from error
        return [finding for finding in found if finding.check not in self._disabled]


def _explained(grading: Grading, case: CaseSpec, finding: Finding, build: str) -> Finding:
    """A finding with its build, and with why, hint and replay: its own, or those of the item that it is charged to."""
    item = grading.exercise.checks.get(finding.check)
    return replace(
        finding,
        build=build,
        because=finding.because or (item.because if item else case.because),
        hint=finding.hint or (item.hint if item else case.hint),
        replay=finding.replay or planning.replay(grading.exercise, grading.submission, case=case.id, seed=grading.seed),
    )


def _listed(findings: Iterable[Finding] | None) -> list[Finding]:
    return list(findings) if findings is not None else []
