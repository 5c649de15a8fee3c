from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader import batch
from grader.errors import SandboxError, UsageError
from grader.model import Exercise, Report, Style, Submission, Verdict
from plugins import report_csv, report_json, report_junit
from tests.samples import BAD, GOOD, Grading, an_exercise, honest, write_tree

SETTINGS = batch.Settings(jobs=3, fresh_seed=7)


class Course:
    """One exercise, a directory for submissions and one for results."""

    def __init__(self, root: Path) -> None:
        self.exercise = an_exercise(root / "course")
        self.directory = root / "submissions"
        self.results = root / "results"
        self.directory.mkdir()
        self.digest = "d1"
        self.notes: list[str] = []

    def hand_in(self, student: str, source: str | bytes, name: str = "demo.c") -> None:
        write_tree(self.directory, {f"{student}/demo/{name}": source})

    def jobs(self) -> list[batch.Job]:
        jobs, self.notes = batch.find_jobs(self.directory, self.results, ["demo"])
        return jobs

    def run(self, grade: batch.Grade, settings: batch.Settings = SETTINGS) -> dict[str, batch.Outcome]:
        outcomes = batch.run(self.jobs(), {"demo": self.exercise}, {"demo": self.digest}, grade, to_json, settings)
        return {outcome.job.student: outcome for outcome in outcomes}

    def stored(self) -> dict[str, Report]:
        return {entry.student: entry.report for entry in batch.entries(self.jobs())}


def to_json(report: Report) -> str:
    return report_json.render(report, Style())


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def test_every_submission_gets_a_stored_report(course: Course) -> None:
    course.hand_in("alice", GOOD)
    course.hand_in("bob", BAD)
    outcomes = course.run(honest)
    assert {name: outcome.verdict for name, outcome in outcomes.items()} == {
        "alice": Verdict.PASSED,
        "bob": Verdict.FAILED,
    }
    document = json.loads((course.results / "reports/bob/demo.json").read_text())
    assert document["schema"] == "grader.report/1"
    assert document["submission"]["name"] == "bob"
    assert document["seed"] == 7
    assert document["extra"]["exercise_digest"] == "d1"


def test_a_second_run_grades_only_what_changed_or_is_missing(course: Course) -> None:
    for name in ("alice", "bob", "carol"):
        course.hand_in(name, GOOD)
    course.run(honest)
    course.hand_in("bob", BAD)
    (course.results / "reports/carol/demo.json").unlink()
    again = Grading()
    outcomes = course.run(again)
    assert sorted(name for name, _ in again.asked) == ["bob", "carol"]
    assert outcomes["alice"].kept
    assert outcomes["alice"].score == 5.0
    assert not outcomes["bob"].kept


def change_the_spec(course: Course) -> batch.Settings:
    course.digest = "d2"
    return SETTINGS


@pytest.mark.parametrize(
    "change",
    [
        change_the_spec,
        lambda course: replace(SETTINGS, seed=8),
        lambda course: replace(SETTINGS, sanitize=False),
        lambda course: replace(SETTINGS, trace=False),
        lambda course: replace(SETTINGS, fresh=True),
        lambda course: (course.results / "reports/alice/demo.json").write_text('{"schema": "gra') and SETTINGS,
    ],
)
def test_what_would_be_graded_differently_is_graded_again(
    course: Course, change: Callable[[Course], batch.Settings]
) -> None:
    course.hand_in("alice", GOOD)
    course.run(honest)
    again = Grading()
    course.run(again, change(course))
    assert len(again.asked) == 1


def test_the_same_seed_asked_for_again_keeps_the_report(course: Course) -> None:
    course.hand_in("alice", GOOD)
    course.run(honest, replace(SETTINGS, seed=3))
    again = Grading()
    course.run(again, replace(SETTINGS, seed=3, fresh_seed=99))
    assert again.asked == []


def test_an_error_of_ours_is_tried_once_more(course: Course) -> None:
    course.hand_in("alice", GOOD)
    faults: list[Exception] = [SandboxError("the zygote died")]

    def shaky(exercise: Exercise, submission: Submission, seed: int) -> Report:
        if faults:
            raise faults.pop()
        return honest(exercise, submission, seed)

    grading = Grading(shaky)
    assert course.run(grading)["alice"].verdict is Verdict.PASSED
    assert len(grading.asked) == 2


@pytest.mark.parametrize("fault", [SandboxError("the zygote died"), RuntimeError("a plugin's bug"), OSError(5, "I/O")])
def test_an_error_of_ours_is_never_a_zero_and_is_graded_by_the_next_run(course: Course, fault: Exception) -> None:
    course.hand_in("alice", GOOD)
    course.hand_in("bob", GOOD)

    def broken(exercise: Exercise, submission: Submission, seed: int) -> Report:
        if submission.name == "alice":
            raise fault
        return honest(exercise, submission, seed)

    grading = Grading(broken)
    outcomes = course.run(grading)
    assert outcomes["alice"].verdict is Verdict.ERROR
    assert outcomes["alice"].score is None
    assert outcomes["bob"].verdict is Verdict.PASSED
    assert [name for name, _ in grading.asked].count("alice") == 2
    assert str(fault) in course.stored()["alice"].error
    again = Grading()
    assert course.run(again)["alice"].verdict is Verdict.PASSED
    assert [name for name, _ in again.asked] == ["alice"]


def test_a_report_with_an_error_is_tried_again_too(course: Course) -> None:
    course.hand_in("alice", GOOD)
    grading = Grading(
        lambda exercise, submission, seed: replace(
            honest(exercise, submission, seed), verdict=Verdict.ERROR, score=None, error="cut off"
        )
    )
    assert course.run(grading)["alice"].told == "cut off"
    assert len(grading.asked) == 2


