"""Every program of tests/sandbox/cases, through spec, engine, sandbox, checks and report.

One folder is one behaviour, named as the sentence that it proves; conftest.py tells what its expected.yaml says. After
each the next submission is graded right in the same backend, and no process is left.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from grader.model import Report, Verdict
from tests.sandbox.conftest import CASES, SANDBOX, World, told

TAME = ("lea", "stuck_", "not_stuck_")  # no attack: the next submission need not be graded after each
FOLDERS = sorted(path.parent.name for path in CASES.glob("*/expected.yaml"))


@pytest.mark.parametrize("name", FOLDERS)
def test_behaviour(world: World, name: str) -> None:
    about = yaml.safe_load((CASES / name / "expected.yaml").read_text(encoding="utf-8")) or {}
    if SANDBOX not in about.get("only", [SANDBOX]):
        pytest.skip(f"is of {about['only']}")
    report = world.grade(name, about, CASES / name)
    assert report.error == ""
    failed = [build for build in report.builds if not build.ok]
    assert failed == [], [finding.message for finding in report.findings]
    if "leaves" in about:
        _compare_leftovers(report, about["leaves"])
    else:
        expect = about.get("expect") or {
            "main": {key: about[key] for key in ("checks", "some", "says") if key in about}
        }
        _compare(report, expect)
    if name.startswith(TAME):
        world.assert_nobody_left()
    else:
        world.assert_works()


def _compare(report: Report, expect: dict[str, Any]) -> None:
    for item in report.items:
        wanted = expect[item.id]
        said = told(item)
        failed = {finding.check for finding in item.findings}
        if "some" in wanted:
            assert failed & set(wanted["some"]), said
        else:
            assert sorted(failed) == sorted(wanted["checks"]), f"{item.id}: {said}"
        assert item.verdict is (Verdict.FAILED if failed else Verdict.PASSED)
        assert item.points == (0 if failed else item.max_points)
        for text in wanted.get("says", ()):
            assert text in said


def _compare_leftovers(report: Report, leaves: list[dict[str, Any]]) -> None:
    found = [dict(finding.data) for item in report.items for finding in item.findings]
    said = "\n".join(told(item) for item in report.items)
    assert [left["kind"] for left in found] == [wanted["kind"] for wanted in leaves], said
    for left, wanted in zip(found, leaves, strict=True):
        assert wanted.get("name", "") in left["name"]
        assert wanted.get("owner", left["owner"]) == left["owner"]
        for key, value in wanted.get("facts", {}).items():
            assert value in left[key]
    assert report.verdict is Verdict.FAILED
