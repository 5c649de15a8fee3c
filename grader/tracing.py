"""The third build of a submission: what it explains, and the search for schedules and faults in which it fails.

Three phases, each only where it can still tell something:

EXPLAIN  a case that failed in the plain build is played once traced. Where the same checks find the same to be wrong,
         their findings, which now know lines, take the place of the plain ones. At most for the time of the budget.
         Of a case that ended at a limit of CPU time or of wall-clock time a shorter run is enough, if it ends at
         the same step; those of wall-clock time come last of all.
SEARCH   a case that says `schedules: search`, and has passed so far, is played once traced. What is found then counts:
         a race is there whether or not it did harm this time. Then it is played once for each point of
         grader.searching, until one fails or the budget is spent; only the first few, where another case failed.
         Where a wait is made to end by its time limit, only what the runtime sees counts, for to give up is right, too.
FAULTS   a case that says `faults: [...]`, and has passed so far, is played once for each call that can fail.

What counts as a failure here, and what does not:

- A failing schedule is failed by its first run, and never tried again until it passes: the one order of events in
  which a program breaks is the finding. It is played a second time, but only for the words and the timeline of the
  report; if it does not fail then, the finding says that, and stands. (A held process is released when the kernel says
  that nobody else can go on, so that both runs have the same order wherever the program's own calls decide it.)
- A point that is not reached is tried once more with a driver that is late (CasePlan.late): it may have been so quick
  that the program was told to end before it came there. If it is not reached then either, that is no failure by
  itself: another order may not come there. For the same reason the points are those of two runs, the second late.
- A traced program is slower, so a run that ended at a limit of CPU time, wall-clock time or memory says nothing about
  a program that stayed within its limits in the plain build. Such a run is not judged, and a note says so. Where
  a fault was injected it is different: that same traced program stayed within them without the fault.
- A traced build that fails is the student's doing where the compiler names a line of theirs, and then fails the cases
  that are searched (or else a program could escape the search by not compiling); otherwise it is ours. Where
  the build is wanted for explanations only, they are left out.

One sandbox does all of it, one run after the other: a second one would have to compile again, which takes as long as
some twenty runs.
"""

from __future__ import annotations

import contextlib
import hashlib
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from grader import __version__, contention, planning, searching, wire
from grader.config import Config
from grader.errors import SandboxError
from grader.grading import BAD, Grading, Judge, PlannedCases
from grader.model import CaseSpec, Finding, Sandbox, Verdict
from grader.planning import PLAIN, TRACED
from grader.remembered import Memory, Outcome, key_of
from grader.trace import FaultKind, Point, Tracing, Visited
from grader.traced import (
    Run,
    TracedBuild,
    at,
    counted,
    first,
    of_all,
    point_place,
    point_words,
    under,
    with_place,
    without_idle_holds,
)
from grader.wire import Ended, Limits

_NOT_EXPLAINED = frozenset({Ended.SKIPPED, Ended.MEMORY})
_SHORTER = frozenset({Ended.WALL, Ended.CPU})
# Who has not come when the time is over, and who runs in a loop until it is used up, is where he was long before.
_WALL, _CPU = 3.0, 0.5  # seconds
# Faults are few, and each of them counts: a busy machine must not come to another verdict by leaving some out. So their
# budget is for programs that have call sites without end.
_FAULTS_SHARE = 12
# Where a case has failed, that explains most, and few points are tried of the others: whether that one failed may have
# been luck, and what is held against the others shall not depend on it.
_FEW = 24
_MOST_FAULTS = 5  # findings about faults in a case: a program that checks nothing has hundreds
_SCHEDULES, _FAULTS = "schedules", "faults"


@dataclass(frozen=True)
class _Base:
    """What the run without a point has shown of a case: where it can be held, and what it may use."""

    visited: tuple[Visited, ...]
    limits: Limits


@dataclass
class _Sum:
    """What came of the searches of all cases together."""

    tried: int = 0
    points: int = 0
    before: int = 0  # of those tried, in earlier gradings
    ignored: int = 0  # runs that ended at a limit
    points_tried: set[Point] = field(default_factory=set)

    def add(self, outcome: Outcome, *, before: bool = False, ignored: int = 0) -> None:
        self.tried += outcome.tried
        self.points += outcome.points
        self.before += outcome.tried if before else 0
        self.ignored += ignored


class _Budget:
    """Seconds, shared evenly among the cases that are still to come."""

    def __init__(self, clock: contention.Clock, seconds: float, shares: int) -> None:
        self._clock = clock
        self._end = clock.now() + seconds
        self._shares = shares

    def share(self) -> float:
        """For the next case."""
        made = max(0.0, self._end - self._clock.now()) / max(1, self._shares)
        self._shares -= 1
        return made


