"""What a report says of a call that failed: whether anybody noticed."""

from __future__ import annotations

from typing import Any

import pytest

from grader import (
    CaseObservation,
    Ended,
    Expected,
    Finding,
    Kind,
    Leftover,
    Origin,
    Place,
    ProcessOutcome,
    Trace,
    TracedAccess,
    TracedTask,
    Waiter,
    WaitGraph,
)
from plugins import check_faults

CALL = TracedAccess("x", "calls write()", Place("x.c", 30, "save"), Place("x.c", 50, "main"))
EXPECTED = Expected("c", (), leaves=("*.txt",))


def judged(
    process: ProcessOutcome, ended: Ended = Ended.DONE, left: tuple[Leftover, ...] = (), fault: str = "enospc"
) -> list[Finding]:
    trace = Trace(point=f"0@x+10#1:{fault}", fault=CALL, tasks=(TracedTask("0", "x", 7),))
    observation = CaseObservation("c", "traced", ended, (), (process,), left, trace=trace)
    found = [Finding("output", "stdout is empty")]
    return list(check_faults.grader_check_fault(expected=EXPECTED, observation=observation, findings=found))


def program(status: int | None = 1, stderr: bytes = b"x: write: No space left\n", **more: Any) -> ProcessOutcome:
    return ProcessOutcome("x", ("./x",), exit_code=status, stderr=stderr, **more)


def test_a_clear_error_is_all_that_is_asked_for() -> None:
    assert judged(program()) == []
    assert judged(program(), Ended.EXITED) == []


@pytest.mark.parametrize(
    ("process", "ended", "told"),
    [
        (program(0), Ended.DONE, "x does not notice: it exits with status 0 though its work is not done"),
        (program(1, b" \n"), Ended.DONE, "x exits with status 1, but says nothing on stderr"),
        (program(None, signal="SIGSEGV"), Ended.DONE, "x is then ended by SIGSEGV"),
        (program(None, killed="cpu-limit"), Ended.CPU, "the program then runs without end"),
        (program(None, killed="end"), Ended.END_OF_FILE, "the program does not notice, and its work is not done"),
    ],
)
def test_what_is_no_good_end(process: ProcessOutcome, ended: Ended, told: str) -> None:
    (finding,) = judged(process, ended)
    assert finding.check == "faults"
    assert finding.message == (
        f"when write() at x.c:30 in save(), called from x.c:50 fails because there is no room (ENOSPC), {told}"
    )
    assert [place.line for place in finding.locations] == [30, 50]
    assert finding.details == ("it came out like this: stdout is empty",)
    assert finding.data["fault"] == "enospc"


def test_who_is_only_stopped_has_to_go_on() -> None:
    (finding,) = judged(program(), fault="stopped")
    assert finding.message.endswith("stopped and continued, the program gives up")
    assert finding.expected == "that it does its work all the same"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("eintr", "is interrupted by a signal (EINTR)"),
        ("short-io", "transfers less than was asked for"),
        ("eagain-fork", "too many processes (EAGAIN)"),
        ("enomem", "no memory (ENOMEM)"),
        ("emfile", "too many files are open (EMFILE)"),
        ("eio", "an I/O error (EIO)"),
    ],
)
def test_each_fault_has_words_and_a_hint(fault: str, words: str) -> None:
    (finding,) = judged(program(0), fault=fault)
    assert words in finding.message
    assert finding.hint.endswith("?")


def test_the_hint_fits_the_call() -> None:
    (finding,) = judged(program(0), fault="eio")  # of write()
    assert "lost" in finding.because
    assert "end of the data" not in finding.because


def test_who_waits_is_named() -> None:
    waiter = Waiter("child 1 of x", 8, "x", "read", "waits in read() for a pipe", dead=True)
    trace = Trace(point="0@x+10#1:eio", fault=CALL, tasks=(TracedTask("0.1", "child 1 of x", 8),))
    observation = CaseObservation("c", "traced", Ended.STUCK, (), (), trace=trace, graph=WaitGraph((waiter,)))
    (finding,) = check_faults.grader_check_fault(expected=EXPECTED, observation=observation, findings=[])
    assert finding.message.endswith("child 1 of x then waits for ever: it waits in read() for a pipe")


def test_a_partner_that_waits_for_a_program_which_gave_up_is_nobodys_fault() -> None:
    monitor = Waiter("monitor", 8, "monitor", "read", "waits in read() for a pipe", dead=True)
    trace = Trace(point="0@x+10#1:eio", fault=CALL, tasks=(TracedTask("0", "x", 7),))
    observation = CaseObservation(
        "c", "traced", Ended.STUCK, (), (program(),), trace=trace, graph=WaitGraph((monitor,))
    )
    assert list(check_faults.grader_check_fault(expected=EXPECTED, observation=observation, findings=[])) == []


def test_another_program_of_the_submission_that_waits_is_its_own_affair() -> None:
    server = Waiter("server", 8, "server", "read", "waits in read() for a pipe", dead=True)
    tasks = (TracedTask("0", "x", 7), TracedTask("1", "server", 8))
    trace = Trace(point="0@x+10#1:eio", fault=CALL, tasks=tasks)
    graph = WaitGraph((server,))
    observation = CaseObservation("c", "traced", Ended.STUCK, (), (program(),), trace=trace, graph=graph)
    assert list(check_faults.grader_check_fault(expected=EXPECTED, observation=observation, findings=[])) == []


def test_only_the_program_that_met_the_fault_is_judged() -> None:
    other = ProcessOutcome("interrupted", ("./x",), exit_code=130)
    trace = Trace(point="1@x+10#1:eio", fault=CALL, tasks=(TracedTask("0", "interrupted", 7), TracedTask("1", "x", 8)))
    observation = CaseObservation("c", "traced", Ended.EXITED, (), (other, program()), trace=trace)
    assert list(check_faults.grader_check_fault(expected=EXPECTED, observation=observation, findings=[])) == []


def test_what_stays_is_told_unless_it_may() -> None:
    segment = Leftover(Kind.SHM, "0x1234", origin=Origin(Kind.SHM.value, "shmget", "x", Place("x.c", 12, "make")))
    log = Leftover(Kind.FILE, "log.txt")
    (finding,) = judged(program(), Ended.EXITED, (log, segment))
    assert finding.message.endswith("shared memory segment 0x1234, made at x.c:12 in make(), is left behind")
    assert judged(program(), Ended.EXITED, (log,)) == []


def test_who_was_killed_by_the_scenario_has_not_crashed() -> None:
    killed = ProcessOutcome("killed", ("./x",), signal="SIGKILL")
    tasks = (TracedTask("0", "x", 7), TracedTask("1", "killed", 8))
    trace = Trace(point="0@x+10#1:eio", fault=CALL, tasks=tasks)
    observation = CaseObservation("c", "traced", Ended.EXITED, (), (killed, program()), trace=trace)
    assert list(check_faults.grader_check_fault(expected=EXPECTED, observation=observation, findings=[])) == []
