"""Expected output may hold what only the driver knows."""

from __future__ import annotations

import pytest

from grader import (
    CaseObservation,
    Ended,
    Exit,
    Expected,
    ExpectedStep,
    Match,
    Output,
    ProcessOutcome,
    StepOutcome,
    Verdict,
)
from plugins import check_output


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("shm %{a.id} and %{p.pid}\n", "shm 37 and 4711\n"),
        ("100 % of %{nobody.id}", "100 % of %{nobody.id}"),
        ("plain", "plain"),
    ],
)
def test_pids_and_ids_in_expected_output(text: str, filled: str) -> None:
    seen = CaseObservation("c", "plain", Ended.DONE, (), (), values={"a.id": "37", "p.pid": "4711"})
    assert check_output._filled(Output(Match.LINES, (text, "x")), seen).values == (filled, "x")


def test_what_a_pattern_asks_for_is_told_in_words() -> None:
    rule = Output(Match.REGEX, (r"\A[0-9]+\n\Z",), says="a line with a number")
    expected = Expected("c", (ExpectedStep("finish x", 1, exit=Exit("x", stdout=rule)),))
    process = ProcessOutcome("x", (), exit_code=0, stdout=b"twelve\n")
    seen = CaseObservation("c", "plain", Ended.DONE, (StepOutcome(0, "finish", Ended.DONE),), (process,))
    (finding,) = check_output.grader_check_case(expected=expected, observation=seen)
    assert finding.message == "stdout of x is not a line with a number"
    assert (finding.expected, finding.seen) == ("a line with a number", "twelve\n")


def test_of_two_long_texts_the_part_that_differs_is_shown() -> None:
    wanted = "".join(f"line {number}\n" for number in range(1, 5001))
    seen = wanted.replace("line 3000\n", "line three thousand\n")
    expected = Expected("c", (ExpectedStep("finish x", 1, exit=Exit("x", stdout=Output(Match.EXACT, (wanted,)))),))
    process = ProcessOutcome("x", (), exit_code=0, stdout=seen.encode())
    steps = (StepOutcome(0, "finish", Ended.DONE),)
    (finding,) = check_output.grader_check_case(
        expected=expected, observation=CaseObservation("c", "plain", Ended.DONE, steps, (process,))
    )
    assert finding.message == "stdout of x differs in line 3000"
    told, printed = str(finding.expected).splitlines(), str(finding.seen).splitlines()
    assert told[1:5] == ["line 2997", "line 2998", "line 2999", "line 3000"]
    assert printed[4] == "line three thousand"
    assert len("".join(printed)) < 5000


def test_of_lines_in_any_order_those_that_are_astray_are_told() -> None:
    long, torn = "x" * 3000 + "y" * 3000, "x" * 3000 + "z" * 2999
    rule = Output(Match.LINES, ("one", long, "two"))
    expected = Expected("c", (ExpectedStep("finish x", 1, exit=Exit("x", stdout=rule)),))
    process = ProcessOutcome("x", (), exit_code=0, stdout=f"two\n{torn}\nthree\n".encode())
    seen = CaseObservation("c", "plain", Ended.DONE, (StepOutcome(0, "finish", Ended.DONE),), (process,))
    (finding,) = check_output.grader_check_case(expected=expected, observation=seen)
    assert finding.details[0] == "missing: 'one'"
    assert finding.details[1].startswith("missing: a line of 6000 characters; one of 5999 has the same first 3000, and")
    assert finding.details[1].endswith(f"then '{'z' * 40}'... instead of '{'y' * 40}'...")
    assert finding.details[2:] == ("not expected: 'three'",)


def test_an_output_on_which_a_pattern_takes_for_ever_is_nobodys_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_output, "_PATIENCE", 0.1)
    rule = Output(Match.REGEX, (r"\A(a|aa)+\Z",))
    expected = Expected("c", (ExpectedStep("finish x", 1, exit=Exit("x", stdout=rule)),))
    process = ProcessOutcome("x", (), exit_code=0, stdout=b"a" * 200 + b"!")
    (finding,) = check_output.grader_check_case(
        expected=expected,
        observation=CaseObservation("c", "plain", Ended.DONE, (StepOutcome(0, "finish", Ended.DONE),), (process,)),
    )
    assert finding.verdict is Verdict.ERROR
    assert "the author of the exercise" in finding.message
