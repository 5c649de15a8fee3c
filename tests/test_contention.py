"""A budget that lasts as long on a busy machine as on one that has nothing else to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import contention


def following(*values: float) -> Iterator[float]:
    yield from values


def a_clock(times: tuple[float, ...], crowds: tuple[float, ...]) -> contention.Clock:
    return contention.Clock(following(*crowds).__next__, following(*times).__next__)


def test_where_nobody_else_is_at_work_a_second_is_a_second() -> None:
    clock = a_clock((100.0, 101.0, 103.5), (1.0, 1.0, 1.0))
    assert [clock.now(), clock.now()] == [1.0, 3.5]


def test_seconds_go_by_as_slowly_as_the_machine_is_crowded() -> None:
    clock = a_clock((0.0, 8.0, 12.0, 13.0), (4.0, 4.0, 1.0, 1.0))
    assert [clock.now(), clock.now(), clock.now()] == [2.0, pytest.approx(3.6), pytest.approx(4.6)]


TWO = "cpu 1 2\ncpu0 1 1\ncpu1 0 1\nctxt 9\n"


@pytest.mark.parametrize(
    ("text", "crowded"),
    [
        (f"{TWO}procs_running 1\nprocs_blocked 0\n", 1.0),
        (f"{TWO}procs_running 6\n", 3.0),
        (f"{TWO}procs_running 4000\n", 20.0),
        ("procs_running 2\n", 2.0),
        (TWO, 1.0),
        (f"{TWO}procs_running many\n", 1.0),
        (f"{TWO}procs_running\n", 1.0),
        (None, 1.0),
    ],
)
def test_how_crowded_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str | None, crowded: float) -> None:
    stat = tmp_path / "stat"
    if text is not None:
        stat.write_text(text, encoding="ascii")
    monkeypatch.setattr(contention, "_STAT", str(stat))
    assert contention.contention() == crowded