class Tracer:
    """The traced build of one grading. place: where it is played, for what is remembered of it."""

    def __init__(
        self,
        sandbox: Sandbox,
        grading: Grading,
        judge: Judge,
        planned: PlannedCases,
        config: Config,
        memory: Memory,
        place: str,
        tell: Callable[[str], None],
    ) -> None:
        self._grading = grading
        self._judge = judge
        self._config = config
        self._memory = memory
        self._place = place
        self._tell = tell
        self._clock = contention.Clock()
        self._traced = TracedBuild(sandbox, grading, judge, planned, config)

    def explain_and_search(self) -> None:
        """All three phases."""
        grading = self._grading
        marked = [case for case in grading.cases if (case.search or case.faults) and grading.passed(case)]
        end = self._clock.now() + self._config.search_budget
        explicable = [case for case in grading.cases if self._can_be_explained(case)]
        late = [case for case in explicable if grading.ended[case.id] is Ended.WALL]
        for case in explicable:
            # One that took long takes as long again: explaining has the same budget as searching.
            share = _CPU / self._cpu_of(case) if grading.ended[case.id] is Ended.CPU else 1.0
            if case not in late and self._clock.now() + grading.played[case.id] * min(share, 1.0) < end:
                self._explain(case)
        bases = self._search([case for case in marked if case.search])
        self._faults([case for case in marked if case.faults], bases)
        # Last, for on a machine that is too busy for so short a time the sandbox gives up, and nothing else is lost.
        with contextlib.suppress(SandboxError):
            for case in late:
                if self._clock.now() + _WALL < end:
                    self._explain(case)
        if self._traced.failed is not None:
            self._blame(marked, self._traced.failed)

    def replay(self, case: CaseSpec, point: Point) -> None:
        """One run at one point."""
        grading = self._grading
        self._tell("building for tracing")
        run = self._run_at(case, point, events=True)
        if run is None:
            grading.findings.extend(self._traced.failed or ())
            return
        if not run.trace.reached:
            self._note(case, f"the point {point} was not reached: nobody was held, and no call was made to fail")
        if point.fault in case.faults or point.fault not in (None, FaultKind.TIMEOUT):
            grading.found(case, self._survived(run, point))
        else:
            if run.slow:
                self._note(case, _ignored(run))
            when = f"when {point_words(run.trace, point, None)}"
            replay = self._command(case, point)
            found = [under(finding, point, when, replay) for finding in _held_against(run, point)]
            grading.found(case, [with_place(finding, point_place(run.trace, point)) for finding in found])
        grading.found(case, run.notes)
        self._keep_timeline(run, asked=True)

    # --- explain -----------------------------------------------------------------------------------

    def _can_be_explained(self, case: CaseSpec) -> bool:
        return bool(self._plain(case)) and self._grading.ended.get(case.id, Ended.SKIPPED) not in _NOT_EXPLAINED

    def _plain(self, case: CaseSpec) -> list[Finding]:
        found = self._grading.by_case.get(case.id, ())
        return [finding for finding in found if finding.build == PLAIN and finding.verdict is Verdict.FAILED]

    def _explain(self, case: CaseSpec) -> None:
        """Play a failed case again, for its lines."""
        if self._traced.failed is not None:
            return
        grading = self._grading
        self._tell(f"explaining: {case.title}")
        ended = grading.ended[case.id]
        plain = self._plain(case)
        run = self._traced.run(case, Tracing(events=True), self._limits_to_explain(case, ended), judged=ended)
        if run is None or (run.slow and run.observation.ended is not ended) or run.observation.trace is None:
            return
        wrong = run.wrong
        if ended in _SHORTER:
            if [_what(finding) for finding in wrong] != [_what(finding) for finding in plain]:
                wrong = plain  # it has not come so far in that time
            else:
                wrong = [_sooner(now, before, ended) for now, before in zip(wrong, plain, strict=True)]
        if {finding.check for finding in wrong} == {finding.check for finding in plain}:
            others = [finding for finding in grading.by_case[case.id] if finding not in plain]
            grading.by_case[case.id] = [*(replace(finding, build=PLAIN) for finding in wrong), *others]
        else:
            self._note(case, f"played once more, in the traced build, it came out otherwise: {first(wrong)}")
        # A case that is not searched, and failed only a check that is scored by itself, keeps its points.
        held = case.search or any(finding.check not in grading.exercise.checks for finding in plain)
        causes = run.causes
        grading.explained(case, causes if held else [replace(finding, verdict=Verdict.PASSED) for finding in causes])
        grading.found(case, run.notes)
        self._keep_timeline(run)

    def _limits_to_explain(self, case: CaseSpec, ended: Ended) -> Limits:
        limits = self._traced.plan(case).limits
        if ended is Ended.CPU:
            return replace(limits, cpu=min(_CPU, self._cpu_of(case)))
        return replace(limits, wall=min(limits.wall, _WALL)) if ended is Ended.WALL else limits

    def _cpu_of(self, case: CaseSpec) -> float:
        """Seconds of CPU time that each of its processes may use in the plain build."""
        return (case.limits or self._grading.exercise.limits).cpu

    # --- search ------------------------------------------------------------------------------------

    def _search(self, cases: Sequence[CaseSpec]) -> Mapping[str, _Base]:
        """Find a schedule in which one of the cases fails; what their base runs have shown, for the next phase."""
        grading = self._grading
        well = not grading.failed_build and all(grading.passed(case) for case in grading.cases)
        bases: dict[str, _Base] = {}
        total = _Sum()
        for case in cases:
            known = self._memory.get(self._key(case, _SCHEDULES)) if well else None
            if known is not None and not known.failing:
                total.add(known, before=True)
                continue
            if known is not None and self._fails_again(case, known):
                continue
            base = self._base(case)
            if base is None:
                return bases
            bases[case.id] = base
        budget = _Budget(self._clock, self._config.search_budget, len(bases))
        for case in cases:
            if case.id in bases and not grading.failures(case):
                whole = well and not any(grading.failures(other) for other in cases)
                self._search_case(case, bases[case.id], budget.share(), total, whole=whole)
        if total.points and not any(grading.failures(case) for case in cases):
            self._note(None, _searched(total))
        return bases

    def _base(self, case: CaseSpec) -> _Base | None:
        """Play a case traced, as it is, and judge that; None where there is no traced build."""
        self._tell(f"tracing: {case.title}")
        run = self._traced.run(case, Tracing(visits=True)) if self._traced.failed is None else None
        if run is None:
            return None
        self._grading.found(case, [*run.failures, *run.notes])
        if run.slow:
            self._note(case, _ignored(run))
        elif run.failures and (again := self._traced.run(case, Tracing(events=True))) is not None:
            self._keep_timeline(again)
        if run.slow:
            return _Base((), self._traced.limits(run))
        late = None if run.failures else self._traced.run(case, Tracing(visits=True), late=True)
        more = () if late is None or late.slow else late.trace.visited
        return _Base((*run.trace.visited, *more), self._traced.limits(run))

    def _runs_at(
        self, case: CaseSpec, points: Sequence[Point], limits: Limits | None = None, *, events: bool = False
    ) -> Sequence[Run]:
        """A run at each point; where it did not come there, the driver may have been too quick: once more, late."""
        ways = [at(point, events=events) for point in points]
        runs = list(self._traced.runs(case, ways, limits))
        missed = [
            number
            for number, (run, point) in enumerate(zip(runs, points, strict=False))
            if not run.trace.reached and not _held_against(run, point)
        ]
        if missed:
            again = self._traced.runs(case, [ways[number] for number in missed], limits, late=True)
            for run, number in zip(again, missed, strict=False):
                runs[number] = run
        return runs

    def _run_at(self, case: CaseSpec, point: Point, *, events: bool = False) -> Run | None:
        """One such run; None where the build has failed."""
        return next(iter(self._runs_at(case, [point], events=events)), None)

    def _search_case(self, case: CaseSpec, base: _Base, seconds: float, total: _Sum, *, whole: bool) -> None:
        """Try the points of a case (or the first of them) until one fails, or the time is spent."""
        points = searching.schedules(base.visited, total.points_tried)
        points += searching.time_outs(base.visited, total.points_tried)
        if not whole:
            points = points[:_FEW]
        visited = list(base.visited)
        grown = not whole
        began, tried, slow = self._clock.now(), 0, 0
        took: list[float] = []
        failed: tuple[Run, Point] | None = None
        while failed is None and tried < len(points):
            spent = self._clock.now() - began
            if spent >= seconds and not _stood_still(took, seconds):
                break
            size = searching.batch_size(seconds - spent, spent / tried if tried else seconds / 2)
            batch = points[tried : tried + size]
            self._tell(f"schedule {tried + 1} of {len(points)}: {case.title}")
            for run, point in zip(self._runs_at(case, batch, base.limits), batch, strict=False):
                if failed is None:  # what comes behind the first failure has been played in vain
                    tried, slow = tried + 1, slow + run.slow
                    took.append(run.observation.seconds)
                    failed = (run, point) if _held_against(run, point) else None
                    visited += run.trace.visited
            if tried == len(points) and not grown:
                grown = True
                points += searching.beyond(visited, points)
        total.points_tried.update(points[:tried])
        outcome = Outcome(tried, len(points), str(failed[1]) if failed is not None else "")
        total.add(outcome, ignored=slow)
        if failed is not None:
            places = {(visit.program, visit.address): visit for visit in visited}
            self._failed_under(*failed, outcome, places)
        if points and not slow and (whole or failed is not None):
            self._memory.put(self._key(case, _SCHEDULES), outcome)

    def _fails_again(self, case: CaseSpec, known: Outcome) -> bool:
        """Try first the point at which it failed before."""
        programs = [program.name for program in self._grading.exercise.programs]
        try:
            point = searching.parse_point(known.failing, programs)
        except ValueError:
            return False
        self._tell(f"the schedule that failed before: {case.title}")
        run = self._run_at(case, point) if self._traced.failed is None else None
        if run is None or not _held_against(run, point):
            return False
        self._failed_under(run, point, known, {})
        return True

    def _failed_under(
        self, run: Run, point: Point, outcome: Outcome, visited: Mapping[tuple[str, int], Visited]
    ) -> None:
        """Keep what failed in a schedule. A second run gives the words for it, and no verdict."""
        case = run.case
        again = self._run_at(case, point, events=True)
        trace = again.trace if again is not None and again.trace.reached else run.trace
        words = point_words(trace, point, visited.get((point.program, point.address)))
        told = f"in 1 of {counted(outcome.tried)}, when {words}"
        steady = again is not None and bool(_held_against(again, point))
        facts = {"tried": outcome.tried, "points": outcome.points, "words": words, "again": steady}
        replay = self._command(case, point)
        made = [under(finding, point, told, replay, **facts) for finding in _held_against(run, point)]
        made = [with_place(finding, point_place(trace, point)) for finding in made]
        if not steady:
            more = "played once more at the same point it did not fail: it depends on what else the machine does, too"
            made = [replace(finding, details=(*finding.details, more)) for finding in made]
        self._grading.found(case, [*made, *run.notes])
        if again is not None:
            self._keep_timeline(again)

    # --- faults ------------------------------------------------------------------------------------

    def _faults(self, cases: Sequence[CaseSpec], bases: Mapping[str, _Base]) -> None:
        """Make one call at a time fail."""
        total = _Sum()
        budget = _Budget(self._clock, _FAULTS_SHARE * self._config.search_budget, len(cases))
        for case in cases:
            known = self._memory.get(self._key(case, _FAULTS))
            if known is not None and not known.failing:
                total.add(known, before=True)
                continue
            if not self._grading.passed(case):
                continue
            base = bases.get(case.id) or self._base(case)
            if base is None:
                return
            if self._grading.passed(case):
                self._faults_of(case, base, budget.share(), total)
        if total.points:
            what = of_all(total.tried, total.points, "fault")
            self._note(None, f"{what} that fit its calls were injected, one at a time", _FAULTS)

    def _faults_of(self, case: CaseSpec, base: _Base, seconds: float, total: _Sum) -> None:
        points = searching.faults(base.visited, case.faults)
        began, tried = self._clock.now(), 0
        missed: list[tuple[Point, list[Finding]]] = []
        while tried < len(points) and len(missed) < _MOST_FAULTS and (spent := self._clock.now() - began) < seconds:
            size = searching.batch_size(seconds - spent, spent / tried if tried else seconds / 2)
            batch = points[tried : tried + size]
            self._tell(f"fault {tried + 1} of {len(points)}: {case.title}")
            for run, point in zip(self._runs_at(case, batch, base.limits), batch, strict=False):
                tried += 1
                if found := self._survived(run, point):
                    missed.append((point, found))
        for _, found in missed[:_MOST_FAULTS]:
            self._grading.found(case, found)
        if missed and (again := self._run_at(case, missed[0][0], events=True)) is not None:
            self._keep_timeline(again)
        outcome = Outcome(tried, len(points), str(missed[0][0]) if missed else "")
        total.add(outcome)
        if points:
            self._memory.put(self._key(case, _FAULTS), outcome)

    def _survived(self, run: Run, point: Point) -> list[Finding]:
        """What is wrong with how a program took a fault: nothing, where it did all that is asked of it."""
        observation = run.observation
        if run.trace.fault is None or observation.ended is Ended.WALL:
            return []
        if observation.ended is Ended.DONE and not run.wrong:
            return []
        found = self._judge.fault(self._grading, run.case, observation, run.wrong)
        replay = self._command(run.case, point)
        return [
            replace(finding, replay=replay, data={**finding.data, "schedule": {"point": str(point)}})
            for finding in found
        ]

    # --- what is kept ------------------------------------------------------------------------------

    def _blame(self, cases: Sequence[CaseSpec], failed: Sequence[Finding]) -> None:
        """The traced build failed: whose doing that is, and what of it."""
        grading = self._grading
        if not cases:
            grading.builds.pop()
            self._note(None, f"there are no lines and no timeline, for {first(failed)}")
        elif any(finding.verdict is Verdict.ERROR for finding in failed):
            grading.findings.extend(failed)
        else:
            for case in cases:
                grading.found(case, failed)

    def _keep_timeline(self, run: Run, *, asked: bool = False) -> None:
        if (asked or run.failures) and run.observation.trace is not None and run.observation.trace.events:
            self._grading.timelines[run.case.id] = without_idle_holds(run.observation.trace.events)

    def _note(self, case: CaseSpec | None, message: str, check: str = _SCHEDULES) -> None:
        note = Finding(check, message, Verdict.PASSED, build=TRACED)
        if case is None:
            self._grading.notes.append(note)
        else:
            self._grading.found(case, [note])

    def _command(self, case: CaseSpec, point: Point) -> str:
        grading = self._grading
        return planning.replay(grading.exercise, grading.submission, case=case.id, seed=grading.seed, point=point)

    # --- what is remembered --------------------------------------------------------------------------

    def _key(self, case: CaseSpec, what: str) -> str:
        """The name of all that decides how a search of a case goes."""
        plan = self._traced.plan(case)
        return key_of(
            {
                "what": what,
                "all": self._of_all_cases,
                "case": wire.text(plan),
                "expected": repr(self._grading.expected[case.id]),
                "faults": [kind.value for kind in case.faults],
            }
        )

    @cached_property
    def _of_all_cases(self) -> str:
        grading, config = self._grading, self._config
        builds = planning.plan_builds(grading.exercise, grading.submission, config, TRACED)
        files = [config.sandbox.driver, *config.plugins, grading.exercise.root / "plugin.py"]
        return key_of(
            {
                "grader": __version__,
                "place": self._place,
                "builds": wire.text(builds),
                "drive": grading.exercise.drive,
                "budget": config.search_budget,
                "disabled": config.disabled_checks,
                "files": _digest(files),
            }
        )


