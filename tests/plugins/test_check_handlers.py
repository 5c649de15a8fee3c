"""What a report says of signal handlers."""

from __future__ import annotations

import pytest

from grader import CaseObservation, Ended, Finding, Place, ReportKind, Trace, TracedAccess, TraceReport, Verdict
from plugins import check_handlers


def access(what: str, line: int, function: str = "main", *, in_handler: bool = False) -> TracedAccess:
    return TracedAccess("x", what, Place("x.c", line, function), in_handler=in_handler)


def only(report: TraceReport, *, intact: bool = True) -> Finding:
    observation = CaseObservation("c", "traced", Ended.DONE, (), (), trace=Trace(reports=(report,), intact=intact))
    (finding,) = check_handlers.grader_check_trace(observation=observation)
    assert finding.check == "handlers"
    assert finding.because
    assert finding.hint
    assert finding.data["kind"] == report.kind.value
    return finding


def test_a_test_before_pause() -> None:
    parts = (access("tests", 20), access("calls pause()", 21), access("writes", 8, "handler", in_handler=True))
    finding = only(TraceReport(ReportKind.PAUSE_RACE, parts))
    assert finding.message == (
        "x tests a variable at x.c:20 and then waits in pause() at x.c:21: a signal that comes in between is missed"
    )
    assert finding.details == ("it tests at x.c:20, and waits at x.c:21; the handler sets it at x.c:8 in handler()",)
    assert [place.line for place in finding.locations] == [20, 21, 8]


def test_a_look_for_children_before_pause() -> None:
    parts = (access("tests", 20), access("calls pause()", 21))
    assert only(TraceReport(ReportKind.PAUSE_RACE, parts)).message == (
        "x asks whether a child has ended at x.c:20 and then waits in pause() at x.c:21: the SIGCHLD of one that ends "
        "in between is missed"
    )


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        ("printf", "write() would be safe"),
        ("malloc", "do the work"),
        ("exit", "relative of exit()"),
        ("sleep", "man 7"),
    ],
)
def test_a_call_that_is_not_safe(function: str, hint: str) -> None:
    finding = only(TraceReport(ReportKind.UNSAFE_CALL, (access("calls", 8, "handler"),), text=function))
    assert f"calls {function}() at x.c:8 in handler()" in finding.message
    assert hint in finding.hint


def test_errno() -> None:
    finding = only(TraceReport(ReportKind.ERRNO, (access("changes errno", 8, "handler"),), text="SIGCHLD"))
    assert finding.message == (
        "the handler for SIGCHLD of x changes errno at x.c:8 in handler(), and does not put it back"
    )


def test_what_another_program_inherits_is_a_note() -> None:
    accesses = (access("ignores", 8), access("starts another program", 20))
    finding = only(TraceReport(ReportKind.INHERITED, accesses, text="SIGPIPE"))
    assert finding.verdict is Verdict.PASSED
    assert "explains" not in finding.data
    assert finding.message == "x starts another program at x.c:20 that ignores SIGPIPE, as set at x.c:8"
    accesses = (access("blocks", 8), accesses[1])
    assert "that has blocked SIGINT" in only(TraceReport(ReportKind.INHERITED, accesses, text="SIGINT")).message


@pytest.mark.parametrize("turned", [False, True])
def test_a_variable_of_the_wrong_type(turned: bool) -> None:
    parts = (access("writes", 8, "handler", in_handler=True), access("reads", 20))
    finding = only(TraceReport(ReportKind.HANDLER_VARIABLE, parts[::-1] if turned else parts, text="SIGUSR1"))
    assert "in the handler of SIGUSR1 at x.c:8 in handler() and used by the program at x.c:20" in finding.message
    assert finding.expected == "volatile sig_atomic_t"


def test_what_one_handler_changes_is_one_finding() -> None:
    reports = tuple(
        TraceReport(
            ReportKind.HANDLER_VARIABLE,
            (access("writes", line, "handler", in_handler=True), access("reads", line + 60)),
        )
        for line in (8, 9)
    )
    observation = CaseObservation("c", "traced", Ended.DONE, (), (), trace=Trace(reports=reports))
    (finding,) = check_handlers.grader_check_trace(observation=observation)
    assert finding.details[-1] == "so it is with what is changed at x.c:9 in handler() and used at x.c:69"


def test_a_region_that_was_written_over_is_not_believed() -> None:
    report = TraceReport(ReportKind.ERRNO, (access("changes errno", 8),))
    observation = CaseObservation("c", "traced", Ended.DONE, (), (), trace=Trace(reports=(report,), intact=False))
    assert list(check_handlers.grader_check_trace(observation=observation)) == []
