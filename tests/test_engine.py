"""The engine with a sandbox that says what a test wants: what becomes a finding, and what withholds the grade."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pluggy
import pytest

from grader import hookspecs
from grader.config import Config, load_config
from grader.engine import Engine, choose_backend
from grader.errors import InternalError, SandboxError, UsageError
from grader.hookspecs import hookimpl
from grader.model import Backend, CaseSpec, Exercise, Finding, Report, SandboxSettings, Submission, Verdict
from grader.wire import BuildObservation, CaseObservation, Done, Ended, Observation, Plan
from tests.samples import GOOD, an_exercise

Script = Callable[[Plan], Sequence[Observation]]


def _well(plan: Plan) -> list[Observation]:
    """Everything goes well."""
    builds = [BuildObservation(build.name, Ended.DONE, ok=True, output=b"", seconds=0.1) for build in plan.builds]
    return [*builds, *(_played(case.id, case.build) for case in plan.cases), Done(len(plan.cases))]


def _played(name: str, build: str = "plain", ended: Ended = Ended.DONE) -> CaseObservation:
    return CaseObservation(name, build, ended, (), (), seconds=0.5)


@dataclass
class FakeBackend:
    script: Script = _well
    name: str = "fake"
    preference: int = 1
    identity: str = ""
    caveats: str = ""
    reason: str = ""
    plans: list[Plan] = field(default_factory=list)
    closed: int = 0

    def unusable(self) -> str:
        return self.reason

    def open(self) -> FakeBackend:
        return self

    def run(self, plan: Plan) -> Iterator[Observation]:
        self.plans.append(plan)
        yield from self.script(plan)

    def close(self) -> None:
        self.closed += 1


class Checks:
    """A plugin whose findings and failures a test sets."""

    def __init__(self, **findings: Finding | Exception) -> None:
        self._findings = findings

    @hookimpl
    def grader_check_build(self, build: BuildObservation) -> list[Finding] | None:
        return None if build.ok else [Finding("build", "does not compile")]

    @hookimpl
    def grader_check_case(self, observation: CaseObservation) -> Iterator[Finding]:
        found = self._findings.get(observation.id) if observation.build == "plain" else None
        if isinstance(found, Exception):
            raise found
        if found is not None:
            yield found


@dataclass
class Place:
    """An exercise of two cases and a scored check, and a submission."""

    root: Path
    config: Config
    exercise: Exercise
    submission: Submission

    def grade(self, script: Script = _well, checks: Any = None, **options: Any) -> Report:
        return self.engine(FakeBackend(script), checks).grade(self.exercise, self.submission, seed=7, **options)

    def engine(self, backend: Backend, *checks: Any) -> Engine:
        manager = pluggy.PluginManager("grader")
        manager.add_hookspecs(hookspecs)
        for plugin in checks or (Checks(),):
            manager.register(plugin if plugin is not None else Checks())
        return Engine(manager.hook, self.config, backend)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "grader.yaml").write_text("format: 1\n", encoding="utf-8")
    (tmp_path / "exercises").mkdir()
    exercise = an_exercise(tmp_path)
    second = CaseSpec("again", "does it again", 2.0, (), "twice matters.", "Again.", needs=("works",))
    exercise = replace(exercise, cases=(*exercise.cases, second))
    submission = Submission("ann", tmp_path / "ann", {"demo.c": GOOD.encode()}, "0" * 64)
    return Place(tmp_path, load_config(tmp_path, tmp_path), exercise, submission)


def _verdicts(report: Report) -> dict[str, str]:
    return {item.id: item.verdict.value for item in report.items}


def test_all_is_well(place: Place) -> None:
    report = place.grade()
    assert (report.verdict, report.score, report.max_score, report.error) == (Verdict.PASSED, 7, 7, "")
    assert _verdicts(report) == {"works": "passed", "again": "passed", "tidy": "passed"}
    assert [build.name for build in report.builds] == ["plain", "sanitized"]
    assert (report.seed, report.sandbox) == (7, "fake")
    assert report.items[0].seconds == 1.0  # of both builds


def test_the_sandbox_is_closed_whatever_happens(place: Place) -> None:
    backend = FakeBackend(lambda plan: [])
    with pytest.raises(SandboxError):
        place.engine(backend).grade(place.exercise, place.submission, seed=1)
    assert backend.closed == 1


def test_plans_hold_nothing_that_is_expected(place: Place) -> None:
    backend = FakeBackend()
    place.engine(backend).grade(place.exercise, place.submission, seed=1)
    assert [[case.id for case in plan.cases] for plan in backend.plans] == [["works", "again"]] * 2
    assert "points" not in repr(backend.plans)


def test_a_finding_gets_the_words_of_its_case(place: Place) -> None:
    report = place.grade(checks=Checks(works=Finding("output", "wrong")))
    (finding,) = report.items[0].findings
    assert (finding.because, finding.hint) == ("work matters.", "Work.")
    assert finding.replay == f"grader grade demo {place.submission.path} --case works --seed 7"
    assert report.verdict is Verdict.FAILED


def test_a_finding_keeps_words_of_its_own(place: Place) -> None:
    own = Finding("output", "wrong", because="b", hint="h", replay="r")
    (finding,) = place.grade(checks=Checks(works=own)).items[0].findings
    assert (finding.because, finding.hint, finding.replay) == ("b", "h", "r")


def test_a_finding_of_a_scored_check_gets_the_words_of_the_check(place: Place) -> None:
    report = place.grade(checks=Checks(works=Finding("tidy", "left a FIFO")))
    assert _verdicts(report) == {"works": "passed", "again": "passed", "tidy": "failed"}
    assert report.items[2].findings[0].hint == "Unlink."


def test_a_case_whose_need_failed_is_skipped(place: Place) -> None:
    report = place.grade(checks=Checks(works=Finding("output", "wrong")))
    assert _verdicts(report) == {"works": "failed", "again": "skipped", "tidy": "skipped"}
    assert report.score == 0


def test_an_error_of_ours_withholds_the_grade(place: Place) -> None:
    report = place.grade(checks=Checks(works=Finding("output", "the clock stood still", Verdict.ERROR)))
    assert (report.verdict, report.score, report.error) == (Verdict.ERROR, None, "the clock stood still")


def test_a_check_that_raises_is_ours_and_told_with_its_place(place: Place) -> None:
    with pytest.raises(
        InternalError, match=r"test_engine\.py:\d+: a check raised ZeroDivisionError: by zero"
    ) as raised:
        place.grade(checks=Checks(works=ZeroDivisionError("by zero")))
    assert raised.value.exit_status == 3


def test_a_disabled_check_is_not_heard(place: Place) -> None:
    place.config = replace(place.config, disabled_checks=("output",))
    assert place.grade(checks=Checks(works=Finding("output", "wrong"))).verdict is Verdict.PASSED


def test_a_submission_that_does_not_compile_is_not_played(place: Place) -> None:
    def script(plan: Plan) -> list[Observation]:
        return [BuildObservation("plain", Ended.DONE, ok=False, output=b"demo.c:1: error", seconds=0.1), Done(0)]

    report = place.grade(script)
    assert (report.verdict, report.score) == (Verdict.FAILED, 0)
    assert _verdicts(report) == {"works": "skipped", "again": "skipped", "tidy": "skipped"}
    assert [finding.message for finding in report.findings] == ["does not compile"]
    assert [build.ok for build in report.builds] == [False]


def test_a_build_that_fails_and_nobody_says_why_is_ours(place: Place) -> None:
    class Silent(Checks):
        @hookimpl
        def grader_check_build(self, build: BuildObservation) -> list[Finding] | None:
            return []

    def script(plan: Plan) -> list[Observation]:
        return [BuildObservation("plain", Ended.DONE, ok=False, output=b"ld: no", seconds=0.1)]

    with pytest.raises(InternalError, match="the plain build failed and no check said why: ld: no"):
        place.grade(script, Silent())


@pytest.mark.parametrize("build", ["plain", "sanitized"])
def test_a_case_that_was_not_told_is_ours(place: Place, build: str) -> None:
    def script(plan: Plan) -> list[Observation]:
        told = _well(plan)
        return told[:-2] if plan.builds[-1].name == build else told

    with pytest.raises(SandboxError, match="ended before it had played again"):
        place.grade(script)


@pytest.mark.parametrize("observation", [_played("other"), _played("works", "sanitized")])
def test_a_case_that_was_not_asked_for_is_ours(place: Place, observation: CaseObservation) -> None:
    with pytest.raises(SandboxError, match="told of a case that was not asked for"):
        place.grade(lambda plan: [observation])


def test_a_case_that_was_hopeless_is_not_played_again_under_the_sanitizers(place: Place) -> None:
    def script(plan: Plan) -> list[Observation]:
        first, _, *rest = _well(plan)
        return [first, _played("works", ended=Ended.STUCK), *rest] if len(plan.cases) == 2 else _well(plan)

    backend = FakeBackend(script)
    place.engine(backend).grade(place.exercise, place.submission, seed=1)
    assert [[case.id for case in plan.cases] for plan in backend.plans] == [["works", "again"], ["again"]]


def test_only_the_cases_that_are_asked_for_are_played(place: Place) -> None:
    backend = FakeBackend()
    engine = place.engine(backend)
    report = engine.grade(place.exercise, place.submission, seed=1, cases=["again"], sanitize=False)
    assert [[case.id for case in plan.cases] for plan in backend.plans] == [["again"]]
    assert _verdicts(report) == {"again": "passed", "tidy": "passed"}


def test_progress_is_told(place: Place) -> None:
    said: list[str] = []
    place.grade(progress=said.append)
    assert said == [
        "building",
        "does its work",
        "does it again",
        "building with sanitizers",
        "does its work",
        "does it again",
    ]


# --- which sandbox ------------------------------------------------------------------------------


class Offers:
    def __init__(self, *backends: FakeBackend) -> None:
        self._backends = backends

    @hookimpl
    def grader_backends(self, settings: SandboxSettings) -> Sequence[Backend]:
        return self._backends


def _choose(name: str, *backends: FakeBackend) -> str:
    manager = pluggy.PluginManager("grader")
    manager.add_hookspecs(hookspecs)
    manager.register(Offers(*backends))
    return choose_backend(manager.hook, SandboxSettings(Path()), name).name


def test_auto_takes_the_first_that_can_be_used() -> None:
    offered = (
        FakeBackend(name="slow", preference=9),
        FakeBackend(name="none", preference=1, reason="no daemon"),
        FakeBackend(name="fast", preference=5),
    )
    assert _choose("auto", *offered) == "fast"
    assert _choose("slow", *offered) == "slow"


def test_a_sandbox_that_cannot_be_used_says_why() -> None:
    none = FakeBackend(name="none", reason="no daemon")
    with pytest.raises(SandboxError, match=r"^no daemon$"):
        _choose("none", none)
    with pytest.raises(SandboxError, match="no sandbox can be used here: none: no daemon"):
        _choose("auto", none)


def test_an_unknown_sandbox_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="there is no sandbox 'dokcer'; there are auto, fake"):
        _choose("dokcer", FakeBackend())


# --- advice ------------------------------------------------------------------------------------


class Adviser:
    """A plugin that has something to say of each build, and of what it was built from."""

    def __init__(self, *notes: Finding | Exception) -> None:
        self._notes = notes

    @hookimpl
    def grader_advise(self, exercise: Exercise, submission: Submission, build: BuildObservation) -> Iterator[Finding]:
        assert submission.files
        for note in self._notes:
            if isinstance(note, Exception):
                raise note
            yield replace(note, message=f"{note.message} {exercise.slug} {build.name}")


def test_advice_costs_nothing_whatever_its_verdict(place: Place) -> None:
    ours = Finding("warnings", "look at", verdict=Verdict.ERROR)
    engine = place.engine(FakeBackend(), Checks(), Adviser(ours))
    report = engine.grade(place.exercise, place.submission, seed=7)
    assert (report.verdict, report.score, report.error, report.findings) == (Verdict.PASSED, 7, "", ())
    assert [(note.message, note.build, note.verdict) for note in report.notes] == [
        ("look at demo plain", "plain", Verdict.PASSED),
        ("look at demo sanitized", "sanitized", Verdict.PASSED),
    ]


def test_a_build_that_failed_is_advised_on(place: Place) -> None:
    def script(plan: Plan) -> list[Observation]:
        return [BuildObservation("plain", Ended.DONE, ok=False, output=b"error", seconds=0.1), Done(0)]

    report = place.engine(FakeBackend(script), Checks(), Adviser(Finding("warnings", "look at"))).grade(
        place.exercise, place.submission, seed=7
    )
    assert (report.verdict, len(report.notes)) == (Verdict.FAILED, 1)


def test_advice_on_partners_is_not_asked_for(place: Place) -> None:
    def script(plan: Plan) -> list[Observation]:
        return [BuildObservation("partner", Ended.DONE, ok=True, output=b"", seconds=0.1), *_well(plan)]

    report = place.engine(FakeBackend(script), Checks(), Adviser(Finding("warnings", "look at"))).grade(
        place.exercise, place.submission, seed=7, sanitize=False
    )
    assert [note.build for note in report.notes] == ["plain"]


def test_advice_can_be_disabled(place: Place) -> None:
    place.config = replace(place.config, disabled_checks=("warnings",))
    engine = place.engine(FakeBackend(), Checks(), Adviser(Finding("warnings", "look at")))
    assert engine.grade(place.exercise, place.submission, seed=7).notes == ()


def test_an_adviser_that_raises_is_our_failure(place: Place) -> None:
    engine = place.engine(FakeBackend(), Checks(), Adviser(ZeroDivisionError("by zero")))
    with pytest.raises(InternalError, match=r"test_engine\.py:\d+: a check raised ZeroDivisionError"):
        engine.grade(place.exercise, place.submission, seed=7)
