"""What a report says of a race: both lines, what was held, what was missing, and a hint that fits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader import (
    CaseObservation,
    Ended,
    FailedLock,
    Finding,
    HeldLock,
    Place,
    ReportKind,
    Submission,
    Trace,
    TracedAccess,
    TracedTask,
    TraceReport,
    Verdict,
)
from grader.trace import Visited
from plugins import check_races

MEMORY = "bytes 0 to 3 of shared memory segment 3 (shmget() at x.c:12)"
SEM = HeldLock("semaphore 0 of set 3", Place("x.c", 25, "P"), caller=Place("x.c", 40, "work"))
OTHER_SEM = HeldLock("semaphore 1 of set 3", Place("x.c", 25, "P"), caller=Place("x.c", 60, "work"))
ONE, TWO, PARENT = "child 1 of x", "child 2 of x", "x"


def access(who: str, what: str, line: int, *held: HeldLock, function: str = "work", **more: Any) -> TracedAccess:
    return TracedAccess(who, what, Place("x.c", line, function), held=held, **more)


def race(one: TracedAccess, other: TracedAccess) -> TraceReport:
    return TraceReport(ReportKind.RACE, (one, other), MEMORY, Place("x.c", 12, "make"))


def found(*reports: TraceReport, source: bytes = b"", **more: Any) -> list[Finding]:
    observation = CaseObservation("c", "traced", Ended.DONE, (), (), trace=Trace(reports=reports, **more))
    submission = Submission("x.c", Path("x.c"), {"x.c": source}, "0")
    return list(check_races.grader_check_trace(observation=observation, submission=submission))


def only(*reports: TraceReport, **more: Any) -> Finding:
    (finding,) = found(*reports, **more)
    return finding


READ, WRITE = "reads", "writes"
INCREMENT = (
    race(access(ONE, READ, 41), access(TWO, WRITE, 41)),
    race(access(ONE, WRITE, 41), access(TWO, WRITE, 41)),
)


def test_an_increment_without_a_lock_is_one_race_with_all_that_there_is_to_say() -> None:
    finding = only(*INCREMENT)
    assert (finding.check, finding.verdict) == ("races", Verdict.FAILED)
    assert finding.message == (
        "race on bytes 0 to 3 of shared memory segment 3, no lock at all: child 1 of x changes it (reads, then writes) "
        "at x.c:41 while child 2 of x changes it (reads, then writes) at x.c:41, and nothing orders the two"
    )
    assert [(place.file, place.line) for place in finding.locations] == [("x.c", 41)]
    assert finding.details[:3] == (
        "child 1 of x changes it (reads, then writes) at x.c:41 in work(), holding nothing",
        "child 2 of x changes it (reads, then writes) at x.c:41 in work(), holding nothing",
        "bytes 0 to 3 of shared memory segment 3: made by shmget() at x.c:12",
    )
    assert "before line 41" in finding.hint
    assert finding.data["situation"] == "no lock at all"
    assert len(finding.data["accesses"]) == 4


def test_the_picture_has_a_column_for_each_and_time_runs_downwards() -> None:
    finding = only(*INCREMENT)
    assert [line.rstrip() for line in finding.details[3:]] == [
        "how it breaks (time runs downwards):",
        "  child 1 of x                       | child 2 of x",
        "  -----------------------------------+-----------------------------------",
        "  :41 reads, say, 5                  |",
        "                                     | :41 reads 5, too",
        "  :41 writes 6                       |",
        "                                     | :41 writes 6",
        "  => two changes were made, and one is lost: 6, not 7",
    ]
    assert [(row["process"], row["text"]) for row in finding.data["interleaving"]] == [
        (ONE, "reads, say, 5"), (TWO, "reads 5, too"), (ONE, "writes 6"), (TWO, "writes 6"),
    ]  # fmt: skip
    assert finding.data["interleaving"][0]["place"] == {"file": "x.c", "line": 41, "function": "work"}


SHARED = HeldLock("flock lock on f", Place("x.c", 30, "work"), shared=True)
RANGE = HeldLock("lock on bytes 0 to 3 of f", Place("x.c", 30, "work"))
OTHER_RANGE = HeldLock("lock on bytes 4 to 7 of f", Place("x.c", 31, "work"))


IN_VAIN = FailedLock("semaphore 0 of set 3", "EINTR", Place("x.c", 26, "P"), Place("x.c", 40, "work"))


@pytest.mark.parametrize("others", [{"held": (SEM,)}, {"failed": IN_VAIN}, {}], ids=["held", "in vain, too", "nothing"])
def test_who_goes_on_though_the_call_for_the_lock_failed_is_told_of_that_call(others: dict[str, Any]) -> None:
    one = replace(access(ONE, WRITE, 41), failed=IN_VAIN)
    finding = only(race(one, replace(access(TWO, WRITE, 41), **others)))
    assert finding.data["situation"] == "the call for the lock failed, and the program goes on"
    assert (
        f"{ONE} writes it at x.c:41 in work(), holding nothing (the call for semaphore 0 of set 3 at x.c:26 in P(), "
        "called from x.c:40 had failed: EINTR)" in finding.details
    )
    assert ("x.c", 26) in [(place.file, place.line) for place in finding.locations]
    assert "After EINTR it is called once more" in finding.hint


GAVE = HeldLock("semaphore 0 of set 3", Place("x.c", 27, "V"), caller=Place("x.c", 43, "work"))
OWN_GAVE = HeldLock("flock lock on f", Place("x.c", 43, "work"))


@pytest.mark.parametrize(
    ("gave", "others", "situation"),
    [
        (GAVE, {"held": (SEM,)}, "used after the lock was given back"),
        (GAVE, {"held": (OTHER_SEM,), "counted": (SEM,)}, "used after it was handed to the other process"),
        (OWN_GAVE, {"gave": OWN_GAVE}, "used after the lock was given back"),
    ],
)
def test_what_is_used_after_it_was_given_to_the_other_is_told_with_both_lines(
    gave: HeldLock, others: dict[str, Any], situation: str
) -> None:
    finding = only(race(replace(access(ONE, READ, 45), gave=gave), replace(access(TWO, WRITE, 41), **others)))
    assert finding.data["situation"] == situation
    assert finding.expected == f"that child 1 of x gives {gave.name} only after line 45, not at line 43"
    assert finding.hint == "Which of the two must come first, line 43 or line 45?"
    assert {45, 41, 43} <= {place.line for place in finding.locations}


def test_what_was_given_in_the_round_before_is_not_too_early() -> None:
    one = replace(access(ONE, READ, 42), gave=GAVE)
    finding = only(race(one, replace(access(TWO, WRITE, 41, function="other"), held=(OTHER_SEM,), counted=(SEM,))))
    assert finding.data["situation"] == "used before the lock is taken"


def test_another_lock_that_was_not_had_is_not_what_is_missing() -> None:
    one = replace(access(ONE, WRITE, 41), failed=replace(IN_VAIN, name="mutex at byte 0"))
    assert only(race(one, access(TWO, WRITE, 41, SEM))).data["situation"] == "the lock is not taken every time"


@pytest.mark.parametrize(
    ("one", "other", "situation", "hint"),
    [
        (access(ONE, WRITE, 45), access(TWO, READ, 41, SEM), "used after the lock was given back", "line 45 is not"),
        (access(ONE, READ, 38), access(TWO, WRITE, 41, SEM), "used before the lock is taken", "Line 38 comes before"),
        (
            access(ONE, READ, 80, function="print"), access(TWO, WRITE, 41, SEM),
            "only one of the two takes the lock", "which call is missing before line 80?",
        ),
        (access(ONE, WRITE, 41, SEM), access(TWO, WRITE, 41, OTHER_SEM), "two different locks", "Which lock belongs"),
        (
            access(ONE, WRITE, 41, SEM), access(TWO, WRITE, 41, SEM),
            "both hold the same semaphore at the same time", "With which value is the semaphore initialised",
        ),
        (
            access(ONE, WRITE, 41, SHARED), access(TWO, READ, 41, SHARED),
            "a lock for readers, held while writing", "ask for at x.c:30",
        ),
        (
            access(ONE, WRITE, 41, RANGE), access(TWO, WRITE, 41, OTHER_RANGE),
            "locks on different ranges of the file", "l_start, l_len and l_whence at x.c:3",
        ),
        (
            access(PARENT, WRITE, 50, function="main"), access(ONE, READ, 41),
            "the child does not wait for what its parent writes", "Can line 50 stand before fork()?",
        ),
        (
            access(PARENT, READ, 50, function="main"), access(ONE, WRITE, 41, SEM),
            "the parent does not wait for what its child writes", "Which call before line 50 waits",
        ),
        (
            access(PARENT, READ, 50, function="main"), access(ONE, WRITE, 41),
            "the parent does not wait for what its child writes", "sign before line 41, or after it?",
        ),
        (
            access(ONE, WRITE, 41), access(TWO, READ, 60, function="eat"),
            "nothing tells the one that the other is done", "before line 41, or not told at all?",
        ),
        (
            access(ONE, WRITE, 41, atomic=True), access(TWO, READ, 60),
            "atomic on one side only", "Why is line 60 not atomic, too?",
        ),
    ],
)  # fmt: skip
def test_the_hint_fits_the_situation(one: TracedAccess, other: TracedAccess, situation: str, hint: str) -> None:
    for pair in ((one, other), (other, one)):
        finding = only(race(*pair))
        assert finding.data["situation"] == situation
        assert situation in finding.message
        assert hint in finding.hint
        assert finding.because
        assert finding.expected


def test_what_was_held_is_told_with_the_line_at_which_it_was_taken() -> None:
    finding = only(race(access(ONE, WRITE, 45), access(TWO, READ, 41, SEM)))
    assert finding.details[1].endswith("holding semaphore 0 of set 3 (taken at x.c:25 in P(), called from x.c:40)")


def test_sleeping_is_no_order() -> None:
    pair = race(access(PARENT, READ, 50), access(ONE, WRITE, 41))
    finding = only(pair, tasks=(TracedTask("0", PARENT, 7),), visited=(Visited("0", "x", 1, "usleep", 1),))
    assert finding.data["situation"] == "they are kept apart by sleeping only"


def test_a_value_that_is_read_under_the_lock_and_written_without_it_is_one_race() -> None:
    finding = only(
        race(access(ONE, WRITE, 45), access(TWO, WRITE, 45)),
        race(access(ONE, WRITE, 45), access(TWO, READ, 41, SEM)),
    )
    assert finding.data["situation"] == "used after the lock was given back"
    assert "so do x.c:45 (writes) and x.c:45 (writes)" in finding.details
    assert [row["place"]["line"] for row in finding.data["interleaving"]] == [41, 41, 45, 45]


@pytest.mark.parametrize(
    ("lock", "situation", "hint"),
    [
        (
            "mutex at byte 0 of shared memory segment 3",
            "both hold the same mutex at the same time",
            "Who calls pthread_mutex_init()",
        ),
        (
            "lock on bytes 0 to 0 of count.txt",
            "both hold the same file lock at the same time",
            "Where is the file opened",
        ),
        ("semaphore 0 of set 3", "both hold the same semaphore at the same time", "With which value"),
    ],
)
def test_a_lock_that_two_hold_at_once(lock: str, situation: str, hint: str) -> None:
    held = HeldLock(lock, Place("x.c", 40, "work"))
    finding = only(race(access(ONE, WRITE, 41, held), access(TWO, WRITE, 41, held)))
    assert finding.data["situation"] == situation
    assert finding.hint.startswith(hint)


def test_a_lock_that_only_one_has_at_the_same_line() -> None:
    lock = HeldLock("lock on bytes 0 to 0 of count.txt", Place("x.c", 40, "work"))
    finding = only(race(access(ONE, WRITE, 41, lock), access(TWO, WRITE, 41)))
    assert finding.data["situation"] == "the lock is not taken every time"
    assert "x.c:40" in finding.hint


def test_races_that_have_nothing_in_common_are_told_apart() -> None:
    other = TraceReport(ReportKind.RACE, (access(ONE, WRITE, 90), access(TWO, READ, 91)), "bytes 8 to 9 of the same")
    assert len(found(*INCREMENT, other)) == 2


def test_a_lock_whose_semaphore_is_set_meanwhile() -> None:
    accesses = (access(ONE, "uses semaphore 0 of set 3", 40), access(TWO, "sets semaphore 0 of set 3", 20))
    report = TraceReport(ReportKind.INIT_RACE, accesses, "semaphore 0 of set 3")
    finding = only(race(access(ONE, WRITE, 41, SEM), access(TWO, WRITE, 41, SEM)), report)
    assert finding.data["situation"] == "the semaphore is set while it is in use"


def test_a_region_that_was_written_over_fails() -> None:
    finding = only(*INCREMENT, intact=False, damage="a count that cannot be")
    assert finding.verdict is Verdict.FAILED
    assert finding.message == "one of its processes wrote over memory that is not theirs (a count that cannot be)"


def test_what_right_programs_do_too_is_a_note() -> None:
    parts = (access(ONE, READ, 41), access(ONE, "overwrites", 45), access(TWO, WRITE, 45))
    lost = only(TraceReport(ReportKind.LOST_UPDATE, parts, MEMORY))
    assert lost.verdict is Verdict.PASSED
    assert "what child 2 of x wrote in between at x.c:45 is lost" in lost.message
    split = only(TraceReport(ReportKind.SPLIT_UPDATE, parts[:2], MEMORY))
    assert split.verdict is Verdict.PASSED


def test_a_race_on_a_file_only_explains_and_names_what_a_lock_must_enclose() -> None:
    caller = Place("x.c", 71, "count"), Place("x.c", 72, "count")
    read = access(ONE, READ, 40, function="get", caller=caller[0]), access(TWO, READ, 40, caller=caller[0])
    write = access(TWO, WRITE, 60, function="put", caller=caller[1])
    report = TraceReport(ReportKind.FILE_RACE, (read[0], write), "bytes 12 to 23 of file y.db (open() at x.c:9)")
    both = TraceReport(ReportKind.FILE_RACE, (write, replace(write, process=ONE)), report.object)
    finding = only(report, both)
    assert (finding.verdict, finding.data["kind"], finding.data["explains"]) == (Verdict.PASSED, "file-race", True)
    assert finding.message.startswith("race on bytes 12 to 23 of file y.db, no lock at all: child 1 of x reads it")
    assert "before line 71, and which behind line 72" in finding.hint


def test_who_changes_the_same_in_another_function_is_drawn_there() -> None:
    put = access(ONE, READ, 53, SEM, function="put"), access(ONE, WRITE, 55, SEM, function="put")
    take = access(TWO, WRITE, 68, function="take")
    finding = only(race(put[0], take), race(put[1], take))
    drawn = [line.rstrip() for line in finding.details if "|" in line]
    assert drawn[1:] == [
        "  :53 reads, say, 5                  |",
        "                                     | :68 changes it",
        "  :55 writes 6                       |",
    ]
    assert finding.details[-1] == "  => what child 2 of x has changed is lost"


def test_places_that_are_not_known_are_left_out() -> None:
    nowhere = TracedAccess(ONE, WRITE, Place("x"))
    finding = only(TraceReport(ReportKind.RACE, (nowhere, TracedAccess(TWO, READ, Place("x")))))
    assert finding.locations == ()
    assert "race on shared memory" in finding.message


def test_without_a_trace_there_is_nothing_to_say() -> None:
    observation = CaseObservation("c", "traced", Ended.DONE, (), ())
    submission = Submission("x.c", Path("x.c"), {}, "0")
    assert list(check_races.grader_check_trace(observation=observation, submission=submission)) == []


@pytest.mark.parametrize(
    "source",
    [
        b'\nint x(void) { __asm__ volatile("xchgl %0,%1" : "+r"(v), "+m"(*p) :: "memory"); }',
        b'\nasm ("lock\\n\\t" "incl %0" : "+m"(n));',
        b'\n#define TAKE(p) __asm__("ldaxr w0, [%0]" :: "r"(p))',
    ],
)
def test_where_atomic_assembly_may_order_them_a_race_only_explains(source: bytes) -> None:
    finding = only(*INCREMENT, source=source)
    assert finding.verdict is Verdict.PASSED
    assert finding.data["explains"] is True
    assert finding.details[-1].startswith("x.c:2: what the inline assembly here orders cannot be seen")


@pytest.mark.parametrize("source", [b'asm volatile("" ::: "memory");', b'asm("incl %0" : "+m"(n));', b'"asm lock"'])
def test_other_assembly_orders_nothing(source: bytes) -> None:
    assert only(*INCREMENT, source=source).verdict is Verdict.FAILED


def test_who_reads_in_one_branch_and_who_writes_in_another_lack_an_order_and_no_lock() -> None:
    finding = only(race(access(ONE, READ, 41), access(TWO, WRITE, 45)))
    assert finding.data["situation"] == "nothing tells the one that the other is done"
    assert finding.details[-1] == "  => child 1 of x goes on with what was there before"


def test_a_read_behind_the_write_is_no_half_of_a_change() -> None:
    finding = only(race(access(ONE, READ, 48), access(TWO, WRITE, 45, SEM)))
    assert finding.data["situation"] == "used after the lock was given back"
    assert finding.details[-1] == "  => child 1 of x goes on with what was there before"


def test_one_call_that_locks_different_ranges_is_named_once() -> None:
    ranges = [HeldLock(f"lock on bytes {n} to {n} of /tmp/x", Place("x.c", 40)) for n in (0, 1)]
    finding = only(race(access(ONE, WRITE, 45, ranges[0]), access(TWO, WRITE, 45, ranges[1])))
    assert "l_whence at x.c:40, and what there in the other process?" in finding.hint
