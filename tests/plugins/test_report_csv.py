from __future__ import annotations

import csv
import io
import os
from dataclasses import replace
from pathlib import Path

import pytest

from grader import BatchEntry, Report, Verdict
from grader.submissions import read_submission
from plugins import report_csv
from tests.samples import GOOD, a_report, an_exercise, write_tree


@pytest.fixture
def report(tmp_path: Path) -> Report:
    exercise = an_exercise(tmp_path)
    submission = read_submission(exercise, write_tree(tmp_path / "alice", {"demo.c": GOOD}))
    return a_report(exercise, submission, 81, failing={"works": "it lost a line, twice"})


def rows(*entries: BatchEntry) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(report_csv.render(entries))))


def test_a_row_for_each_submission(report: Report) -> None:
    row = rows(BatchEntry("alice", "demo", report))[0]
    assert tuple(row) == report_csv.COLUMNS
    assert (row["student"], row["verdict"], row["score"], row["max_score"]) == ("alice", "failed", "1", "5")
    assert (row["failed"], row["message"], row["seed"]) == ("works", "it lost a line, twice", "81")


def test_no_grade_has_no_score(report: Report) -> None:
    row = rows(BatchEntry("alice", "demo", replace(report, verdict=Verdict.ERROR, score=None, error="it died")))[0]
    assert (row["verdict"], row["score"], row["message"]) == ("error", "", "it died")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", " =", "\n="])  # noqa: RUF001
def test_no_cell_is_a_formula(report: Report, start: str) -> None:
    evil = start + 'HYPERLINK("http://x")'
    row = rows(BatchEntry(evil, evil, replace(report, error=evil, sandbox=evil, digest=evil)))[0]
    for column in ("student", "exercise", "message", "sandbox", "digest"):
        assert row[column].startswith("'")
        assert row[column].isprintable()


def test_bytes_that_are_no_utf8_and_control_characters_are_escaped() -> None:
    assert report_csv.cell(os.fsdecode(b"a\xff\x1b\n")) == "a\\xff\\x1b\\n"
    report_csv.cell("\ud800\udc41").encode("utf-8")
    assert report_csv.cell("Zoë, “quoted”") == "Zoë, “quoted”"
