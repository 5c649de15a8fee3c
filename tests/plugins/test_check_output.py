"""Expected output may hold what only the driver knows."""

from __future__ import annotations

import pytest

from grader import CaseObservation, Ended, Match, Output
from plugins.check_output import _filled


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
    assert _filled(Output(Match.LINES, (text, "x")), seen).values == (filled, "x")
