"""What the check of semaphores, mutexes and the order of locks makes of the runtime's reports."""

from __future__ import annotations

from typing import Any

import pytest

from grader import (
    CaseObservation,
    Ended,
    Finding,
    HeldLock,
    Place,
    ReportKind,
    Trace,
    TracedAccess,
    TraceReport,
    Verdict,
)
from plugins import check_sync

SEM = HeldLock("semaphore 0 of set 3", Place("x.c", 25, "P"), caller=Place("x.c", 40, "work"))
OTHER_SEM = HeldLock("semaphore 1 of set 3", Place("x.c", 25, "P"), caller=Place("x.c", 60, "work"))
ONE, TWO, PARENT = "child 1 of x", "child 2 of x", "x"


def access(who: str, what: str, line: int, *held: HeldLock, **more: Any) -> TracedAccess:
    return TracedAccess(who, what, Place("x.c", line, "work"), held=held, **more)


def found(*reports: TraceReport, **more: Any) -> list[Finding]:
    observation = CaseObservation("c", "traced", Ended.DONE, (), (), trace=Trace(reports=reports, **more))
    return list(check_sync.grader_check_trace(observation=observation))


def only(*reports: TraceReport) -> Finding:
    (finding,) = found(*reports)
    return finding


def test_a_semaphore_that_is_set_while_it_is_in_use() -> None:
    uses = access(ONE, "uses semaphore 0 of set 3", 40)
    sets = access(TWO, "sets semaphore 0 of set 3", 20)
    report = TraceReport(ReportKind.INIT_RACE, (uses, sets), "semaphore 0 of set 3")
    finding = only(report, report)
    assert finding.message == (
        "race on the first value of semaphore 0 of set 3: child 2 of x sets it at x.c:20, but child 1 of x may already "
        "use it at x.c:40, and nothing orders the two"
    )
    assert "line 20 or the fork()" in finding.hint
    assert only(TraceReport(ReportKind.INIT_RACE, (sets, uses), "semaphore 0 of set 3")).message == finding.message


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ReportKind.SEM_PRIVATE, "is made to be shared, but lies in memory that is not"),
        (ReportKind.SEM_NOT_SHARED, "made for the threads of one process"),
        (ReportKind.MUTEX_NOT_SHARED, "not made to be shared between processes"),
    ],
)
def test_what_is_no_semaphore_or_mutex_between_processes(kind: ReportKind, words: str) -> None:
    report = TraceReport(kind, (access(PARENT, "calls sem_init()", 9),), "the semaphore")
    finding = only(report)
    assert finding.check == "sharing"
    assert words in finding.message
    assert finding.message.endswith("x initialises it at x.c:9 in work()")


def test_circles_in_the_order_of_locks_are_a_note() -> None:
    wants = (
        access(ONE, "wants semaphore 1 of set 3", 41, SEM),
        access(TWO, "wants semaphore 0 of set 3", 61, OTHER_SEM),
    )
    cycle = only(TraceReport(ReportKind.LOCK_CYCLE, wants))
    assert cycle.verdict is Verdict.PASSED
    assert cycle.message == (
        "locks are taken in different orders: child 1 of x has semaphore 0 of set 3 and then wants semaphore 1 of "
        "set 3; child 2 of x has semaphore 1 of set 3 and then wants semaphore 0 of set 3"
    )


def test_what_the_kernel_undoes_by_halves_explains_what_came_out_wrong() -> None:
    name = "semaphore 0 of set 3"
    pair = (access(ONE, f"takes {name} with SEM_UNDO", 41), access(ONE, "gives it back without", 45))
    finding = only(TraceReport(ReportKind.HALF_UNDONE, pair, name))
    assert (finding.verdict, finding.data["explains"]) == (Verdict.PASSED, True)
    assert finding.message == (
        f"child 1 of x takes {name} with SEM_UNDO at x.c:41, and gives it back without at x.c:45"
    )
    assert "given back once more" in finding.because
    pair = (access(ONE, f"takes {name} without SEM_UNDO", 41), access(ONE, "gives it back with it", 45))
    assert "taken once more" in only(TraceReport(ReportKind.HALF_UNDONE, pair, name)).because


def test_of_a_region_that_was_written_over_nothing_is_believed() -> None:
    pair = (
        access(ONE, "wants semaphore 1 of set 3", 41, SEM),
        access(TWO, "wants semaphore 0 of set 3", 61, OTHER_SEM),
    )
    assert found(TraceReport(ReportKind.LOCK_CYCLE, pair), intact=False) == []
