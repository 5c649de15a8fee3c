"""Adding up: which item a finding is charged to, what is skipped, and the verdict of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader import score
from grader.model import CaseSpec, CheckSpec, Exercise, Finding, ItemResult, Verdict
from tests.samples import an_exercise

FAILED, PASSED, SKIPPED, ERROR = Verdict.FAILED, Verdict.PASSED, Verdict.SKIPPED, Verdict.ERROR


def _case(name: str, points: float = 1.0, *needs: str) -> CaseSpec:
    return CaseSpec(name, f"does {name}", points, (), "it matters", "try", needs=needs)


def _exercise(root: Path, *cases: CaseSpec, checks: tuple[CheckSpec, ...] = ()) -> Exercise:
    return replace(an_exercise(root), cases=cases, checks={check.name: check for check in checks})


def _score(
    exercise: Exercise, findings: Mapping[str, list[Finding]], played: tuple[str, ...] | None = None
) -> dict[str, ItemResult]:
    names = [case.id for case in exercise.cases] if played is None else played
    items = score.score_items(exercise, findings, dict.fromkeys(names, 0.5), exercise.cases)
    return {item.id: item for item in items}


def test_no_finding_earns_all_points(tmp_path: Path) -> None:
    items = _score(_exercise(tmp_path, _case("a", 2.5)), {})
    assert (items["a"].verdict, items["a"].points, items["a"].max_points, items["a"].seconds) == (PASSED, 2.5, 2.5, 0.5)


def test_a_failed_finding_earns_nothing(tmp_path: Path) -> None:
    finding = Finding("output", "wrong")
    items = _score(_exercise(tmp_path, _case("a"), _case("b")), {"a": [finding]})
    assert (items["a"].verdict, items["a"].points, items["a"].findings) == (FAILED, 0, (finding,))
    assert items["b"].verdict is PASSED


def test_an_error_of_ours_outranks_a_failure(tmp_path: Path) -> None:
    items = _score(_exercise(tmp_path, _case("a")), {"a": [Finding("x", "wrong"), Finding("y", "ours", ERROR)]})
    assert items["a"].verdict is ERROR


def test_a_scored_check_is_charged_instead_of_the_case(tmp_path: Path) -> None:
    exercise = _exercise(tmp_path, _case("a"), checks=(CheckSpec("tidy", "is tidy", 2, "b", "h"),))
    items = _score(exercise, {"a": [Finding("tidy", "left a FIFO")]})
    assert (items["a"].verdict, items["tidy"].verdict, items["tidy"].points) == (PASSED, FAILED, 0)
    assert items["tidy"].kind == "check"
    assert items["tidy"].findings[0].data["case"] == "a"


def test_an_error_of_a_scored_check_stays_with_the_case(tmp_path: Path) -> None:
    exercise = _exercise(tmp_path, _case("a"), checks=(CheckSpec("tidy", "is tidy", 2, "b", "h"),))
    assert _score(exercise, {"a": [Finding("tidy", "ours", ERROR)]})["a"].verdict is ERROR


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a")])
def test_a_case_is_skipped_where_one_that_it_needs_did_not_pass(tmp_path: Path, order: tuple[str, ...]) -> None:
    cases = {"a": _case("a"), "b": _case("b", 1, "a"), "c": _case("c", 1, "b")}
    exercise = _exercise(tmp_path, *(cases[name] for name in order))
    items = _score(exercise, {"a": [Finding("exit", "wrong")], "c": [Finding("exit", "wrong")]})
    assert list(items) == list(order)
    assert {name: item.verdict for name, item in items.items()} == {"a": FAILED, "b": SKIPPED, "c": SKIPPED}
    assert items["b"].points == 0
    assert items["b"].findings == (Finding("needs", "not judged, because a did not pass", SKIPPED),)


def test_an_error_of_ours_is_told_even_where_the_case_would_be_skipped(tmp_path: Path) -> None:
    exercise = _exercise(tmp_path, _case("a"), _case("b", 1, "a"))
    items = _score(exercise, {"a": [Finding("exit", "wrong")], "b": [Finding("exit", "ours", ERROR)]})
    assert items["b"].verdict is ERROR


def test_what_a_case_needs_counts_only_if_it_was_asked_for(tmp_path: Path) -> None:
    exercise = _exercise(tmp_path, _case("a"), _case("b", 1, "a"))
    (item,) = score.score_items(exercise, {}, {"b": 0.1}, exercise.cases[1:])
    assert item.verdict is PASSED


def test_a_case_that_was_not_played_is_skipped(tmp_path: Path) -> None:
    items = _score(_exercise(tmp_path, _case("a")), {}, played=())
    assert items["a"].verdict is SKIPPED
    assert items["a"].findings[0].message == "not played"


def test_a_check_is_skipped_where_a_case_that_it_needs_did_not_pass(tmp_path: Path) -> None:
    check = CheckSpec("tidy", "is tidy", 2, "b", "h", needs=("a",))
    exercise = _exercise(tmp_path, _case("a"), _case("b"), checks=(check,))
    items = _score(exercise, {"a": [Finding("exit", "wrong")]})
    assert items["tidy"].verdict is SKIPPED
    assert "because a did not pass" in items["tidy"].findings[0].message


def test_a_check_is_skipped_where_no_case_passed(tmp_path: Path) -> None:
    exercise = _exercise(tmp_path, _case("a"), checks=(CheckSpec("tidy", "is tidy", 2, "b", "h"),))
    items = _score(exercise, {"a": [Finding("exit", "wrong")]})
    assert items["tidy"].findings[0].message == "not judged, because no case passed"


def test_points_are_added_as_people_do(tmp_path: Path) -> None:
    items = _score(_exercise(tmp_path, *(_case(f"c{number}", 0.1) for number in range(3))), {})
    assert score.total(items.values()) == 0.3


@pytest.mark.parametrize(
    ("verdicts", "whole"),
    [
        ((PASSED, PASSED), PASSED),
        ((PASSED, FAILED), FAILED),
        ((FAILED, ERROR), ERROR),
        ((PASSED, SKIPPED), PASSED),
        ((SKIPPED,), FAILED),
        ((), PASSED),
    ],
)
def test_the_verdict_of_the_whole(verdicts: tuple[Verdict, ...], whole: Verdict) -> None:
    items = [ItemResult("a", "a", "case", verdict, 0, 1) for verdict in verdicts]
    assert score.verdict_of(items, ()) is whole


def test_a_finding_of_the_whole_counts() -> None:
    assert score.verdict_of([], [Finding("build", "does not compile")]) is FAILED
