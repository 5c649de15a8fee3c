"""The traced build: what it explains, which schedules and faults it tries, and what counts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pluggy
import pytest

from grader import hookspecs, searching
from grader.config import Config, load_config
from grader.engine import Engine
from grader.errors import SandboxError
from grader.hookspecs import hookimpl
from grader.model import CaseSpec, Exercise, Finding, Location, Report, Submission, Verdict
from grader.trace import EventKind, FaultKind, Place, Point, ReportKind, TracedAccess, TraceEvent, TraceReport, Visited
from grader.wire import BuildObservation, CaseObservation, CasePlan, Ended
from tests.samples import GOOD, an_exercise
from tests.traced_sandbox import SCHEDULES, VISITED, Program, observed

ALL = len(SCHEDULES)
RACE = TraceReport(ReportKind.RACE, (TracedAccess("demo", "writes", Place("demo.c", 3)),) * 2)
FILE_RACE = replace(RACE, kind=ReportKind.FILE_RACE)


class Checks:
    """`exit`: the status must be 0. `races`: no report; of a file it only explains. `faults`: no fault may end it.
    `told`: a note."""

    @hookimpl
    def grader_check_build(self, build: BuildObservation) -> Iterable[Finding]:
        return [] if build.ok else [Finding("build", f"the {build.name} build fails", self.verdict_of_builds)]

    verdict_of_builds = Verdict.FAILED

    @hookimpl
    def grader_check_case(self, observation: CaseObservation) -> Iterable[Finding]:
        if observation.processes[0].exit_code:
            yield Finding("exit", f"exited {observation.build}", details=(observation.build,))

    @hookimpl
    def grader_check_trace(self, observation: CaseObservation) -> Iterable[Finding]:
        assert observation.trace is not None
        if RACE in observation.trace.reports:
            yield Finding("races", "a race")
        if FILE_RACE in observation.trace.reports:
            yield Finding("races", "a race on a file", Verdict.PASSED, data={"explains": True})
        yield Finding("told", "locks are taken in two orders", Verdict.PASSED)

    @hookimpl
    def grader_check_fault(self, observation: CaseObservation, findings: tuple[Finding, ...]) -> Iterator[Finding]:
        assert findings
        assert observation.trace is not None
        yield Finding("faults", f"fails at {observation.trace.point}")


@dataclass
class Course:
    root: Path
    config: Config
    exercise: Exercise
    submission: Submission

    def grade(self, program: Program, checks: Any = None, *, memory: Path | None = None, **options: Any) -> Report:
        return self.engine(program, checks, memory).grade(self.exercise, self.submission, seed=7, **options)

    def engine(self, program: Program, checks: Any = None, memory: Path | None = None) -> Engine:
        manager = pluggy.PluginManager("grader")
        manager.add_hookspecs(hookspecs)
        manager.register(checks or Checks())
        return Engine(manager.hook, self.config, program, memory)

    def with_cases(self, **changes: Any) -> None:
        first = replace(self.exercise.cases[0], **changes)
        self.exercise = replace(self.exercise, cases=(first, *self.exercise.cases[1:]))


@pytest.fixture
def place(tmp_path: Path) -> Course:
    """An exercise of one case that is searched, and one that is not; no sanitized builds."""
    (tmp_path / "grader.yaml").write_text("format: 1\n", encoding="utf-8")
    (tmp_path / "exercises").mkdir()
    exercise = an_exercise(tmp_path)
    second = CaseSpec("again", "does it again", 2.0, (), "twice matters.", "Again.", sanitize=False)
    first = replace(exercise.cases[0], search=True, sanitize=False)
    exercise = replace(exercise, cases=(first, second))
    submission = Submission("ann", tmp_path / "ann", {"demo.c": GOOD.encode()}, "0" * 64)
    return Course(tmp_path, load_config(tmp_path, tmp_path), exercise, submission)


def failing(*names: str) -> Program:
    return Program(frozenset(names))


def verdicts(report: Report) -> dict[str, str]:
    return {item.id: item.verdict.value for item in report.items}


def messages(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.message for finding in findings]


# --- search -------------------------------------------------------------------------------------


def test_a_right_program_is_held_at_every_point_and_passes(place: Course) -> None:
    program = Program()
    report = place.grade(program)
    assert report.verdict is Verdict.PASSED
    assert program.points == list(SCHEDULES)
    assert [build.name for build in report.builds] == ["plain", "traced"]
    assert messages(report.notes) == [f"it failed in none of {ALL} schedules"]
    assert all(item.timeline is None and not item.notes for item in report.items)


def test_what_is_not_marked_is_not_traced(place: Course) -> None:
    place.with_cases(search=False)
    program = Program()
    assert [build.name for build in place.grade(program).builds] == ["plain"]
    assert len(program.plans) == 1


def test_without_tracing_there_is_no_third_build(place: Course) -> None:
    program = failing("plain")
    assert [build.name for build in place.grade(program, trace=False).builds] == ["plain"]


@pytest.mark.parametrize("point", SCHEDULES)
def test_the_search_ends_at_the_first_schedule_that_fails(place: Course, point: str) -> None:
    program = failing(point, SCHEDULES[-1])
    report = place.grade(program)
    tried = SCHEDULES.index(point) + 1
    assert program.points[:tried] == list(SCHEDULES[:tried])
    assert len(program.points) - tried < searching.BATCH
    assert verdicts(report) == {"works": "failed", "again": "passed", "tidy": "passed"}
    (finding,) = report.items[0].findings
    assert finding.message.startswith(f"exited traced; in 1 of {tried} schedule")
    assert finding.data["schedule"]["point"] == point
    assert finding.data["schedule"]["tried"] == tried
    assert finding.data["schedule"]["points"] == ALL
    assert finding.data["schedule"]["again"] is True
    assert finding.replay.startswith(f"grader grade demo {place.submission.path} --case works --seed 7 --replay ")
    assert point in finding.replay
    assert report.items[0].timeline
    assert not report.notes


@pytest.mark.parametrize(
    ("point", "words"),
    [
        ("0.2@demo+20#1", "child 2 of demo is held at demo.c:40 (before semop()) until"),
        ("*@demo+21#2", "child 2 of demo is held at demo.c:40 (after semop()) for the 2nd time until"),
        ("0.2@demo+30#1^", "child 2 of demo goes alone as far as demo.c:40 (before write()) and is held there until"),
        ("*@demo+20#1", "every process that comes to demo.c:40 (before semop()) is held there until"),
    ],
)
def test_a_schedule_is_told_in_words(place: Course, point: str, words: str) -> None:
    (finding,) = place.grade(failing(point)).items[0].findings
    assert finding.message.endswith(f", when {words} nobody else can go on")
    assert (finding.locations[-1].file, finding.locations[-1].line) == ("demo.c", 40)


def test_what_fails_once_stays_failed(place: Course) -> None:
    """The second run, which is for the words, comes out well: the finding stands, and says so."""

    def behaves(case: CasePlan, point: Point | None) -> CaseObservation:
        wrong = point is not None and point.task == "0.2" and case.tracing is not None and not case.tracing.events
        return observed(case, 1 if wrong else 0)

    report = place.grade(Program(behaves=behaves))
    (finding,) = report.items[0].findings
    assert finding.data["schedule"]["again"] is False
    assert "it did not fail" in finding.details[-1]
    assert report.verdict is Verdict.FAILED


def test_a_place_to_which_only_a_late_driver_lets_the_program_come_is_tried_with_one(place: Course) -> None:
    more = Visited("0", "demo", 0x50, "read", 1)

    def behaves(case: CasePlan, point: Point | None) -> CaseObservation:
        there = point is not None and point.address == more.address and not point.first
        if there and not case.late:
            return observed(case, reached=False)
        visited = (*VISITED, more) if case.late else VISITED
        return observed(case, int(there), visited=visited if case.tracing and case.tracing.visits else ())

    report = place.grade(Program(behaves=behaves))
    (finding,) = report.items[0].findings
    assert finding.data["schedule"]["point"] == "0@demo+50#1"
    again = replay(place, Program(behaves=behaves), "0@demo+50#1")
    assert verdicts(again) == {"works": "failed", "tidy": "skipped"}


def test_a_point_that_is_not_reached_was_tried(place: Course) -> None:
    report = place.grade(Program(behaves=lambda case, point: observed(case, reached=False)))
    assert report.verdict is Verdict.PASSED
    assert messages(report.notes) == [f"it failed in none of {ALL} schedules"]


@pytest.mark.parametrize("ended", [Ended.CPU, Ended.WALL, Ended.MEMORY])
def test_a_run_that_is_only_too_slow_is_not_held_against_it(place: Course, ended: Ended) -> None:
    def behaves(case: CasePlan, point: Point | None) -> CaseObservation:
        slow = point is not None and point.occurrence == 2
        return observed(case, 1 if slow else 0, ended=ended if slow else Ended.DONE)

    report = place.grade(Program(behaves=behaves))
    assert report.verdict is Verdict.PASSED
    assert messages(report.notes) == [
        f"it failed in none of {ALL} schedules; 2 ended at a limit, which is not held against it"
    ]


def test_a_program_that_is_too_slow_to_be_traced_keeps_its_points(place: Course) -> None:
    program = Program(
        behaves=lambda case, point: observed(case, 1 if case.tracing else 0, Ended.CPU if case.tracing else Ended.DONE)
    )
    report = place.grade(program)
    assert (report.verdict, program.points) == (Verdict.PASSED, [])
    assert "its traced run ended at a limit (cpu-limit)" in report.items[0].notes[0].message


def test_a_race_costs_points_where_nothing_came_out_wrong_and_no_schedule_is_tried(place: Course) -> None:
    program = Program(behaves=lambda case, point: observed(case, reports=(RACE,) if case.tracing else ()))
    report = place.grade(program)
    assert verdicts(report) == {"works": "failed", "again": "passed", "tidy": "passed"}
    assert messages(report.items[0].findings) == ["a race"]
    assert (report.items[0].findings[0].build, program.points) == ("traced", [])
    assert report.items[0].timeline


def test_what_is_held_against_a_case_does_not_depend_on_whether_another_failed(place: Course) -> None:
    report = place.grade(failing("again/plain", SCHEDULES[3]))
    assert verdicts(report) == {"works": "failed", "again": "failed", "tidy": "skipped"}


def test_where_something_failed_few_schedules_of_the_others_are_tried(place: Course, tmp_path: Path) -> None:
    many = tuple(Visited("0", "demo", address, "write", 1) for address in range(0x10, 0x1000, 0x10))
    failed = True

    def behaves(case: CasePlan, point: Point | None) -> CaseObservation:
        return observed(case, int(failed and case.id == "again"), visited=many)

    memory = tmp_path / "memory"
    program = Program(behaves=behaves)
    report = place.grade(program, memory=memory)
    assert len(program.points) == 24
    assert verdicts(report) == {"works": "passed", "again": "failed", "tidy": "passed"}
    failed = False
    again = Program(behaves=behaves)
    place.grade(again, memory=memory)
    assert len(again.points) == len(many), "what was cut short is not remembered as the whole"


def test_the_budget_ends_a_search(place: Course) -> None:
    place.config = replace(place.config, search_budget=0.0)
    program = failing(SCHEDULES[3])
    report = place.grade(program)
    assert (report.verdict, program.points) == (Verdict.PASSED, [])
    assert messages(report.notes) == [f"it failed in none of 0 schedules that were tried, of {ALL} that there are"]


def test_a_machine_that_stands_still_ends_no_search(place: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    class Leaps:
        """An hour has passed when somebody asks for the sixth time: in the middle of the search."""

        def __init__(self) -> None:
            self.asked = 0

        def now(self) -> float:
            self.asked += 1
            return 3600.0 if self.asked > 5 else 0.0

    def behaves(case: CasePlan, point: Point | None) -> CaseObservation:
        return replace(observed(case, int(str(point) == SCHEDULES[12])), seconds=0.01)

    monkeypatch.setattr("grader.contention.Clock", Leaps)
    report = place.grade(Program(behaves=behaves))
    assert verdicts(report)["works"] == "failed"
    assert "in 1 of 13 schedules" in report.items[0].findings[0].message


def test_what_comes_to_light_while_somebody_is_last_is_tried_too(place: Course) -> None:
    loop = Visited("0.1", "demo", 0x50, "sem_wait", 1, born=0x8)

    def behaves(case: CasePlan, point: Point | None) -> CaseObservation:
        made = observed(case, int(str(point) == "0.1@demo+50#1^"))
        if point is None or not point.onwards or made.trace is None:
            return made
        assert case.tracing is not None
        assert case.tracing.visits
        return replace(made, trace=replace(made.trace, visited=(*VISITED, loop)))

    program = Program(behaves=behaves)
    report = place.grade(program)
    assert program.points[:ALL] == list(SCHEDULES)
    assert verdicts(report)["works"] == "failed"
    assert f"in 1 of {ALL + 2} schedules" in report.items[0].findings[0].message


def test_every_case_has_its_share_of_the_search(place: Course) -> None:
    place.exercise = replace(place.exercise, cases=tuple(replace(case, search=True) for case in place.exercise.cases))
    report = place.grade(failing(f"again/{SCHEDULES[2]}"))
    assert verdicts(report) == {"works": "passed", "again": "failed", "tidy": "passed"}


def test_a_sandbox_that_tells_nothing_of_the_trace_is_ours(place: Course) -> None:
    with pytest.raises(SandboxError, match="told nothing of what the traced build saw in works"):
        place.grade(Program(behaves=lambda case, point: replace(observed(case), trace=None)), Silent())


class Silent(Checks):
    @hookimpl
    def grader_check_trace(self, observation: CaseObservation) -> list[Finding]:
        return []


def test_the_runs_of_a_search_have_less_time_than_the_first_one(place: Course) -> None:
    program = Program()
    place.grade(program)
    limits = {str(case.tracing.point): case.limits.cpu for plan in program.plans for case in plan.cases if case.tracing}
    assert limits["None"] == 16.0
    assert limits[SCHEDULES[0]] == 2.0


# --- a traced build that fails -----------------------------------------------------------------


def test_a_traced_build_that_fails_by_the_student_fails_what_would_be_searched(place: Course) -> None:
    report = place.grade(Program(broken=frozenset({"traced"})))
    assert verdicts(report) == {"works": "failed", "again": "passed", "tidy": "passed"}
    assert report.score == 3


def test_a_traced_build_that_fails_by_us_withholds_the_grade(place: Course) -> None:
    checks = Checks()
    checks.verdict_of_builds = Verdict.ERROR
    report = place.grade(Program(broken=frozenset({"traced"})), checks)
    assert (report.verdict, report.score, report.error) == (Verdict.ERROR, None, "the traced build fails")


def test_where_it_would_only_explain_nothing_is_lost_without_it(place: Course) -> None:
    place.with_cases(search=False)
    report = place.grade(Program(frozenset({"works/plain"}), frozenset({"traced"})))
    assert verdicts(report) == {"works": "failed", "again": "passed", "tidy": "passed"}
    assert messages(report.notes) == ["there are no lines and no timeline, for the traced build fails"]
    assert [build.name for build in report.builds] == ["plain"]


# --- explain ------------------------------------------------------------------------------------


def test_what_failed_is_explained_by_a_traced_run(place: Course) -> None:
    program = failing("plain", "traced")
    report = place.grade(program)
    (finding,) = report.items[0].findings
    assert (finding.message, finding.build) == ("exited traced", "plain")
    assert report.items[0].timeline
    assert messages(report.items[0].notes) == ["locks are taken in two orders"]
    assert program.base_runs == 0


def test_what_comes_out_otherwise_is_told_as_it_was_in_the_plain_build(place: Course) -> None:
    report = place.grade(failing("plain"))
    (finding,) = report.items[0].findings
    assert finding.message == "exited plain"
    assert report.items[0].timeline is None
    assert messages(report.items[0].notes) == [
        "played once more, in the traced build, it came out otherwise: nothing was wrong"
    ]


def test_a_race_is_added_to_what_failed(place: Course) -> None:
    program = Program(behaves=lambda case, point: observed(case, 1, reports=(RACE,) if case.tracing else ()))
    report = place.grade(program)
    assert messages(report.items[0].findings) == ["a race", "exited traced"]


def test_a_race_does_not_fail_a_case_that_is_not_searched_and_lost_only_a_scored_check(place: Course) -> None:
    class Tidy(Checks):
        @hookimpl
        def grader_check_case(self, observation: CaseObservation) -> list[Finding]:
            return [Finding("tidy", "left a FIFO")]

    place.with_cases(search=False)
    program = Program(behaves=lambda case, point: observed(case, reports=(RACE,) if case.tracing else ()))
    report = place.grade(program, Tidy())
    assert verdicts(report) == {"works": "passed", "again": "passed", "tidy": "failed"}
    assert "a race" in messages(report.items[0].notes)


def test_what_only_explains_is_a_cause_where_a_case_came_out_wrong(place: Course) -> None:
    program = Program(behaves=lambda case, point: observed(case, 1, reports=(FILE_RACE,) if case.tracing else ()))
    report = place.grade(program)
    assert messages(report.items[0].findings) == ["a race on a file", "exited traced"]
    assert messages(report.items[0].notes) == ["locks are taken in two orders"]


def test_what_only_explains_costs_nothing_where_all_is_well(place: Course) -> None:
    program = Program(behaves=lambda case, point: observed(case, reports=(FILE_RACE,) if case.tracing else ()))
    report = place.grade(program)
    assert report.verdict is Verdict.PASSED
    assert report.items[0].notes == ()


def test_what_only_explains_costs_no_more_where_only_a_scored_check_failed(place: Course) -> None:
    class Tidy(Checks):
        @hookimpl
        def grader_check_case(self, observation: CaseObservation) -> list[Finding]:
            return [Finding("tidy", "left a FIFO")]

    program = Program(behaves=lambda case, point: observed(case, reports=(FILE_RACE,) if case.tracing else ()))
    report = place.grade(program, Tidy())
    assert verdicts(report) == {"works": "passed", "again": "passed", "tidy": "failed"}
    assert "a race on a file" in messages(report.items[0].notes)


def test_what_took_longer_than_the_budget_is_not_explained(place: Course) -> None:
    place.config = replace(place.config, search_budget=0.4)  # a case takes half a second
    assert [build.name for build in place.grade(failing("plain", "traced")).builds] == ["plain"]


def test_a_loop_without_end_is_explained_in_less_time(place: Course) -> None:
    given: list[float] = []

    def behaves(case: CasePlan, point: Point | None) -> CaseObservation:
        if case.tracing:
            given.append(case.limits.cpu)
        return observed(case, 1, Ended.CPU)

    report = place.grade(Program(behaves=behaves))
    assert messages(report.items[0].findings) == ["exited traced"]
    assert set(given) == {0.5}


def test_what_only_explains_costs_no_points_of_a_scored_check(place: Course) -> None:
    class Scored(Checks):
        @hookimpl
        def grader_check_trace(self, observation: CaseObservation) -> Iterable[Finding]:
            yield Finding("tidy", "a race on a file", Verdict.PASSED, data={"explains": True})

    report = place.grade(failing("plain", "traced"), Scored())
    assert verdicts(report)["tidy"] == "skipped"  # for no case has passed


def test_who_did_not_come_in_time_is_explained_in_less(place: Course) -> None:
    at = Location("demo.c", 3)

    class Late(Checks):
        @hookimpl
        def grader_check_case(self, observation: CaseObservation) -> list[Finding]:
            return [
                Finding(
                    "steps", "it did not come", seen=observation.build, locations=(at,), details=(observation.build,)
                )
            ]

    given: list[float] = []

    def behaves(case: CasePlan, point: Point | None) -> CaseObservation:
        if case.tracing:
            given.append(case.limits.wall)
        return observed(case, 1, Ended.WALL)

    report = place.grade(Program(behaves=behaves), Late())
    (finding,) = report.items[0].findings
    assert (finding.seen, finding.details) == ("plain", ("(as it was after 3 s of the traced run)", "traced"))
    assert set(given) == {3.0}


@pytest.mark.parametrize("ended", [Ended.WALL, Ended.CPU])
def test_what_has_not_come_so_far_in_that_time_is_left_as_it_was(place: Course, ended: Ended) -> None:
    class Stops(Checks):
        @hookimpl
        def grader_check_case(self, observation: CaseObservation) -> list[Finding]:
            return [Finding("steps", observation.build, data={"step": 3 if observation.build == "plain" else 2})]

    report = place.grade(Program(behaves=lambda case, point: observed(case, 1, ended)), Stops())
    (finding,) = report.items[0].findings
    assert finding.message == "plain"


def test_who_took_all_memory_is_not_played_again(place: Course) -> None:
    program = Program(behaves=lambda case, point: observed(case, 1, Ended.MEMORY))
    assert [build.name for build in place.grade(program).builds] == ["plain"]


# --- faults -------------------------------------------------------------------------------------


def test_each_call_fails_once_in_each_way_that_fits(place: Course) -> None:
    place.with_cases(search=False, faults=(FaultKind.EINTR, FaultKind.ENOSPC))
    program = Program()
    report = place.grade(program)
    assert report.verdict is Verdict.PASSED
    assert program.points == [
        "0@demo+10#1:eintr", "0.1@demo+20#1:eintr", "0.2@demo+30#1:eintr", "0.2@demo+30#1:enospc",
    ]  # fmt: skip
    assert messages(report.notes) == ["all 4 faults that fit its calls were injected, one at a time"]


def test_a_fault_that_is_not_survived_fails_the_case(place: Course) -> None:
    place.with_cases(search=False, faults=(FaultKind.EINTR, FaultKind.ENOSPC))
    report = place.grade(failing("enospc"))
    (finding,) = report.items[0].findings
    assert finding.message == "fails at 0.2@demo+30#1:enospc"
    assert finding.replay.endswith("--replay '0.2@demo+30#1:enospc'")
    assert report.items[0].timeline


def test_a_fault_that_was_not_injected_proves_nothing(place: Course) -> None:
    place.with_cases(search=False, faults=(FaultKind.EINTR,))
    report = place.grade(Program(behaves=lambda case, point: observed(case, 1 if point else 0, fault=None)))
    assert report.verdict is Verdict.PASSED


def test_faults_and_schedules_share_the_first_run(place: Course) -> None:
    place.with_cases(faults=(FaultKind.EINTR,))
    program = Program()
    place.grade(program)
    assert program.base_runs == 2  # with a driver that is quick, and with one that is late
    assert len(program.points) == ALL + 3


# --- replay -------------------------------------------------------------------------------------


def replay(place: Course, program: Program, point: str) -> Report:
    case = place.exercise.cases[0]
    made = searching.parse_point(point, ["demo"])
    return place.engine(program).replay(place.exercise, place.submission, case, made, seed=7)


def test_a_schedule_is_played_again(place: Course) -> None:
    program = failing(SCHEDULES[3])
    report = replay(place, program, SCHEDULES[3])
    assert [build.name for build in report.builds] == ["traced"]
    assert verdicts(report) == {"works": "failed", "tidy": "skipped"}
    (finding,) = report.items[0].findings
    assert finding.message.startswith("exited traced; when child 2 of demo is held at demo.c:40")
    assert report.items[0].timeline
    assert len(program.plans) == 1
    assert program.opened == 0


def test_a_fault_is_injected_again(place: Course) -> None:
    (finding,) = replay(place, failing("eintr"), "0@demo+10#1:eintr").items[0].findings
    assert finding.message == "fails at 0@demo+10#1:eintr"


def test_a_replay_that_passes_shows_what_happened(place: Course) -> None:
    report = replay(place, Program(), SCHEDULES[0])
    assert report.verdict is Verdict.PASSED
    assert report.items[0].timeline


def test_a_timeline_leaves_out_holds_in_which_nobody_did_anything(place: Course) -> None:
    kinds = [("a", EventKind.HELD), ("a", EventKind.CALL), ("a", EventKind.HELD), ("a", EventKind.CALL)]
    kinds += [("a", EventKind.HELD), ("b", EventKind.EXIT), ("a", EventKind.EXIT)]
    events = tuple(TraceEvent(0.0, name, kind) for name, kind in kinds)
    program = Program(behaves=lambda case, point: observed(case, events=events))
    told = replay(place, program, "0@demo+0#1+").items[0].timeline
    assert told is not None
    assert [(event.process, event.kind) for event in told] == [*kinds[:2], *kinds[3:]]


def test_a_replay_that_does_not_come_to_its_point_says_so(place: Course) -> None:
    report = replay(place, Program(behaves=lambda case, point: observed(case, reached=False)), SCHEDULES[0])
    assert report.verdict is Verdict.PASSED
    assert "was not reached" in report.items[0].notes[0].message


# --- what is remembered ----------------------------------------------------------------------------


def test_what_passed_is_not_searched_again(place: Course, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    place.grade(Program(), memory=memory)
    program = Program()
    report = place.grade(program, memory=memory)
    assert [build.name for build in report.builds] == ["plain"]
    assert messages(report.notes) == [
        f"it failed in none of {ALL} schedules ({ALL} of them were tried in an earlier grading)"
    ]


def test_what_failed_is_tried_first(place: Course, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    first = place.grade(failing(SCHEDULES[5]), memory=memory)
    program = failing(SCHEDULES[5])
    second = place.grade(program, memory=memory)
    assert program.points == [SCHEDULES[5]]
    assert messages(second.items[0].findings)[0].startswith("exited traced; in 1 of 6 schedules")
    assert second.items[0].findings[0].replay == first.items[0].findings[0].replay


def test_what_failed_and_does_not_any_more_is_searched_as_if_it_were_new(place: Course, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    place.grade(failing(SCHEDULES[5]), memory=memory)
    program = Program()
    assert place.grade(program, memory=memory).verdict is Verdict.PASSED
    assert program.points == [SCHEDULES[5], *SCHEDULES]


@pytest.mark.parametrize("change", ["submission", "seed", "budget", "points"])
def test_what_decides_the_outcome_decides_what_is_remembered(place: Course, tmp_path: Path, change: str) -> None:
    memory = tmp_path / "memory"
    place.grade(Program(), memory=memory)
    if change == "submission":
        place.submission = replace(place.submission, files={"demo.c": b"int main(void) { return 0; }\n"})
    elif change == "budget":
        place.config = replace(place.config, search_budget=6.0)
    elif change == "points":
        place.with_cases(limits=replace(place.exercise.limits, cpu=1.5))
    program = Program()
    engine = place.engine(program, memory=memory)
    engine.grade(place.exercise, place.submission, seed=8 if change == "seed" else 7)
    # A case that draws no values is the same case with every seed.
    assert program.points == ([] if change == "seed" else list(SCHEDULES))


@pytest.mark.parametrize("harm", ["corrupt", "writable", "link", "foreign key"])
def test_an_entry_that_cannot_be_believed_is_not(place: Course, tmp_path: Path, harm: str) -> None:
    memory = tmp_path / "memory"
    place.grade(Program(), memory=memory)
    (entry,) = memory.iterdir()
    if harm == "corrupt":
        entry.write_text("{")
    elif harm == "writable":
        entry.chmod(0o666)
    elif harm == "link":
        entry.rename(tmp_path / "elsewhere")
        entry.symlink_to(tmp_path / "elsewhere")
    else:
        entry.write_text(entry.read_text().replace(entry.name, "0" * 64))
    program = Program()
    place.grade(program, memory=memory)
    assert program.points == list(SCHEDULES)


def test_a_folder_that_others_can_write_to_is_not_used(place: Course, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    memory.chmod(0o777)
    place.grade(Program(), memory=memory)
    assert list(memory.iterdir()) == []


def test_a_place_where_nothing_can_be_kept_is_no_failure(place: Course, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert place.grade(Program(), memory=tmp_path / "file" / "memory").verdict is Verdict.PASSED


def test_the_oldest_entries_are_forgotten(place: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.remembered.MOST", 4)
    memory = tmp_path / "memory"
    memory.mkdir(mode=0o700)
    for number in range(4):
        (memory / f"old{number}").write_text("")
        os.utime(memory / f"old{number}", (number, number))
    place.grade(Program(), memory=memory)
    names = {path.name for path in memory.iterdir()}
    assert "old0" not in names
    assert {"old1", "old2", "old3"} < names
    assert len(names) == 4


# --- points, purely -------------------------------------------------------------------------------


def test_points_are_read_as_they_are_written() -> None:
    for text in (*SCHEDULES, "0@demo+12ab#2:eintr", "0.2.1@demo+0#1:short-io"):
        assert str(searching.parse_point(text, ["demo"])) == text


def test_the_order_of_points_does_not_depend_on_that_of_the_visits() -> None:
    assert [str(point) for point in searching.schedules(VISITED)] == list(SCHEDULES)
    assert searching.schedules(reversed(VISITED)) == searching.schedules(VISITED)


def test_a_fork_of_a_loop_fails_beside_a_child_too() -> None:
    visited = [Visited("0", "demo", 0x10, "fork", 5), Visited("0", "demo", 0x20, "read", 9)]
    points = searching.faults(visited, [FaultKind.EINTR, FaultKind.EAGAIN_FORK])
    assert [str(point) for point in points] == [
        "0@demo+10#1:eagain-fork", "0@demo+10#2:eagain-fork", "0@demo+20#1:eintr",
    ]  # fmt: skip


def test_whoever_comes_there_is_stopped_and_continued() -> None:
    visited = [Visited("0", "demo", 0x10, "semop", 1), Visited("0.1", "demo", 0x10, "semop", 9)]
    points = searching.faults(visited, [FaultKind.STOPPED])
    assert [str(point) for point in points] == ["*@demo+10#1:stopped", "*@demo+10#2:stopped"]


def test_children_of_one_line_stand_for_each_other() -> None:
    visited = [Visited(f"0.{n}", "demo", 0x20, "semop", 1, born=0x8) for n in range(1, 17)]
    visited += [Visited(f"0.{n}.1", "demo", 0x30, "write", 1, born=0x9) for n in range(1, 17)]
    visited += [Visited("0.17", "demo", 0x40, "wait", 1, born=0xA)]
    tasks = [point.task for point in searching.schedules(visited)]
    last = ["0.1", "0.1.1", "0.2", "0.2.1", "0.16", "0.16.1", "0.17"]
    each = ["0.1", "0.2", "0.16", "0.1.1", "0.2.1", "0.16.1", "0.17"]
    assert tasks == ["*", "*", *each, *last, *each]


def test_where_one_of_several_came_first_whoever_does_is_held() -> None:
    visited = [Visited(f"0.{n}", "demo", 0x20, "semop", 1, born=0x8) for n in (1, 2)]
    lone = [Visited("0.2", "demo", 0x30, "write", 1, born=0x8), Visited("0", "demo", 0x40, "wait", 1)]
    points = [str(point) for point in searching.schedules(visited + lone) if not point.onwards and not point.first]
    assert points == ["*@demo+20#1", "0.1@demo+20#1", "0.2@demo+20#1", "*@demo+30#1", "0@demo+40#1"]


def test_who_is_alone_does_not_come_last() -> None:
    assert [str(point) for point in searching.schedules(VISITED[:1])] == ["0@demo+10#1"]


def test_places_that_only_other_schedules_come_to_are_tried_at_the_end() -> None:
    points = searching.schedules(VISITED)
    loop = Visited("0.1", "demo", 0x50, "sem_wait", 1, born=0x8)
    assert searching.beyond(VISITED, points) == ()
    more = [str(point) for point in searching.beyond([*VISITED, loop], points)]
    assert more == ["*@demo+50#1", "0.1@demo+50#1^"]


def test_programs_of_the_scenario_do_not_stand_for_each_other() -> None:
    visited = [Visited(str(n), "demo", 0x20, "semop", 1) for n in range(6)]
    each = ["0", "1", "2", "3", "4", "5"]
    assert [point.task for point in searching.schedules(visited)] == ["*", *each, *each, *each[1:]]


def test_behind_a_call_is_a_point_where_something_may_come_before_the_next() -> None:
    visited = [Visited("0", "demo", 0x21, call, 1, after=True) for call in ("fork", "kill", "open", "wait")]
    assert [len(searching.schedules([visit])) for visit in visited] == [1, 1, 0, 0]


def test_what_no_other_case_has_tried_comes_first() -> None:
    known = [searching.parse_point(text, ["demo"]) for text in SCHEDULES[:2]]
    made = [str(point) for point in searching.schedules(VISITED, known)]
    assert made == [*SCHEDULES[2:], *SCHEDULES[:2]]


def test_as_many_runs_are_asked_for_as_there_is_time() -> None:
    assert searching.batch_size(5.0, 0.05) == searching.BATCH
    assert searching.batch_size(0.2, 0.1) == 2
    assert searching.batch_size(0.01, 2.0) == 1
