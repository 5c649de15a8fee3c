"""What a program is when it begins, whichever way the driver has started it."""

from __future__ import annotations

import pytest

from grader.errors import SandboxError
from grader.planning import PLAIN
from grader.wire import BuildPlan, CaseObservation, CasePlan, Finish, Limits, Plan, ProcessOutcome, Start, Step
from tests.sandbox.conftest import World

_KEPT = "^(Umask|State|Uid|Gid|Groups|Threads|SigBlk|SigIgn|SigCgt|Cap|NoNewPrivs|Seccomp)"
# /proc/PID/stat: (2) is the command, without a blank here; (5) process group, (6) session.
_SELF = f"""
grep -E '{_KEPT}' /proc/self/status
cat /proc/self/limits /proc/self/oom_score_adj
(cd /proc/$$/fd && echo descriptors *)
read -r pid name state parent group session rest < /proc/$$/stat
echo leads "$((group == pid))" "$((session == pid))"
pwd; env; echo "$0" "$@"
"""


def _played(world: World, *cases: tuple[Step, ...]) -> list[dict[str, ProcessOutcome]]:
    """The programs of each case, in one sandbox."""
    plans = tuple(CasePlan(f"case-{at}", PLAIN, steps, Limits(output=1 << 20)) for at, steps in enumerate(cases))
    sandbox = world.backend.open()
    try:
        seen = list(sandbox.run(Plan((BuildPlan(PLAIN, (), (), Limits()),), plans)))
    finally:
        sandbox.close()
    played = [one for one in seen if isinstance(one, CaseObservation)]
    return [{process.name: process for process in one.processes} for one in played]


def _beside_another(*steps: Step) -> tuple[Step, ...]:
    return (Start("other", ("cat",)), *steps, Finish("other"))


def test_a_program_is_the_same_whether_others_are_about_or_not(world: World) -> None:
    """Where nobody is who could hold it up, the driver starts it from within itself (vforking.py), else by launch."""
    shell = (Start("shell", ("sh", "-c", _SELF, "zeroth", "argument"), env={"GIVEN": "a value"}), Finish("shell"))
    alone, beside = (each["shell"] for each in _played(world, shell, _beside_another(*shell)))
    assert (alone.exit_code, alone.stderr) == (0, b"")
    assert beside.stdout == alone.stdout
    told = alone.stdout.decode().splitlines()
    assert "1000" in told  # oom_score_adj: it goes before the driver
    assert "NoNewPrivs:\t1" in told
    assert "Seccomp:\t2" in told
    assert {line.split()[1].strip("0") for line in told if line.startswith("CapEff")} == {""}
    assert "SigIgn:\t0000000000000000" in told
    assert "descriptors 0 1 2" in told
    assert "leads 1 1" in told
    assert {"GIVEN=a value", "zeroth argument"} <= set(told)


def test_no_descriptor_of_the_drivers_can_be_had_as_a_directory(world: World) -> None:
    """A path that the scenario names can be a link that an earlier program has left."""

    def inside(number: int) -> tuple[Step, ...]:
        link = (Start("link", ("ln", "-s", f"/proc/self/fd/{number}", "there")), Finish("link"))
        return (*link, Start("ls", ("ls", "-l"), cwd="there"), Finish("ls"))

    numbers = (*range(3, 40), *range(900, 930))
    ways = [way for number in numbers for way in (inside(number), _beside_another(*inside(number)))]
    for played in _played(world, *ways):
        assert played["ls"].exec_error.startswith("cannot enter its directory"), played["ls"]


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (Start("main", ("echo", "a" * (200 << 10))), "too long"),
        (Start("main", ("echo",), env={"A=B": "c"}), "environment variable name"),
        (Start("main", ("echo",), env={"": "c"}), "environment variable name"),
        (Start("main", ("echo", "a\0b")), "null byte"),
    ],
    ids=["long", "equals", "nameless", "null"],
)
def test_what_no_program_can_be_given_is_never_its_own_failure(world: World, start: Start, words: str) -> None:
    for steps in ((start, Finish("main")), _beside_another(start, Finish("main"))):
        with pytest.raises(SandboxError, match=words):
            _played(world, steps)


def test_one_that_cannot_be_executed_is_told_so_in_both_ways(world: World) -> None:
    names = ("./nowhere", "nowhere", "a" * 250)
    lost = [step for name in names for step in (Start(name, (name,)), Finish(name))]
    for played in _played(world, tuple(lost), _beside_another(*lost)):
        assert {played[name].exec_error for name in names} == {"No such file or directory"}


def test_more_arguments_than_the_short_way_has_room_for(world: World) -> None:
    words = tuple(map(str, range(300)))
    ((echo,),) = (each.values() for each in _played(world, (Start("echo", ("echo", *words)), Finish("echo"))))
    assert echo.stdout.decode() == " ".join(words) + "\n"
