"""Of a traced run, the older checks name lines: who waits where, what made a leftover, where it exited and printed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader import (
    CaseObservation,
    CaseSpec,
    Ended,
    EventKind,
    Exit,
    Expected,
    ExpectedStep,
    Finding,
    Kind,
    Leftover,
    Match,
    Origin,
    Output,
    Place,
    ProcessOutcome,
    StepOutcome,
    Trace,
    TracedTask,
    TraceEvent,
    Waiter,
    WaitGraph,
)
from grader.wire import Limits
from plugins import check_exit, check_leftovers, check_limits, check_output, check_steps, check_stuck
from tests.samples import an_exercise

P = Place("x.c", 25, "P")
CALLER = Place("x.c", 60, "main")
MADE = Place("x.c", 38, "make")


def stuck(*waiters: Waiter, cycle: tuple[str, ...] = (), **task: Any) -> Finding:
    trace = Trace(tasks=(TracedTask("0", "x", 7, **task),))
    observation = CaseObservation("c", "traced", Ended.STUCK, (), (), graph=WaitGraph(waiters, cycle), trace=trace)
    (finding,) = check_stuck.grader_check_case(expected=Expected("c", ()), observation=observation)
    return finding


def test_who_is_stuck_because_descriptors_were_used_up() -> None:
    events = [TraceEvent(0.1, "x", EventKind.RETURN, "open", error="EMFILE", place=P)]
    events += [TraceEvent(0.2, "x", EventKind.RETURN, "write", error="EPIPE", place=CALLER)]
    trace = Trace(tasks=(TracedTask("0", "x", 7),), events=tuple(events))
    graph = WaitGraph((waiter("y", "waits in read()"),))
    observation = CaseObservation("c", "traced", Ended.STUCK, (), (), graph=graph, trace=trace)
    (finding,) = check_stuck.grader_check_case(expected=Expected("c", ()), observation=observation)
    assert finding.details[0] == "open() of x failed with EMFILE at x.c:25 in P()"
    assert [place.line for place in finding.locations] == [25, 60]


def waiter(name: str, words: str, **more: Any) -> Waiter:
    return Waiter(name, 8, "x", "semop", words, dead=True, place=P, caller=CALLER, **more)


def test_who_is_stuck_is_told_with_the_line() -> None:
    made = Origin("semaphore set", "semget", "x", MADE)
    finding = stuck(waiter("child 1 of x", "waits in semop() for semaphore 0 of set 3 (value 0)", object=made))
    told = "child 1 of x waits in semop() at x.c:25 in P(), called from x.c:60, for semaphore 0 of set 3 (value 0)"
    assert finding.message == f"stuck: {told}"
    assert finding.details == (f"{told}; semaphore set made by semget() at x.c:38",)
    assert [place.line for place in finding.locations] == [25, 60, 38]
    (facts,) = finding.data["waiters"]
    assert facts["place"] == {"file": "x.c", "line": 25, "function": "P"}
    assert facts["made"]["line"] == 38


def test_a_deadlock_names_both_lines() -> None:
    one, two = waiter("one", "waits in semop()", waits_for=("two",)), waiter("two", "waits in semop()")
    message = stuck(one, two, cycle=("one", "two")).message
    assert message == "deadlock: one waits at x.c:25 for two, two waits at x.c:25 for one"


def test_what_was_printed_and_not_flushed_is_told() -> None:
    finding = stuck(waiter("x", "waits in read()"), unflushed=6, printed=Place("x.c", 30, "main"))
    assert finding.details[0] == (
        "x has 6 bytes in the buffer of stdout, printed at x.c:30, which nobody has seen: there was no fflush() before "
        "it began to wait"
    )


@pytest.mark.parametrize(
    ("ended", "task", "line", "words"),
    [
        (Ended.CPU, {"running": P, "at": CALLER, "call": "read"}, 25, "x was at x.c:25 in P()"),
        (Ended.CPU, {"at": CALLER, "call": "read", "waiting": True}, 60, "x waits in read() at x.c:60"),
        (Ended.FLOOD, {"stdout": P, "at": CALLER, "call": "read"}, 25, "the last of it was printed at x.c:25 in P()"),
    ],
)
def test_who_goes_beyond_a_limit_is_told_with_the_line(
    tmp_path: Path, ended: Ended, task: Any, line: int, words: str
) -> None:
    trace = Trace(tasks=(TracedTask("0", "x", 7, **task),))
    observation = CaseObservation("c", "traced", ended, (), (), trace=trace, limit_process="x")
    case = CaseSpec("c", "title", 1, (), "because", "hint", limits=Limits())
    (finding,) = check_limits.grader_check_case(
        exercise=an_exercise(tmp_path), case=case, expected=Expected("c", ()), observation=observation
    )
    assert [place.line for place in finding.locations] == [line]
    assert finding.details == (words,)


def test_who_cannot_be_seen_is_told_by_what_it_does_again_and_again(tmp_path: Path) -> None:
    event = TraceEvent(0.1, "x", EventKind.CALL, "poll", place=P)
    trace = Trace(tasks=(TracedTask("0", "x", 7, at=CALLER),), events=(event,) * 20)
    observation = CaseObservation("c", "traced", Ended.CPU, (), (), trace=trace, limit_process="x")
    case = CaseSpec("c", "title", 1, (), "because", "hint", limits=Limits())
    (finding,) = check_limits.grader_check_case(
        exercise=an_exercise(tmp_path), case=case, expected=Expected("c", ()), observation=observation
    )
    assert finding.details == ("x called poll() again and again at x.c:25 in P()",)
    assert [place.line for place in finding.locations] == [25]


def test_who_looks_again_and_again_is_told_with_the_line() -> None:
    trace = Trace(tasks=(TracedTask("0", "x", 7, call="sleep", at=P, caller=CALLER, waiting=True),))
    refused = StepOutcome(0, "blocked", Ended.REFUSED, "x wakes up again and again", process="x")
    observation = CaseObservation("c", "traced", Ended.REFUSED, (refused,), (), trace=trace)
    expected = Expected("c", (ExpectedStep("wait until x sleeps", 4),))
    (finding,) = check_steps.grader_check_case(expected=expected, observation=observation)
    assert finding.details == ("x waits in sleep() at x.c:25 in P(), called from x.c:60",)
    assert [place.line for place in finding.locations] == [25]


FLOCK = TraceEvent(0.1, "x", EventKind.RETURN, "flock", place=P)
READ = TraceEvent(0.2, "x", EventKind.CALL, "read", place=CALLER)


@pytest.mark.parametrize(
    ("events", "lines", "words"),
    [
        ((FLOCK, READ, FLOCK), [25], "flock() was called at x.c:25 in P()"),
        ((READ,), [], "x was still running"),
    ],
)
def test_where_a_call_is_waited_for_those_that_were_made_are_told(
    events: tuple[TraceEvent, ...], lines: list[int], words: str
) -> None:
    trace = Trace(tasks=(TracedTask("0", "x", 7),), events=events)
    late = StepOutcome(0, "blocked", Ended.WALL, "after 30 s")
    running = ProcessOutcome("x", ("./x",))
    observation = CaseObservation("c", "traced", Ended.WALL, (late,), (running,), trace=trace)
    expected = Expected("c", (ExpectedStep("wait until x is blocked in a lock call", 4),))
    (finding,) = check_steps.grader_check_case(expected=expected, observation=observation)
    assert finding.details[0] == words
    assert [place.line for place in finding.locations] == lines


def test_without_a_trace_nothing_is_said_of_lines() -> None:
    bare = Waiter("x", 8, "x", "read", "waits in read() for a pipe")
    observation = CaseObservation("c", "plain", Ended.STUCK, (), (), graph=WaitGraph((bare,)))
    (finding,) = check_stuck.grader_check_case(expected=Expected("c", ()), observation=observation)
    assert finding.details == ("x waits in read() for a pipe",)
    assert finding.locations == ()


@pytest.mark.parametrize(
    ("kind", "call", "told"),
    [
        (Kind.SHM, "shmget", "left behind: shared memory segment 0x1, created by shmget() of x"),
        (Kind.DESCRIPTOR, "pipe", "leaked into another program: descriptor 0x1, it comes from pipe()"),
        (Kind.ZOMBIE, "fork", "never waited for: zombie process 0x1, child of x, forked"),
        (Kind.LOCK, "fcntl", "still locked: file lock 0x1, held by x, locked by fcntl()"),
    ],
)
def test_what_is_left_behind_is_told_with_the_call_that_made_it(kind: Kind, call: str, told: str) -> None:
    origin = Origin(kind.value, call, "x", MADE, CALLER)
    observation = CaseObservation("c", "traced", Ended.DONE, (), (), (Leftover(kind, "0x1", "x", {}, origin),))
    (finding,) = check_leftovers.grader_check_case(expected=Expected("c", ()), observation=observation)
    assert finding.message == f"{told} at x.c:38 in make(), called from x.c:60"
    assert [place.line for place in finding.locations] == [38, 60]
    assert finding.data["made"]["call"] == call


def finished(process: ProcessOutcome, wanted: Exit, **task: Any) -> tuple[Expected, CaseObservation]:
    expected = Expected("c", (ExpectedStep("finish x", 1, exit=wanted),))
    trace = Trace(tasks=(TracedTask("0", "x", 7, **task),))
    steps = (StepOutcome(0, "finish", Ended.DONE),)
    return expected, CaseObservation("c", "traced", Ended.DONE, steps, (process,), trace=trace)


def test_where_it_exited() -> None:
    expected, observation = finished(ProcessOutcome("x", (), exit_code=1), Exit("x"), exits=Place("x.c", 50, "fail"))
    (finding,) = check_exit.grader_check_case(expected=expected, observation=observation)
    assert finding.details[0] == "x exited at x.c:50 in fail()"
    assert finding.locations[0].line == 50


def test_which_call_had_failed_before_it_exited() -> None:
    expected, observation = finished(ProcessOutcome("x", (), exit_code=1), Exit("x"))
    assert observation.trace is not None
    event = TraceEvent(0.0, "x", EventKind.CALL, "semget", error="EINVAL", place=Place("x.c", 38, "make"))
    observation = replace(observation, trace=replace(observation.trace, events=(event,)))
    (finding,) = check_exit.grader_check_case(expected=expected, observation=observation)
    assert finding.details[0] == "semget() of x failed with EINVAL at x.c:38 in make()"
    assert finding.locations[0].line == 38


def test_what_it_did_last_before_it_returned_from_main_too_early() -> None:
    steps = (ExpectedStep("wait until x sleeps", 1),)
    trace = Trace(tasks=(TracedTask("0", "x", 7, at=Place("x.c", 61, "main"), call="read"),))
    outcome = StepOutcome(0, "blocked", Ended.EXITED, process="x")
    process = ProcessOutcome("x", (), exit_code=0)
    observation = CaseObservation("c", "traced", Ended.EXITED, (outcome,), (process,), trace=trace)
    (finding,) = check_steps.grader_check_case(expected=Expected("c", steps), observation=observation)
    assert finding.details[0] == "the last call of x was read() at x.c:61"
    assert finding.locations[0].line == 61


def test_what_ended_it_in_the_middle_of_the_case() -> None:
    steps = (ExpectedStep("wait until x sleeps", 1),)
    trace = Trace(tasks=(TracedTask("0", "x", 7, at=Place("x.c", 61, "main"), call="write"),))
    outcome = StepOutcome(0, "blocked", Ended.EXITED)
    process = ProcessOutcome("x", (), signal="SIGPIPE")
    observation = CaseObservation("c", "traced", Ended.EXITED, (outcome,), (process,), trace=trace)
    (finding,) = check_exit.grader_check_case(expected=Expected("c", steps), observation=observation)
    assert finding.details == ("the last call before that was write() at x.c:61",)


def test_who_ran_out_of_descriptors_is_told_before_calls_that_failed_without_harm() -> None:
    events = [
        TraceEvent(0.1, "x", EventKind.CALL, "open", error="EMFILE", place=Place("x.c", 49, "open_log")),
        TraceEvent(0.2, "x", EventKind.RETURN, "poll", error="EINTR", place=Place("x.c", 114, "main")),
        TraceEvent(0.3, "y", EventKind.RETURN, "write", error="EPIPE", place=Place("x.c", 120, "main")),
        TraceEvent(0.4, "x", EventKind.RETURN, "write", error="EPIPE", place=Place("x.c", 121, "main")),
    ]
    expected, observation = finished(ProcessOutcome("x", (), exit_code=1), Exit("x"))
    assert observation.trace is not None
    observation = replace(observation, trace=replace(observation.trace, events=tuple(events)))
    (finding,) = check_exit.grader_check_case(expected=expected, observation=observation)
    assert [line.partition(" failed")[0] for line in finding.details] == ["open() of x", "write() of x"]


def test_which_child_a_signal_has_ended() -> None:
    """For the parent tells of it, or waits for ever for what the child should have done."""
    child = TracedTask("0.2", "child 2 of x", 9, at=Place("x.c", 40, "work"), ended_by="SIGBUS")
    killed = TracedTask("0.3", "child 3 of x", 10, ended_by="SIGKILL")
    told = "child 2 of x was ended by SIGBUS; it was last seen at x.c:40 in work()"
    expected, observation = finished(ProcessOutcome("x", (), exit_code=1), Exit("x"))
    trace = Trace(tasks=(TracedTask("0", "x", 7), child, killed))
    observation = replace(observation, trace=trace)
    (finding,) = check_exit.grader_check_case(expected=expected, observation=observation)
    assert (finding.details, [place.line for place in finding.locations]) == ((told,), [40])
    stuck = replace(observation, ended=Ended.STUCK, graph=WaitGraph((waiter("x", "waits in read()"),), ()))
    (finding,) = check_stuck.grader_check_case(expected=Expected("c", ()), observation=stuck)
    assert told in finding.details
    failed = StepOutcome(0, "expect", Ended.WALL, process="x")
    late = replace(observation, ended=Ended.WALL, steps=(failed,))
    (finding,) = check_steps.grader_check_case(
        expected=Expected("c", (ExpectedStep("expect done", 1),)), observation=late
    )
    assert told in finding.details


def test_what_it_did_last_before_it_crashed() -> None:
    process = ProcessOutcome("x", (), signal="SIGSEGV")
    expected, observation = finished(process, Exit("x"), at=Place("x.c", 44, "main"), call="shmat")
    (finding,) = check_exit.grader_check_case(expected=expected, observation=observation)
    assert finding.details[0] == "the last call before that was shmat() at x.c:44"


def test_what_another_program_tells_of_was_made_there() -> None:
    wanted = Exit("ipcs", stdout=Output(Match.EXACT, ("600\n",)))
    process = ProcessOutcome("ipcs", (), exit_code=0, stdout=b"666\n")
    expected, observation = finished(process, wanted)
    assert observation.trace is not None
    made = Origin("semaphore set", "semget", "x", MADE, name="0x11", removed=True)
    trace = replace(observation.trace, origins=(made, Origin("pipe", "pipe", "x", P)))
    (finding,) = check_output.grader_check_case(expected=expected, observation=replace(observation, trace=trace))
    assert finding.details == ("there was a semaphore set 0x11, made by semget() of x at x.c:38 in make()",)
    assert [place.line for place in finding.locations] == [38]


def test_a_fifo_is_not_made_by_open() -> None:
    process = ProcessOutcome("cat", (), exit_code=0, stdout=b"one\n")
    expected, observation = finished(process, Exit("cat", stdout=Output(Match.EXACT, ("two\n",))))
    assert observation.trace is not None
    trace = replace(observation.trace, origins=(Origin("FIFO", "open", "x", MADE, name="in"),))
    (finding,) = check_output.grader_check_case(expected=expected, observation=replace(observation, trace=trace))
    assert finding.details == ()
    assert finding.locations == ()


def test_where_it_printed() -> None:
    wanted = Exit("x", stdout=Output(Match.EXACT, ("total: 7\n",)))
    process = ProcessOutcome("x", (), exit_code=0, stdout=b"total: 6\n")
    expected, observation = finished(process, wanted, stdout=Place("x.c", 77, "main"))
    (finding,) = check_output.grader_check_case(expected=expected, observation=observation)
    assert finding.details == ("the last of it was printed at x.c:77",)
    assert finding.locations[0].line == 77
