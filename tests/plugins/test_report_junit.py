from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from grader import BatchEntry, BuildResult, Finding, Location, Report, Style, Verdict
from grader.submissions import read_submission
from plugins import report_junit
from tests.samples import GOOD, a_report, an_exercise, write_tree


@pytest.fixture
def report(tmp_path: Path) -> Report:
    exercise = an_exercise(tmp_path)
    submission = read_submission(exercise, write_tree(tmp_path / "alice", {"demo.c": GOOD}))
    return a_report(exercise, submission, 81, failing={"works": "it lost a line"})


def suite_of(report: Report) -> ET.Element:
    suite = ET.fromstring(report_junit.render(report, Style())).find("testsuite")
    assert suite is not None
    return suite


def test_a_failure_is_the_students(report: Report) -> None:
    suite = suite_of(report)
    assert {key: suite.get(key) for key in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "demo",
        "tests": "2",
        "failures": "1",
        "errors": "0",
        "skipped": "0",
    }
    cases = suite.findall("testcase")
    assert [case.get("name") for case in cases] == ["works: does its work", "tidy: leaves nothing"]
    failure = cases[0].find("failure")
    assert failure is not None
    assert failure.get("message") == "it lost a line"
    assert "hint: Look again." in (failure.text or "")
    assert list(cases[1]) == []


def test_an_error_is_ours_and_a_skipped_item_is_neither(report: Report) -> None:
    skipped = replace(report.items[1], verdict=Verdict.SKIPPED, findings=(Finding("needs", "why", Verdict.SKIPPED),))
    broken = replace(report, verdict=Verdict.ERROR, score=None, error="the sandbox died", items=(skipped,))
    suite = suite_of(broken)
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("0", "1", "1")
    error = suite.find("testcase/error")
    assert error is not None
    assert error.get("message") == "the sandbox died"


def test_a_failed_build_is_a_failure_with_the_diagnostics(report: Report) -> None:
    build = BuildResult("plain", False, ("gcc",), "demo.c:1:1: error: no", 0.1)
    failed = replace(report, builds=(build,), findings=(Finding("build", "it does not compile"),), items=())
    failure = suite_of(failed).find("testcase[@name='build']/failure")
    assert failure is not None
    assert failure.get("message") == "it does not compile"
    assert "demo.c:1:1: error: no" in (failure.text or "")


def test_a_location_is_given_to_the_viewer(report: Report) -> None:
    finding = Finding("memory", "overflow", locations=(Location("demo.c", 7),))
    case = suite_of(replace(report, items=(replace(report.items[0], findings=(finding,)),))).find("testcase")
    assert case is not None
    assert (case.get("file"), case.get("line")) == ("demo.c", "7")


def test_hostile_text_is_escaped_and_control_characters_are_gone(report: Report) -> None:
    evil = "]]><failure message='x'/>&amp;\x00\x1b[31m\x08\ufffe\ud800\n\"<"
    finding = Finding(evil, evil, expected=evil, seen=evil, details=(evil,), locations=(Location(evil, 1),))
    hostile = replace(
        report,
        exercise=evil,
        submission=evil,
        digest=evil,
        items=(replace(report.items[0], id=evil, findings=(finding,)),),
    )
    text = report_junit.render(hostile, Style())
    assert not any(char in text for char in "\x00\x1b\x08\ufffe\ud800")
    root = ET.fromstring(text)
    assert len(root.findall(".//failure")) == 1
    assert "]]><failure message='x'/>&amp;" in (root.findall(".//failure")[0].text or "")


def test_a_flood_is_cut(report: Report) -> None:
    finding = Finding("output", "m", seen="x" * 1_000_000, details=("y" * 1_000_000,))
    text = report_junit.render(replace(report, items=(replace(report.items[0], findings=(finding,)),)), Style())
    assert len(text) < 2 * report_junit.TEXT_LIMIT


def test_a_batch_has_a_suite_for_each_submission(report: Report) -> None:
    entries = [BatchEntry("alice", "demo", report), BatchEntry("bob", "demo", report)]
    root = ET.fromstring(report_junit.render_batch(entries))
    assert [suite.get("name") for suite in root] == ["alice/demo", "bob/demo"]
    assert root.get("tests") == "4"
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == 4


def test_an_empty_batch_is_a_document_too() -> None:
    assert ET.fromstring(report_junit.render_batch([])).tag == "testsuites"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_no_line_begins_with_what_a_ci_job_would_carry_out(report: Report, end: str) -> None:
    said = f"x{end}::error::pwned{end}  ##[error]pwned"
    build = BuildResult("plain", False, ("gcc",), said, 0.1)
    failed = replace(report, builds=(build,), findings=(Finding("build", f"it does not compile{end}::stop"),), items=())
    text = report_junit.render(failed, Style())
    assert "pwned" in text
    assert [line for line in text.splitlines() if line.lstrip().startswith(("::", "##"))] == []
