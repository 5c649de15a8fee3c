"""Runs of the traced build: how a case is played in it, and the words for the point of a schedule.

`grader.tracing` decides which runs there are, and what counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader import planning
from grader.config import Config
from grader.errors import SandboxError
from grader.grading import BAD, Grading, Judge, PlannedCases, play
from grader.model import CaseSpec, Finding, Location, Sandbox, Verdict
from grader.model.places import at as at_place
from grader.planning import TRACED
from grader.trace import EventKind, Place, Point, Trace, TraceEvent, Tracing, Visited
from grader.wire import BuildObservation, BuildPlan, CaseObservation, CasePlan, Ended, Limits, Plan

EVERYBODY = "*"
_VARIABLE = "variable"  # no call, but an access to memory of a process that one of its handlers writes to
_SLOW = frozenset({Ended.CPU, Ended.WALL, Ended.MEMORY})
_LEAST_CPU = 2.0  # seconds of CPU time that a run of a search may take; or four times what the run without a point took


@dataclass(frozen=True)
class Run:
    """One run of a case, and what was found in it.

    ordinary: how it came out; nothing where it is not judged. seen: what the runtime saw, however it came out.
    scored: checks that are items of their own, so that what they find costs the case nothing.
    """

    case: CaseSpec
    observation: CaseObservation
    ordinary: tuple[Finding, ...]
    seen: tuple[Finding, ...]
    scored: Collection[str] = ()

    @property
    def trace(self) -> Trace:
        """Raises SandboxError where there is none."""
        if self.observation.trace is None:
            raise SandboxError(f"the sandbox told nothing of what the traced build saw in {self.case.id}")
        return self.observation.trace

    @property
    def slow(self) -> bool:
        """Whether it ended at a limit that a program may reach because it is traced."""
        return self.observation.ended in _SLOW

    @property
    def wrong(self) -> list[Finding]:
        """How it came out, where that was not as it should be."""
        return [finding for finding in self.ordinary if finding.verdict in BAD]

    @property
    def causes(self) -> list[Finding]:
        """What the runtime saw that is held against it: whether it did harm or not, or (`explains`) because it did."""
        return [
            replace(finding, verdict=Verdict.FAILED) if self._explains(finding) else finding
            for finding in self.seen
            if finding.verdict in BAD or self._explains(finding)
        ]

    @property
    def failures(self) -> list[Finding]:
        """All that is held against it; what the runtime saw comes first, for it explains the rest."""
        return [*self.causes, *(finding for finding in self.ordinary if finding.verdict in BAD)]

    @property
    def notes(self) -> list[Finding]:
        """What only explains: of a run that came out right nothing needs to be explained."""
        notes = [finding for finding in (*self.ordinary, *self.seen) if finding.verdict is Verdict.PASSED]
        return [finding for finding in notes if not self._explains(finding)] if self.wrong else []

    def _explains(self, finding: Finding) -> bool:
        harmed = any(wrong.check not in self.scored for wrong in self.wrong)
        counts = finding.check not in self.scored  # else it would cost the points of another item
        return harmed and counts and finding.verdict is Verdict.PASSED and finding.data.get("explains") is True


class TracedBuild:
    """The traced build of one grading: built with the first run that is asked for.

    failed: what is said of it where it could not be built; no run comes then.
    """

    def __init__(self, sandbox: Sandbox, grading: Grading, judge: Judge, planned: PlannedCases, config: Config) -> None:
        self.failed: list[Finding] | None = None
        self._sandbox = sandbox
        self._grading = grading
        self._judge = judge
        self._planned = planned
        self._config = config
        self._built_yet = False

    def plan(self, case: CaseSpec) -> CasePlan:
        """A case as it is played here, and its expectations noted."""
        plan, expected = self._planned.case(self._grading.exercise, case, TRACED, self._grading.seed)
        self._grading.expected[case.id] = expected
        return replace(plan, needs=())

    def runs(
        self,
        case: CaseSpec,
        ways: Iterable[Tracing],
        limits: Limits | None = None,
        *,
        judged: Ended = Ended.DONE,
        late: bool = False,
    ) -> Iterator[Run]:
        """Play a case in several ways. To be read to its end, for the sandbox plays them all.

        judged: how the plain run ended; a traced one that ends so is not only slow. late: see CasePlan.
        """
        plan = replace(self.plan(case), late=late)
        if limits is not None:
            plan = replace(plan, limits=limits)
        builds = self._first_builds()
        cases = tuple(replace(plan, tracing=way) for way in ways)
        grading = self._grading
        for observation in play(self._sandbox, Plan(builds, cases, grading.seed, grading.exercise.drive), self._built):
            grading.spent(case, observation.seconds)
            faulty = observation.trace is not None and observation.trace.fault is not None
            asked = faulty or observation.ended not in _SLOW or observation.ended is judged
            ordinary = self._judge.case(grading, case, observation) if asked else []
            seen = self._judge.trace(grading, case, observation)
            yield Run(case, observation, tuple(ordinary), tuple(seen), grading.exercise.checks)

    def run(
        self,
        case: CaseSpec,
        way: Tracing,
        limits: Limits | None = None,
        *,
        judged: Ended = Ended.DONE,
        late: bool = False,
    ) -> Run | None:
        """Play a case once; None where the build has failed."""
        runs = list(self.runs(case, [way], limits, judged=judged, late=late))
        return runs[0] if runs else None

    def limits(self, run: Run) -> Limits:
        """What a run of a search may use: a loop that has no end shall not eat the whole budget."""
        limits = self.plan(run.case).limits
        took = max((process.cpu for process in run.observation.processes), default=0.0)
        return replace(limits, cpu=min(limits.cpu, max(_LEAST_CPU, 4 * took)))

    def _first_builds(self) -> tuple[BuildPlan, ...]:
        """What has to be built for the next plan."""
        grading = self._grading
        if self._built_yet:
            return ()
        self._built_yet = True
        if grading.builds:  # of another build, with which the partners were made
            return (planning.plan_build(grading.exercise, grading.submission, self._config, TRACED),)
        return planning.plan_builds(grading.exercise, grading.submission, self._config, TRACED)

    def _built(self, build: BuildObservation) -> None:
        found = self._judge.build(self._grading, build)
        if not build.ok:
            self.failed = [finding for finding in found if finding.verdict in BAD]


def at(point: Point, *, events: bool = False) -> Tracing:
    """A run at a point. The program's own sleeps are cut short: to sleep is no way to wait for somebody.

    Who comes last everywhere lets others come to places where they have not been: these are recorded.
    """
    return Tracing(point=point, visits=point.onwards, events=events, cut_sleeps=True)


# --- words --------------------------------------------------------------------------------------


def point_words(trace: Trace, point: Point, visited: Visited | None) -> str:
    """What is different in a run at a point."""
    fault = trace.fault
    if point.fault is not None:
        who, place = (fault.process, at_place(fault.place, fault.caller)) if fault else (f"process {point.task}", "")
        return f"the wait of {who}{place} ends by its time limit"
    return _held_words(trace, point, visited)


def _held_words(trace: Trace, point: Point, visited: Visited | None) -> str:
    """ "child 2 of demo is held at demo.c:40 (before semop()) until nobody else can go on"."""
    task = _name_of(trace, point) or f"process {point.task}"
    if point.onwards:
        return f"{task} comes last everywhere: it goes on only when nobody else can"
    event = _held_event(trace, task if point.first else "")
    where = f"{event.place.file}:{event.place.line}" if event and event.place else f"address {point.address:#x}"
    call = (visited.call if visited else "") or (event.call if event else "")
    if call == _VARIABLE:
        where += " (an access to what a handler changes)"
    elif call:
        where += f" ({'after' if visited and visited.after else 'before'} {call}())"
    elif visited is not None:
        where += " (an access to shared memory)"
    if point.first:
        return f"{task} goes alone as far as {where} and is held there until nobody else can go on"
    held = {event.process for event in trace.events if event.kind is EventKind.HELD}
    if point.task == EVERYBODY and len(held) != 1:
        who = "every process that comes to"
        return f"{who} {where} {_time(point)}is held there until nobody else can go on"
    name = min(held) if point.task == EVERYBODY else task
    return f"{name} is held at {where} {_time(point)}until nobody else can go on"


def without_idle_holds(events: Sequence[TraceEvent]) -> tuple[TraceEvent, ...]:
    """Events, without those that tell that somebody was held once more while nobody else did anything."""
    held = [at for at, event in enumerate(events) if event.kind is EventKind.HELD]
    idle = {at for at in held[1:] if at + 1 < len(events) and events[at + 1].process == events[at].process}
    return tuple(event for at, event in enumerate(events) if at not in idle)


def point_place(trace: Trace, point: Point) -> Place | None:
    """The line at which somebody was held, or a wait came to its limit."""
    if point.onwards:
        return None
    if trace.fault is not None:
        return trace.fault.place
    event = _held_event(trace, _name_of(trace, point) if point.first else "")
    return event.place if event else None


def under(finding: Finding, point: Point, told: str, replay: str, **facts: Any) -> Finding:
    """A finding of a run at a point: its message says so, and the command plays that run again."""
    return replace(
        finding,
        message=f"{finding.message}; {told}",
        replay=replay,
        data={**finding.data, "schedule": {"point": str(point), **facts}},
    )


def with_place(finding: Finding, place: Place | None) -> Finding:
    """A finding that points at this line, too."""
    known = {(one.file, one.line) for one in finding.locations}
    if place is None or not place.line or (place.file, place.line) in known:
        return finding
    return replace(finding, locations=(*finding.locations, Location(place.file, place.line, 0, place.function)))


def _name_of(trace: Trace, point: Point) -> str:
    """Whom a point holds; "" for everybody, and for who was never born in this run."""
    return next((task.name for task in trace.tasks if task.path == point.task), "")


def _held_event(trace: Trace, process: str) -> TraceEvent | None:
    """The first time that somebody is held; process: who, "" for anybody."""
    held = (event for event in trace.events if event.kind is EventKind.HELD)
    return next((event for event in held if process in ("", event.process)), None)


def _time(point: Point) -> str:
    return f"for the {point.occurrence}{'nd' if point.occurrence == 2 else 'th'} time " if point.occurrence > 1 else ""


def counted(number: int, noun: str = "schedule") -> str:
    """ "1 schedule", "12 schedules"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def of_all(tried: int, points: int, noun: str) -> str:
    """ "all 12 schedules", "5 of 12 schedules"."""
    return f"all {counted(points, noun)}" if tried == points else f"{tried} of {counted(points, noun)}"


def first(findings: Sequence[Finding]) -> str:
    """What is wrong, in one line."""
    return findings[0].message if findings else "nothing was wrong"
