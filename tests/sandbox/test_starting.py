"""What a program is when it begins, whichever way the driver has started it."""

from __future__ import annotations

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


def test_one_that_cannot_be_executed_is_told_so_in_both_ways(world: World) -> None:
    lost = (Start("file", ("./nowhere",)), Start("command", ("nowhere",)), Finish("file"), Finish("command"))
    for played in _played(world, lost, _beside_another(*lost)):
        assert {played[name].exec_error for name in ("file", "command")} == {"No such file or directory"}


def test_more_arguments_than_the_short_way_has_room_for(world: World) -> None:
    words = tuple(map(str, range(300)))
    ((echo,),) = (each.values() for each in _played(world, (Start("echo", ("echo", *words)), Finish("echo"))))
    assert echo.stdout.decode() == " ".join(words) + "\n"
