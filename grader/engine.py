"""The way of one submission: plan, sandbox, observations, findings, score, report.

The engine is handed `manager.hook` and a backend, and knows no check, report or exercise by name. A submission is
played plain, then under sanitizers, then (grader.tracing) with the runtime that sees races and finds schedules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader import __version__, planning, score
from grader.config import Config
from grader.errors import SandboxError, UsageError
from grader.grading import Grading, Judge, PlannedCases, play
from grader.model import Backend, CaseSpec, Exercise, Report, Sandbox, SandboxSettings, Submission, Verdict
from grader.planning import PLAIN, SANITIZED
from grader.remembered import Memory
from grader.trace import Point
from grader.tracing import Tracer
from grader.wire import BuildObservation, CasePlan, Ended, Plan

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


class Engine:
    """Grades submissions, one after the other or from several threads at once.

    memory: a folder in which the outcomes of searches are kept between gradings; None: they are not.
    """

    def __init__(self, hook: Any, config: Config, backend: Backend, memory: Path | None = None) -> None:
        self._judge = Judge(hook, config)
        self._config = config
        self._backend = backend
        self._planned = PlannedCases()
        self._memory = Memory(memory)

    def grade(
        self,
        exercise: Exercise,
        submission: Submission,
        *,
        seed: int,
        cases: Collection[str] = (),
        sanitize: bool = True,
        trace: bool = True,
        late: bool = False,
        progress: Callable[[str], None] | None = None,
    ) -> Report:
        """Grade one submission.

        cases: ids to play, all if empty. seed: draws every random value. sanitize, trace: whether there is a
        second and a third build. late: as CasePlan says, for the first two builds. progress: is told in a few words
        what is being done. Raises SandboxError or InternalError where no grade can be given.
        """
        began = time.monotonic()
        tell = progress or (lambda _: None)
        wanted = tuple(case for case in exercise.cases if not cases or case.id in cases)
        grading = Grading(exercise, submission, seed, wanted)
        sandbox = self._backend.open()
        try:
            tell("building")
            self._run(sandbox, grading, PLAIN, wanted, tell, late=late)
            again = tuple(case for case in wanted if case.sanitize and self._hopeful(grading, case))
            if sanitize and again and not grading.failed_build:
                tell("building with sanitizers")
                self._run(sandbox, grading, SANITIZED, again, tell, late=late)
            if trace and not grading.failed_build:
                self._tracer(sandbox, grading, tell).explain_and_search()
        finally:
            sandbox.close()
        return self._report(grading, time.monotonic() - began)

    def replay(
        self,
        exercise: Exercise,
        submission: Submission,
        case: CaseSpec,
        point: Point,
        *,
        seed: int,
        progress: Callable[[str], None] | None = None,
    ) -> Report:
        """Play one case in one schedule (or with one fault) that an earlier grading has told of."""
        began = time.monotonic()
        grading = Grading(exercise, submission, seed, (case,))
        sandbox = self._backend.open()
        try:
            self._tracer(sandbox, grading, progress or (lambda _: None)).replay(case, point)
        finally:
            sandbox.close()
        return self._report(grading, time.monotonic() - began)

    def _tracer(self, sandbox: Sandbox, grading: Grading, tell: Callable[[str], None]) -> Tracer:
        place = f"{self._backend.name} {self._backend.identity}"
        return Tracer(sandbox, grading, self._judge, self._planned, self._config, self._memory, place, tell)

    @staticmethod
    def _hopeful(grading: Grading, case: CaseSpec) -> bool:
        return grading.ended.get(case.id, Ended.SKIPPED) not in _HOPELESS

    def _run(
        self,
        sandbox: Sandbox,
        grading: Grading,
        build: str,
        cases: Sequence[CaseSpec],
        tell: Callable[[str], None],
        *,
        late: bool,
    ) -> None:
        """Send one plan and judge what comes back, as it comes."""

        def built(observation: BuildObservation) -> None:
            for finding in self._judge.build(grading, observation):
                (grading.notes if finding.verdict is Verdict.PASSED else grading.findings).append(finding)

        plan = self._plan(grading, build, cases, late=late)
        played = play(sandbox, plan, built)
        for observation, case in zip(played, cases, strict=False):  # in this order: what is played is read to its end
            tell(case.title)
            if observation.ended is Ended.SKIPPED:
                grading.ended.setdefault(case.id, Ended.SKIPPED)
                continue
            grading.found(case, self._judge.case(grading, case, observation))
            grading.spent(case, observation.seconds)
            if build == PLAIN:
                grading.ended[case.id] = observation.ended

    def _plan(self, grading: Grading, build: str, cases: Sequence[CaseSpec], *, late: bool) -> Plan:
        exercise = grading.exercise
        builds = planning.plan_builds(exercise, grading.submission, self._config, build)
        if build != PLAIN:
            builds = builds[-1:]  # the partners are there
        planned: list[CasePlan] = []
        for case in cases:
            case_plan, expected = self._planned.case(exercise, case, build, grading.seed)
            planned.append(replace(case_plan, late=True) if late else case_plan)
            grading.expected[case.id] = expected
        return Plan(builds, tuple(planned), grading.seed, exercise.drive)

    def _report(self, grading: Grading, seconds: float) -> Report:
        exercise = grading.exercise
        items = score.score_items(exercise, grading.by_case, grading.played, grading.cases, grading.timelines)
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
            notes=tuple(grading.notes),
        )