def _digest(places: Iterable[Path]) -> str:
    """SHA-256 over the files in these folders (and these files): the driver, the runtime, the checks."""
    made = hashlib.sha256()
    for place in places:
        inside = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in inside:
            if path.is_file() and path.suffix not in (".pyc", ".o", ".a"):
                content = path.read_bytes()
                made.update(f"{path.name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return made.hexdigest()


def _stood_still(took: Sequence[float], seconds: float) -> bool:
    """Was the time used up by something else than the runs, as by a virtual machine that stood still for a while?

    took: seconds of each run so far. The first points are for all programs, whatever else the machine does.
    """
    return 0 < len(took) < _FEW and statistics.median(took) * _FEW < seconds


def _sooner(now: Finding, before: Finding, ended: Ended) -> Finding:
    """A finding of a run that was ended sooner, with what was seen in the one before it."""
    when = f"{_CPU:g} s of CPU time" if ended is Ended.CPU else f"{_WALL:g} s"
    details = (f"(as it was after {when} of the traced run)", *now.details) if now.locations else now.details
    return replace(now, seen=before.seen, details=details)


def _what(finding: Finding) -> tuple[str, Any]:
    """The check, and the step at which it failed, if it was at one."""
    return finding.check, finding.data.get("step")


def _held_against(run: Run, point: Point) -> list[Finding]:
    """What counts of a run of the search."""
    return run.failures if point.fault is None else [finding for finding in run.seen if finding.verdict in BAD]


def _ignored(run: Run) -> str:
    return (
        f"its traced run ended at a limit ({run.observation.ended.value}) that the plain one kept: "
        "tracing is slow, so that this is not held against it, and schedules were not searched"
    )


def _searched(total: _Sum) -> str:
    made = f"it failed in none of {counted(total.tried)}"
    if total.tried < total.points:
        made = f"it failed in none of {counted(total.tried)} that were tried, of {total.points} that there are"
    if total.before:
        made += f" ({total.before} of them were tried in an earlier grading)"
    if total.ignored:
        made += f"; {total.ignored} ended at a limit, which is not held against it"
    return made
