"""What the engine hears of a plan, and when."""

from __future__ import annotations

import time

import pytest

from driver import procfs
from grader.backends import mother
from grader.model import Sandbox
from grader.planning import PLAIN
from grader.wire import BuildPlan, CaseObservation, CasePlan, Finish, Limits, Plan, Start, Step
from tests.sandbox.conftest import World

_ASLEEP = "50.0625"  # seconds; tells this process from others


def _case(name: str, *argv: str) -> CasePlan:
    steps: tuple[Step, ...] = (Start("program", argv), Finish("program"))
    return CasePlan(name, PLAIN, steps, Limits(wall=100))


def _is_asleep() -> bool:
    return any(_ASLEEP in (procfs.cmdline(pid) or ()) for pid in procfs.pids())


def _ids(sandbox: Sandbox, *cases: CasePlan) -> list[str]:
    """Of the cases that are told of when these are to be played."""
    seen = sandbox.run(Plan((BuildPlan(PLAIN, (), (), Limits()),), cases))
    return [one.id for one in seen if isinstance(one, CaseObservation)]


def test_whatever_cases_come_again_and_again_each_sandbox_plays_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the second time on they are learned by whom sandboxes are forked from, which forgets the oldest of many."""
    monkeypatch.setattr(mother, "_LESSONS", 4)
    few = [CasePlan(f"case-{number}", PLAIN, (), Limits()) for number in range(3)]
    many = [CasePlan(f"case-{number}", PLAIN, (), Limits()) for number in range(10)]
    for cases in (few, many):
        for case in (*cases, *cases, *cases, *cases[:1] * 4):
            sandbox = world.backend.open()
            try:
                assert _ids(sandbox, case) == [case.id]
                assert _ids(sandbox, case, few[0]) == [case.id, "case-0"]
            finally:
                sandbox.close()


def test_a_case_is_told_while_the_next_one_takes_its_time(world: World) -> None:
    """Observations go out together as long as the cases are short. Who watches a slow one knows of those before."""
    sandbox = world.backend.open()
    try:
        cases = (_case("quick", "true"), _case("slow", "sleep", _ASLEEP))
        seen = sandbox.run(Plan((BuildPlan(PLAIN, (), (), Limits()),), cases))
        told = next(one for one in seen if isinstance(one, CaseObservation))
        deadline = time.monotonic() + 30
        while not _is_asleep() and time.monotonic() < deadline:
            time.sleep(0.002)
        assert told.id == "quick"
        assert _is_asleep()
    finally:
        sandbox.close()
