"""Every verb of docs/exercise-format.md, in each of its forms, met and not met: tests/sandbox/verbs/verbs.yaml.

Of each verb all uses are the cases of one exercise, which is graded once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.errors import SandboxError
from grader.model import ItemResult, Report, Verdict
from grader.spec.steps import VERBS
from tests.sandbox.conftest import World, told

HERE = Path(__file__).parent / "verbs"
USES: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "verbs.yaml").read_text(encoding="utf-8"))
_OF_A_CASE = ("steps", "limits", "leaves", "values", "schedules")


class Played:
    """What came of the uses: each verb is graded when it is first asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._items: dict[str, dict[str, ItemResult]] = {}

    def item(self, verb: str, name: str) -> ItemResult:
        foreign = _foreign(USES[verb][name])
        group = f"{verb}-foreign" if foreign else verb
        if group not in self._items:
            self._items[group] = self._play(verb, group, foreign)
        return self._items[group][name]

    def _play(self, verb: str, group: str, foreign: bool) -> dict[str, ItemResult]:
        """foreign: those that need another user, whom not every sandbox has."""
        cases = [
            {"id": name, "leaves": ["*"], **{key: use[key] for key in _OF_A_CASE if key in use}}
            for name, use in USES[verb].items()
            if foreign == _foreign(use)
        ]
        try:
            report = self._grade(group, cases)
        except SandboxError as error:
            if foreign and "no other user" in str(error):
                pytest.skip(str(error))
            raise
        assert report.error == ""
        assert [build.diagnostics for build in report.builds if not build.ok] == []
        return {item.id: item for item in report.items}

    def _grade(self, group: str, cases: list[dict[str, Any]]) -> Report:
        return self._world.grade(f"verb-{group}", {"cases": cases, "flags": ["-pthread"]}, HERE, seconds=60)


def _foreign(use: dict[str, Any]) -> bool:
    return "'foreign': True" in str(use["steps"])


@pytest.fixture(scope="module")
def played(world: World) -> Played:
    return Played(world)


@pytest.mark.parametrize(("verb", "name"), [(verb, name) for verb, uses in USES.items() for name in uses])
def test_use(played: Played, verb: str, name: str) -> None:
    item, use = played.item(verb, name), USES[verb][name]
    wanted = use.get("checks", ["steps"] if "says" in use else [])
    said = told(item)
    assert sorted({finding.check for finding in item.findings}) == sorted(wanted), said
    assert item.verdict is (Verdict.FAILED if wanted else Verdict.PASSED)
    for words in use.get("says", ()):
        assert words in said
    for finding in item.findings:
        assert finding.because
        assert finding.hint
        assert f"--case {name}" in finding.replay


def test_every_verb_is_here_met_and_not_met() -> None:
    assert set(USES) - {"tty"} == set(VERBS)
    for verb, uses in USES.items():
        if verb != "tty":
            assert any("says" in use for use in uses.values()), verb
        assert any("says" not in use for use in uses.values()), verb
