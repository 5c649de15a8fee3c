"""Each attack gets what its behaviour earns, leaves nothing, learns nothing, and disturbs nobody.

The attacks are graded with `grader batch`, one batch for each backend (conftest.py), right submissions between them.
"""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.attacks.attack import HERE, ROWS, Attack, told_of
from tests.attacks.world import SEED, Host, Outcome, attacks

pytestmark = pytest.mark.timeout(1200)  # the first test waits for a whole batch

ATTACKS = attacks()
# Graded again by itself, to see what each format makes of it.
LOUD = (
    "escapes_in_output",
    "escapes_in_diagnostics",
    "escapes_in_assembler",
    "escapes_in_process_names",
    "leave_ipc_hostile_names",
    "hostile_names",
    "stuck_under_odd_names",
    "names_of_files",
)


@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_attack(outcome: Outcome, backend: str, name: str) -> None:
    attack = ATTACKS[name]
    if backend in attack.not_on:
        pytest.skip("cannot be tried here")
    report, text = outcome.report(Host.student(attack), attack.exercise)
    problems = attack.problems(report)
    problems += [f"{secret} leaked" for secret in outcome.secrets if secret in text]
    assert problems == [], f"{attack.name}: {told_of(report)[:3000]}"


def test_right_submissions_between_the_attacks_get_all_points(outcome: Outcome) -> None:
    assert len(outcome.right) > len(ATTACKS) // 4
    lost = []
    for student, exercise in outcome.right:
        report, _ = outcome.report(student, exercise)
        if report["verdict"] != "passed" or report["score"] != report["max_score"]:
            lost.append(
                (student, exercise, report["error"], report["score"], [i for i in report["items"] if i["findings"]])
            )
    assert lost == []


def test_nothing_is_left_on_the_host_and_nobody_touched_it(outcome: Outcome) -> None:
    assert outcome.found == [], outcome.stderr[-4000:]


def test_no_text_of_the_batch_can_do_harm(outcome: Outcome) -> None:
    for text in (outcome.stdout, outcome.stderr):
        assert _harmful(text) == []
        assert not [secret for secret in outcome.secrets if secret in text]
    table = (outcome.root / "results/results.csv").read_text(encoding="utf-8")
    assert _harmful(table) == []
    rows = list(csv.reader(table.splitlines()))
    assert len(rows) == 1 + len(ATTACKS) + len(outcome.right)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    xml = (outcome.root / "results/junit.xml").read_text(encoding="utf-8")
    assert len(ET.fromstring(xml)) == len(rows) - 1
    assert [char for char in xml if ord(char) < 32 and char not in "\n\t"] == []
    for text in (table, xml):
        assert not [secret for secret in outcome.secrets if secret in text]


@pytest.mark.parametrize("name", LOUD)
def test_no_report_can_do_harm(outcome: Outcome, backend: str, name: str) -> None:
    attack = ATTACKS[name]
    path = outcome.root / "submissions" / Host.student(attack) / attack.exercise
    for form in ("text", "junit"):
        told = outcome.grade(backend, attack.exercise, path, "--format", form, "--seed", str(SEED))
        assert told.returncode in (1, 2), told.stderr
        for text in (told.stdout, told.stderr):
            assert _harmful(text) == [], form
        if form == "junit":
            ET.fromstring(told.stdout)


def test_an_answer_that_is_written_down_holds_for_one_seed(outcome: Outcome, backend: str, tmp_path: Path) -> None:
    asked = outcome.grade(
        backend, "one-case", HERE / "course/exercises/one-case/starter/main.c", "--format", "json", "--seed", "7"
    )
    (wanted,) = {
        finding["expected"]
        for item in json.loads(asked.stdout)["items"]
        for finding in item["findings"]
        if finding["check"] == "output"
    }
    source = tmp_path / "main.c"
    source.write_text(
        f"#include <stdio.h>\n\nint main(void)\n{{\n    puts({json.dumps(wanted.strip())});\n    return 0;\n}}\n"
    )
    verdicts = [outcome.grade(backend, "one-case", source, "--seed", seed).returncode for seed in ("7", "8")]
    assert verdicts == [0, 1]


def test_every_row_of_the_table_is_attacked() -> None:
    tried = {row for attack in ATTACKS.values() for row in attack.rows} | {"hard-coded"}  # that one is the test above
    assert tried == ROWS.keys()
    assert len(ATTACKS) >= 50


def test_each_attack_says_what_it_tries() -> None:
    for attack in ATTACKS.values():
        assert attack.source is None or attack.source.read_text(encoding="utf-8").startswith("/* "), attack.name


def test_a_breach_would_be_seen() -> None:
    finding = {
        "check": "output",
        "verdict": "failed",
        "message": "",
        "seen": "BREACH: x\ntried 2, held 1\n",
        "hint": "",
        "details": [],
    }
    report = {"verdict": "failed", "score": 0.0, "max_score": 8.0, "findings": [], "items": [{"findings": [finding]}]}
    problems = Attack("a", (), summary=True).problems(report)
    assert problems == ["BREACH: x", "it did not say that it tried, and everything held: [('2', '1')]"]


def _harmful(text: str) -> list[str]:
    """Control characters, bytes that are no UTF-8, and lines that GitHub would take for a command."""
    found = [
        repr(char)
        for char in text
        if (ord(char) < 32 and char not in "\n\t") or 0x7F <= ord(char) < 0xA0 or 0xD800 <= ord(char) < 0xE000
    ]
    return found + [line for line in text.splitlines() if line.strip().startswith(("::", "##["))]
