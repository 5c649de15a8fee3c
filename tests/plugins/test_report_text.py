from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from grader import BuildResult, Finding, Location, Report, Style, Verdict
from grader.submissions import read_submission, with_excerpts
from plugins import report_text
from tests.samples import a_report, an_exercise, write_tree

PLAIN = Style(color=False, width=100)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    exercise = an_exercise(tmp_path)
    submission = read_submission(
        exercise, write_tree(tmp_path / "alice", {"demo.c": "int main(void)\n{\n\treturn 1;\n}\n"})
    )
    failed = a_report(exercise, submission, 81, failing={"works": "it printed something else"})
    finding = Finding(
        "output",
        "it printed something else than was sent",
        expected="alpha\nbeta\n",
        seen="alpha\nbeta \n",
        locations=(Location("demo.c", 3, 2, "main"),),
        because="the reader needs it.",
        hint="What does read() return?",
        replay="grader grade demo alice --seed 81 --case works",
        details=("child 1 waits for child 2",),
    )
    first = replace(failed.items[0], findings=(finding,))
    return with_excerpts(replace(failed, items=(first, *failed.items[1:])), submission)


def with_finding(report: Report, *findings: Finding) -> Report:
    return replace(report, items=(replace(report.items[0], findings=findings), *report.items[1:]))


def test_a_failed_item_tells_all_that_helps(report: Report) -> None:
    text = report_text.render(report, PLAIN)
    for part in (
        "demo: A demonstration",
        "alice, seed 81, sandbox fake",
        "✗ does its work",
        "0/4",
        "it printed something else than was sent",
        "at demo.c:3 (main)",
        ">    3 |     return 1;",
        "  alpha",
        "- beta\n",
        "+ beta·\n",
        "child 1 waits for child 2",
        "why   the reader needs it.",
        "hint  What does read() return?",
        "again grader grade demo alice --seed 81 --case works",
        "score 1 of 5",
        "1 passed, 1 failed",
    ):
        assert part in text or part.replace("- beta\n", "- beta␊\n").replace("+ beta·\n", "+ beta·␊\n") in text, part


def test_a_passed_item_takes_one_line(report: Report) -> None:
    lines = report_text.render(report, PLAIN).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("✓ leaves nothing"))
    assert lines[at + 1] == ""
    assert lines[at].endswith("1/1")


@pytest.mark.parametrize("style", [PLAIN, Style(color=True, width=80, verbose=True)])
def test_nothing_a_student_wrote_reaches_the_terminal_raw(report: Report, style: Style) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\r\x9b31m\u202egnp\u200b\x00\x7f"
    finding = Finding(
        evil, evil, expected=evil + "\n", seen=evil, locations=(Location(evil, 1, 1, evil),), because=evil, hint=evil,
        replay=evil, details=(evil,), build=evil,
        data={"excerpts": [{"file": evil, "line": 1, "first": 1, "text": [evil]}]},
    )  # fmt: skip
    hostile = replace(
        with_finding(report, finding),
        submission=evil,
        sandbox=evil,
        findings=(finding,),
        builds=(BuildResult(evil, False, ("gcc", evil), evil, 0.1),),
    )
    for shown in (hostile, replace(hostile, verdict=Verdict.ERROR, score=None, error=evil)):
        text = report_text.render(shown, style)
        for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", *(f"\x1b[{n}m" for n in ("31", "32", "33", "35", "36", "1;31"))):
            text = text.replace(code, "")
        assert text.replace("\n", "").isprintable()


def test_color_is_only_added(report: Report) -> None:
    colored = report_text.render(report, Style(color=True, width=100))
    assert "\x1b[" in colored
    assert "\x1b" not in report_text.render(report, PLAIN)


def test_a_flood_is_cut_and_said_to_be(report: Report) -> None:
    flood = with_finding(report, Finding("output", "m", details=("line",) * 10_000))
    assert len(report_text.render(flood, PLAIN).splitlines()) < 100


def test_a_build_that_failed_shows_what_the_compiler_said(report: Report) -> None:
    build = BuildResult("plain", False, ("gcc", "-Wall", "demo.c"), "demo.c:3:2: error: expected ';'\n", 0.1)
    text = report_text.render(replace(report, builds=(build,)), PLAIN)
    assert "it does not compile" in text
    assert "$ gcc -Wall demo.c" in text
    assert "demo.c:3:2: error: expected ';'" in text


def test_warnings_of_a_good_build_are_shown(report: Report) -> None:
    build = BuildResult("plain", True, ("gcc",), "demo.c:1:1: warning: unused\n", 0.1)
    assert "the compiler warns:" in report_text.render(replace(report, builds=(build,)), PLAIN)


def test_a_hint_is_not_repeated_for_each_finding_of_an_item(report: Report) -> None:
    one = Finding("output", "first", hint="Look.", because="It matters.", replay="again")
    text = report_text.render(with_finding(report, one, replace(one, message="second")), PLAIN)
    assert "second" in text
    assert text.count("Look.") == text.count("It matters.") == 1


def test_no_grade_is_said_to_be_none(report: Report) -> None:
    ours = replace(report, verdict=Verdict.ERROR, score=None, error="the sandbox's zygote died")
    text = report_text.render(ours, PLAIN)
    assert "no grade was given" in text
    assert "the sandbox's zygote died" in text
    assert "score" not in text


def test_a_skipped_item_says_why(report: Report) -> None:
    skipped = Finding("needs", "not played, because works did not pass", Verdict.SKIPPED, hint="Unlink.")
    item = replace(report.items[1], verdict=Verdict.SKIPPED, points=0.0, findings=(skipped,))
    text = report_text.render(replace(report, items=(report.items[0], item)), PLAIN)
    assert "– leaves nothing" in text  # noqa: RUF001
    assert "not played, because works did not pass" in text
    assert "Unlink." not in text


def test_what_two_cases_have_in_common_is_told_once(report: Report) -> None:
    same = Finding("races", "a race on segment 3", locations=(Location("x.c", 5),), details=("the whole story",))
    first, second = (replace(report.items[0], id=name, findings=(same,)) for name in ("first", "second"))
    second = replace(second, findings=(replace(same, message="a race on segment 4"),))
    text = report_text.render(replace(report, items=(first, second)), PLAIN)
    assert text.count("the whole story") == 1
    assert "a race on segment 4: as in first" in text


def test_a_note_gives_its_hint_and_its_place_once(report: Report) -> None:
    note = Finding("fork", "x.c:5: it may fail", Verdict.PASSED, locations=(Location("x.c", 5),), hint="Test it.")
    text = report_text.render(replace(report, items=(replace(report.items[0], notes=(note,)),)), PLAIN)
    assert "note  x.c:5: it may fail. Test it.\n" in text
