"""The way of one submission: plan, sandbox, observations, findings, score, report.

The engine is handed `manager.hook` and a backend, and knows no check, report or exercise by name.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader import __version__, planning, score
from grader.config import Config
from grader.errors import InternalError, SandboxError, UsageError
from grader.model import (
    Backend,
    BuildResult,
    CaseSpec,
    Exercise,
    Expected,
    Finding,
    Report,
    Sandbox,
    SandboxSettings,
    Submission,
    Verdict,
)
from grader.wire import BuildObservation, CaseObservation, CasePlan, Ended, Plan

PLAIN, SANITIZED = "plain", "sanitized"
# A case that ended so (or was not played) would end so again, at the same price, under the sanitizers.
_HOPELESS = frozenset({Ended.SKIPPED, Ended.STUCK, Ended.CPU, Ended.WALL, Ended.MEMORY, Ended.FLOOD})


def choose_backend(hook: Any, settings: SandboxSettings, name: str) -> Backend:
    """The sandbox of that name, or for "auto" the first usable one by preference.

    Raises UsageError for a name that nobody offers, SandboxError where it cannot be used here.
    """
    offered: list[Backend] = [backend for found in hook.grader_backends(settings=settings) for backend in found]
    offered.sort(key=lambda backend: backend.preference)
    if name != "auto":
        for backend in offered:
            if backend.name == name:
                if reason := backend.unusable():
                    raise SandboxError(reason)
                return backend
        names = ", ".join(backend.name for backend in offered)
        raise UsageError(f"there is no sandbox '{name}'; there are auto, {names}")
    reasons = []
    for backend in offered:
        reason = backend.unusable()
        if not reason:
            return backend
        reasons.append(f"{backend.name}: {reason}")
    raise SandboxError("no sandbox can be used here: " + "; ".join(reasons))


@dataclass
class _Grading:
    """What has come of one submission so far."""

    exercise: Exercise
    submission: Submission
    seed: int
    cases: tuple[CaseSpec, ...]
    expected: dict[str, Expected] = field(default_factory=dict)
    builds: list[BuildResult] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)  # of the whole
    by_case: dict[str, list[Finding]] = field(default_factory=dict)
    played: dict[str, float] = field(default_factory=dict)
    ended: dict[str, Ended] = field(default_factory=dict)

    @property
    def failed_build(self) -> bool:
        return any(finding.verdict in (Verdict.FAILED, Verdict.ERROR) for finding in self.findings)


class _PlannedCases:
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


class Engine:
    """Grades submissions, one after the other or from several threads at once."""

    def __init__(self, hook: Any, config: Config, backend: Backend) -> None:
        self._hook = hook
        self._config = config
        self._backend = backend
        self._planned = _PlannedCases()

    def grade(
        self,
        exercise: Exercise,
        submission: Submission,
        *,
        seed: int,
        cases: Collection[str] = (),
        sanitize: bool = True,
        progress: Callable[[str], None] | None = None,
    ) -> Report:
        """Grade one submission.

        cases: ids to play, all if empty. seed: draws every random value. progress: is told in a few
        words what is being done. Raises SandboxError or InternalError where no grade can be given.
        """
        began = time.monotonic()
        tell = progress or (lambda _: None)
        wanted = tuple(case for case in exercise.cases if not cases or case.id in cases)
        grading = _Grading(exercise, submission, seed, wanted)
        sandbox = self._backend.open()
        try:
            tell("building")
            self._run(sandbox, grading, PLAIN, wanted, tell)
            again = tuple(case for case in wanted if case.sanitize and self._hopeful(grading, case))
            if sanitize and again and not grading.failed_build:
                tell("building with sanitizers")
                self._run(sandbox, grading, SANITIZED, again, tell)
        finally:
            sandbox.close()
        return self._report(grading, time.monotonic() - began)

    @staticmethod
    def _hopeful(grading: _Grading, case: CaseSpec) -> bool:
        return grading.ended.get(case.id, Ended.SKIPPED) not in _HOPELESS

    def _run(
        self, sandbox: Sandbox, grading: _Grading, build: str, cases: Sequence[CaseSpec], tell: Callable[[str], None]
    ) -> None:
        """Send one plan and judge what comes back, as it comes."""
        plan = self._plan(grading, build, cases)
        missing = {case.id: case for case in cases}
        for observation in sandbox.run(plan):
            if isinstance(observation, BuildObservation):
                self._judge_build(grading, observation)
            elif isinstance(observation, CaseObservation):
                case = missing.pop(observation.id, None)
                if case is None or observation.build != build:
                    raise SandboxError(f"the sandbox told of a case that was not asked for: {observation.id!r}")
                tell(case.title)
                if observation.ended is Ended.SKIPPED:
                    grading.ended.setdefault(case.id, Ended.SKIPPED)
                else:
                    self._judge_case(grading, case, observation)
        if missing and not grading.failed_build:
            raise SandboxError(f"the sandbox ended before it had played {', '.join(missing)}")

    def _plan(self, grading: _Grading, build: str, cases: Sequence[CaseSpec]) -> Plan:
        exercise = grading.exercise
        builds = [planning.plan_build(exercise, grading.submission, self._config, build)]
        if build == PLAIN and any(program.partner for program in exercise.programs):
            builds.insert(0, planning.plan_partner(exercise, self._config))
        planned: list[CasePlan] = []
        for case in cases:
            case_plan, expected = self._planned.case(exercise, case, build, grading.seed)
            planned.append(case_plan)
            grading.expected[case.id] = expected
        return Plan(tuple(builds), tuple(planned), grading.seed, exercise.drive)

    def _judge_build(self, grading: _Grading, build: BuildObservation) -> None:
        diagnostics = build.output.decode("utf-8", "replace")
        grading.builds.append(BuildResult(build.name, build.ok, tuple(build.argv), diagnostics, build.seconds))
        found = self._ask(self._hook.grader_check_build, exercise=grading.exercise, build=build)
        grading.findings.extend(replace(finding, build=build.name) for finding in found)
        if not build.ok and not grading.failed_build:
            raise InternalError(f"the {build.name} build failed and no check said why: {diagnostics.strip()[:500]}")

    def _judge_case(self, grading: _Grading, case: CaseSpec, observation: CaseObservation) -> None:
        found = self._ask(
            self._hook.grader_check_case,
            exercise=grading.exercise,
            case=case,
            expected=grading.expected[case.id],
            observation=observation,
        )
        grading.by_case.setdefault(case.id, []).extend(
            self._explained(grading, case, replace(finding, build=observation.build)) for finding in found
        )
        grading.played[case.id] = grading.played.get(case.id, 0.0) + observation.seconds
        if observation.build == PLAIN:
            grading.ended[case.id] = observation.ended

    @staticmethod
    def _explained(grading: _Grading, case: CaseSpec, finding: Finding) -> Finding:
        """A finding with why, hint and replay: its own, or those of the item that it is charged to."""
        item = grading.exercise.checks.get(finding.check)
        return replace(
            finding,
            because=finding.because or (item.because if item else case.because),
            hint=finding.hint or (item.hint if item else case.hint),
            replay=finding.replay
            or planning.replay(grading.exercise, grading.submission, case=case.id, seed=grading.seed),
        )

    def _ask(self, hook: Any, **facts: Any) -> list[Finding]:
        """Call every plugin of a hook; one that raises is our failure, told with its place."""
        try:
            found = [finding for findings in hook(**facts) for finding in _listed(findings)]
        except Exception as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            raise InternalError(
                f"{where.filename}:{where.lineno}: a check raised {type(error).__name__}: {error}"
            ) from error
        return [finding for finding in found if finding.check not in self._config.disabled_checks]

    def _report(self, grading: _Grading, seconds: float) -> Report:
        exercise = grading.exercise
        items = score.score_items(exercise, grading.by_case, grading.played, grading.cases)
        verdict = score.verdict_of(items, grading.findings)
        ours = [finding.message for item in items for finding in item.findings if finding.verdict is Verdict.ERROR]
        ours += [finding.message for finding in grading.findings if finding.verdict is Verdict.ERROR]
        return Report(
            exercise=exercise.slug,
            title=exercise.title,
            submission=grading.submission.name,
            digest=grading.submission.digest,
            verdict=verdict,
            score=None if verdict is Verdict.ERROR else score.total(items),
            max_score=round(sum(item.max_points for item in items), 6),
            seed=grading.seed,
            sandbox=self._backend.name,
            version=__version__,
            builds=tuple(grading.builds),
            items=items,
            findings=tuple(grading.findings),
            error="; ".join(ours),
            seconds=seconds,
            extra={"image": self._backend.identity} if self._backend.identity else {},
        )


def _listed(findings: Iterable[Finding] | None) -> list[Finding]:
    return list(findings) if findings is not None else []
