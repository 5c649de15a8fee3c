from __future__ import annotations

import json
import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import grader
from grader import EventKind, Finding, Location, Place, Report, Style, TraceEvent, Verdict
from grader.batch import report_from_json
from grader.submissions import read_submission
from plugins import report_json
from tests.samples import GOOD, a_report, an_exercise, write_tree

SCHEMA = json.loads((Path(grader.__file__).parent / "report_schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def report(tmp_path: Path) -> Report:
    exercise = an_exercise(tmp_path)
    submission = read_submission(exercise, write_tree(tmp_path / "alice", {"demo.c": GOOD}))
    made = a_report(exercise, submission, 81, failing={"works": "no"})
    finding = Finding(
        "output",
        "no",
        expected="",
        seen=None,
        locations=(Location("demo.c", 3, 2, "main"), Location("demo.c")),
        because="b",
        hint="h",
        replay="r",
        details=("d", "e"),
        build="sanitized",
        data={"excerpts": [{"line": 3}], "n": None, "x": 1.5, "ok": True},
    )
    note = replace(finding, verdict=Verdict.PASSED)
    events = (
        TraceEvent(0.0, "demo", EventKind.BORN, other="child 1 of demo"),
        TraceEvent(
            0.5, "child 1 of demo", EventKind.CALL, "semop", "semaphore 0", -1, "EINTR", "", Place("demo.c", 3), 0
        ),
    )
    first = replace(made.items[0], findings=(finding,), notes=(note,), timeline=events)
    extra = {"exercise_digest": "d"}
    return replace(made, items=(first, *made.items[1:]), findings=(finding,), extra=extra, notes=(note,))


def document(report: Report) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(report_json.render(report, Style()))
    return made


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_document_fits_the_schema_and_the_schema_knows_every_key(report: Report) -> None:
    made = document(report)
    jsonschema.validate(made, SCHEMA)
    assert made.keys() == SCHEMA["properties"].keys()
    for name, part in (
        ("build", made["builds"][0]),
        ("item", made["items"][0]),
        ("finding", made["findings"][0]),
        ("timeline", made["items"][0]["timeline"]),
        ("event", made["items"][0]["timeline"]["events"][1]),
        ("place", made["items"][0]["timeline"]["events"][1]["place"]),
        ("location", made["findings"][0]["locations"][0]),
    ):
        assert part.keys() == SCHEMA["$defs"][name]["properties"].keys()
        assert set(SCHEMA["$defs"][name]["required"]) == part.keys()


def test_a_timeline_has_a_lane_for_each_process(report: Report) -> None:
    timeline = document(report)["items"][0]["timeline"]
    assert timeline["processes"] == ["demo", "child 1 of demo"]
    assert document(report)["items"][1]["timeline"] is None


def test_every_field_of_a_finding_is_told() -> None:
    assert {item.name for item in fields(Finding)} == SCHEMA["$defs"]["finding"]["properties"].keys()


def test_reading_gives_back_the_report(report: Report) -> None:
    assert report_from_json(report_json.render(report, Style())) == report


def test_no_grade_is_null_and_nothing_else_is(report: Report) -> None:
    ours = document(replace(report, verdict=Verdict.ERROR, score=None, error="the sandbox died"))
    assert (ours["verdict"], ours["score"], ours["error"]) == ("error", None, "the sandbox died")
    jsonschema.validate(ours, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**ours, "score": 0}, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**ours, "verdict": "failed"}, SCHEMA)


def test_hostile_text_stays_data(report: Report) -> None:
    hostile = '"}\n\x1b[2J\x00' + os.fsdecode(b"\xff") + "\ud800"
    text = report_json.render(replace(report, submission=hostile, extra={hostile: hostile}), Style())
    assert text.isascii()
    assert "\x1b" not in text
    made = json.loads(text)
    assert made["submission"]["name"] == '"}\n\x1b[2J\x00\\xff\\ud800'
    json.dumps(made, ensure_ascii=False).encode("utf-8")


def test_what_is_no_json_value_becomes_text(report: Report) -> None:
    odd = replace(report.findings[0], data={"path": Path("/x"), "pair": (1, 2)})
    assert document(replace(report, findings=(odd,)))["findings"][0]["data"] == {"path": "/x", "pair": [1, 2]}