def test_a_submission_that_is_no_source_earns_nothing_and_says_why(course: Course) -> None:
    course.hand_in("alice", b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\0")
    course.hand_in("bob", GOOD, name="dmeo.c")
    (course.directory / "carol").mkdir()
    (course.directory / "carol" / "demo").symlink_to("../bob/demo")
    grading = Grading()
    outcomes = course.run(grading)
    assert grading.asked == []
    assert {outcome.verdict for outcome in outcomes.values()} == {Verdict.FAILED}
    stored = course.stored()
    assert stored["alice"].score == 0
    assert stored["alice"].max_score == 5
    assert stored["alice"].findings[0].check == "build"
    assert "ELF executable" in stored["alice"].findings[0].message
    assert "did you mean dmeo.c?" in outcomes["bob"].told
    assert "is a symbolic link" in outcomes["carol"].told
    course.hand_in("bob", GOOD)
    assert course.run(honest)["bob"].verdict is Verdict.PASSED


def test_what_is_no_submission_is_noted_and_stops_nothing(course: Course) -> None:
    course.hand_in("alice", GOOD)
    write_tree(course.directory, {"bob/dmeo/demo.c": GOOD, "README": "x"})
    (course.directory / "mallory").symlink_to("alice")
    assert [job.student for job in course.jobs()] == ["alice"]
    notes = "\n".join(course.notes)
    assert "bob: no exercise is called dmeo" in notes
    assert "mallory is a symbolic link: not graded" in notes
    assert "README is no directory" in notes


def test_results_inside_the_directory_are_no_student(course: Course) -> None:
    course.hand_in("alice", GOOD)
    course.results = course.directory / "results"
    course.run(honest)
    assert [job.student for job in course.jobs()] == ["alice"]
    assert course.notes == []


def test_a_directory_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        batch.find_jobs(tmp_path / "nowhere", tmp_path / "results", ["demo"])


HOSTILE = ["new\nline", "-rf", "=cmd()", "..a", "a%0Ab", "a\x1b[2J", os.fsdecode(b"caf\xe9"), "ä" * 100, "ä" * 99 + "ö"]


def test_hostile_student_names_stay_apart_and_are_escaped_everywhere(course: Course) -> None:
    for name in HOSTILE:
        course.hand_in(name, GOOD)
    course.run(honest)
    entries = batch.entries(course.jobs())
    assert len(entries) == len(HOSTILE)
    folders = [path.name for path in (course.results / "reports").iterdir()]
    assert len(folders) == len(HOSTILE)
    assert all(name.isascii() and name.isprintable() and name[0] not in "-." for name in folders)
    table = report_csv.render(entries)
    assert table.count("\n") == len(HOSTILE) + 1
    assert "\n'=cmd()," in table
    assert "\n'-rf," in table
    assert "\x1b" not in table + report_junit.render_batch(entries)
    assert "caf\\xe9" in table


def test_folder_names_of_different_students_differ() -> None:
    names = [*HOSTILE, "x" * 255, "x" * 254 + "y", "A", "a", "a ", "%", "~"]
    assert len({batch.folder_name(name) for name in names}) == len(names)
    assert all(len(batch.folder_name(name).encode()) <= batch.NAME_LIMIT for name in names)


def test_a_full_disk_is_told_and_keeps_what_was_written(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course.hand_in("alice", GOOD)
    course.run(honest)
    before = (course.results / "reports/alice/demo.json").read_text()
    course.hand_in("alice", BAD)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(batch.ResultsError, match="no space left on device") as caught:
        course.run(honest)
    assert caught.value.exit_status == 3
    assert (course.results / "reports/alice/demo.json").read_text() == before
    assert list((course.results / "reports/alice").iterdir()) == [course.results / "reports/alice/demo.json"]


def test_closing_the_run_keeps_what_is_finished_and_stores_no_more(course: Course) -> None:
    for name in ("alice", "bob", "carol"):
        course.hand_in(name, GOOD)
    running = batch.run(
        course.jobs(),
        {"demo": course.exercise},
        {"demo": "d1"},
        honest,
        to_json,
        replace(SETTINGS, jobs=1),
    )
    assert next(running).job.student == "alice"
    running.close()  # type: ignore[attr-defined]
    assert "alice" in course.stored()


def test_two_batches_cannot_write_to_the_same_results(tmp_path: Path) -> None:
    with (
        batch.locked(tmp_path / "results"),
        pytest.raises(UsageError, match="another batch"),
        batch.locked(tmp_path / "results"),
    ):
        pass
    with batch.locked(tmp_path / "results"):
        pass


def test_results_that_are_a_file_are_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("")
    with pytest.raises(UsageError, match="cannot write to"), batch.locked(tmp_path / "results"):
        pass


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "grader.report/1"}', '{"schema": "other/1"}', "\x00"])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        batch.report_from_json(text)


def test_the_grading_digest_follows_what_decides_and_nothing_else(course: Course) -> None:
    def changed(name: str) -> bool:
        before = batch.grading_digest(course.exercise)
        write_tree(course.exercise.root, {name: "changed"})
        return batch.grading_digest(course.exercise) != before

    assert changed("exercise.yaml")
    assert changed("drive.py")
    assert changed("given/demo.h")
    assert changed("reference/partner.c")
    assert not changed("README.md")
    assert not changed("wrong/other.c")


def test_parallel_hands_on_an_exception_and_ends() -> None:
    def work(number: int) -> int:
        if number == 3:
            raise KeyError(number)
        return number

    results = batch.parallel(range(10), work, 1)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError):
        next(results)
    assert list(results) == []
