"""What crosses the wall comes out as it went in, and what is no document is a ValueError and nothing else."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from grader import wire
from grader.trace import (
    EventKind,
    FaultKind,
    HeldLock,
    Origin,
    Place,
    Point,
    ReportKind,
    Trace,
    TracedAccess,
    TracedTask,
    TraceEvent,
    TraceReport,
    Tracing,
    Visited,
)
from grader.wire import (
    BuildObservation,
    BuildPlan,
    CaseObservation,
    CasePlan,
    Done,
    Ended,
    Fault,
    Kind,
    Leftover,
    Limits,
    Link,
    Plan,
    ProcessOutcome,
    SourceFile,
    StepOutcome,
    Waiter,
    WaitGraph,
)

BYTES = bytes(range(256))
TEXT = 'q"\\\n\0\u20ac\U0001f600'
STEPS: tuple[wire.Step, ...] = (
    wire.Start("p", ("./p", TEXT), "p", {"A": TEXT}, "sub", "null", "h", tty=True, partner=True, times=8),
    wire.Send("p", BYTES),
    wire.Expect("p", TEXT, "regex", 3, "stderr"),
    wire.Open("h", "fifo", "f", "write"),
    wire.Write("h", BYTES),
    wire.Read("h", 7),
    wire.Close("h"),
    wire.Make("sem", "s", "p", BYTES, "t", 0o644, 0xCAFE0001, 4096, (1, 2), foreign=True),
    wire.Remove("p"),
    wire.Signal("p", ("USR1", "TERM"), 200, group=True),
    wire.Kill("p"),
    wire.Blocked("p", "open", "f", 2),
    wire.Handles("p", ("INT",)),
    wire.Exists("p", "fifo", 3, gone=True),
    wire.Processes("p", 3, 1),
    wire.Finish("p", close_stdin=False),
    wire.Contents("f"),
    wire.SetSem("s", 4, (0, 1)),
)
LIMITS = Limits(1.5, 20, 1 << 20, 3, 4, 5, 6)
PLAN = Plan(
    builds=(
        BuildPlan(
            "plain",
            (SourceFile("a.c", BYTES),),
            (Link("a", ("cc", "a.c")),),
            LIMITS,
            partner=True,
            environment={"A": "b"},
            address_space=False,
        ),
    ),
    cases=(
        CasePlan("a", "plain", STEPS, LIMITS),
        CasePlan(
            "c", "traced", (), LIMITS, tracing=Tracing(Point("*", "p", 7, 1), visits=True, events=True, cut_sleeps=True)
        ),
        CasePlan("b", "plain", (), LIMITS, "play", {"n": 3, "l": [1, "x", None, 2.5], "t": TEXT}),
    ),
    seed=7,
    drive="def play(case): ...\n",
)
PROCESS = ProcessOutcome(
    "p",
    ("./p",),
    exit_code=3,
    signal="SIGX",
    killed="end",
    stdout=BYTES,
    stderr=b"",
    truncated=True,
    cpu=0.5,
    max_rss=9,
    exec_error="no",
    tty=True,
)
WAITER = Waiter("p", 3, "./p", "read", "waits", ("q",), dead=True, timed=False)
PLACE = Place("a.c", 3, "main")
ACCESS = TracedAccess(
    "p", "writes", PLACE, PLACE, (HeldLock("s", PLACE, shared=True),), atomic=True, in_handler=True, order=2
)
TRACE = Trace(
    complete=False,
    reports=tuple(TraceReport(kind, (ACCESS,), "o", PLACE, "t") for kind in ReportKind),
    tasks=(TracedTask("0", "p", 3, "semop", PLACE, None, waiting=True, held=(HeldLock("s", PLACE),), unflushed=4),),
    origins=(Origin("pipe", "pipe", "p", PLACE, device=1, inode=2, removed=True),),
    visited=(Visited("0", "p", 0x10, "semop", 2, after=True, born=4, place=PLACE),),
    events=tuple(TraceEvent(0.5, "p", kind, "semop", "o", -1, "EINTR", "q", PLACE, 0) for kind in EventKind),
    point=str(Point("0.1", "p", 0x1A, 2, FaultKind.EINTR)),
    reached=True,
    fault=ACCESS,
)
CASE = CaseObservation(
    "a",
    "plain",
    Ended.STUCK,
    (StepOutcome(0, "read", Ended.DONE, TEXT, BYTES, "p"),),
    (PROCESS, replace(PROCESS, exit_code=None)),
    tuple(Leftover(kind, "n", "p", {"key": "0x1"}) for kind in Kind),
    WaitGraph((WAITER,), ("p", "q")),
    "p",
    0.25,
    {"p.pid": "2"},
)
OBSERVATIONS: tuple[wire.Observation, ...] = (
    BuildObservation("plain", Ended.DONE, ok=True, output=BYTES, seconds=0.5, argv=("cc a.c",)),
    CASE,
    replace(CASE, graph=None),
    replace(CASE, steps=(StepOutcome(0, "start", Ended.DONE), StepOutcome(1, "read", Ended.DONE, data=BYTES))),
    replace(CASE, steps=(StepOutcome(1, "expect", Ended.WALL),)),
    replace(CASE, trace=TRACE),
    replace(CASE, trace=Trace(intact=False, damage="x")),
    Done(3),
    Fault(TEXT),
)


def test_every_step_is_here() -> None:
    assert {type(step) for step in STEPS} == set(wire.VERBS.values())


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_every_field_of_a_step_differs_from_its_default(step: wire.Step) -> None:
    assert not [item.name for item in fields(step) if getattr(step, item.name) == item.default]


def test_a_plan_comes_out_as_it_went_in() -> None:
    line = wire.encode(PLAN)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert wire.decode(Plan, line) == PLAN


@pytest.mark.parametrize("observation", OBSERVATIONS, ids=lambda observation: type(observation).__name__)
def test_an_observation_comes_out_as_it_went_in(observation: wire.Observation) -> None:
    line = wire.encode(observation)
    assert line.count(b"\n") == 1
    assert wire.decode_observation(line) == observation


def test_a_whole_number_of_seconds_is_a_float_again() -> None:
    assert type(wire.decode(Limits, b'{"cpu": 2}').cpu) is float


def test_what_is_left_out_has_its_default() -> None:
    assert wire.decode(Limits, b"{}") == Limits()


def test_what_cannot_cross_is_refused() -> None:
    with pytest.raises(TypeError, match="set cannot cross the wall"):
        wire.encode(wire.Start("p", ("./p",), env={"A": {1, 2}}))  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"", "ascii"),
        (b"alpha\tbeta\n", "ascii"),
        (b'say "hi"\\ and go on with it', "ascii"),
        (b"\n" * 1000, "b64"),
        (b'"' * 1000, "b64"),
        (b"\0" * 1000, "b64"),
        (b"a" * 1000 + b"\x1b[0m", "b64"),
        (b"a" * 1000 + b"\x7f", "b64"),
        ("caf\u00e9".encode(), "b64"),
        (BYTES, "b64"),
    ],
)
def test_bytes_travel_as_text_where_that_is_no_longer_than_base64(content: bytes, form: str) -> None:
    line = wire.encode(wire.Write("h", content))
    assert f'{{"{form}":"'.encode() in line
    assert len(line) <= len(wire.encode(wire.Write("h", b""))) + (len(content) + 2) // 3 * 4
    assert wire.decode(wire.Write, line) == wire.Write("h", content)


def test_preparing_changes_nothing() -> None:
    wire.prepare()
    assert wire.decode(Plan, wire.encode(PLAN)) == PLAN


def _broken() -> list[tuple[str, bytes]]:
    """Lines that are no observation, by what is wrong with them."""
    good = json.loads(wire.encode(CASE))

    def but(**changes: Any) -> bytes:
        return json.dumps({**good, **changes}).encode()

    def process(**changes: Any) -> bytes:
        return but(processes=[{**good["processes"][0], **changes}])

    return [
        ("nothing", b""),
        ("no JSON", b"score: 100\n"),
        ("half of it", wire.encode(CASE)[:100]),
        ("two", b"{}{}"),
        ("no UTF-8", b'"\xff\xfe"'),
        ("a list", b"[]"),
        ("a text", b'"Done"'),
        ("a number", b"1"),
        ("null", b"null"),
        ("no type", b"{}"),
        ("an unknown type", b'{"type": "Report"}'),
        ("a type that is a list", b'{"type": []}'),
        ("a type that is null", b'{"type": null}'),
        ("a plan", b'{"type": "Plan"}'),
        ("nothing but a type", b'{"type": "CaseObservation"}'),
        ("nested too deep", b'{"type": "Done", "cases": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
        ("a huge number", b'{"type": "Done", "cases": ' + b"9" * 10_000 + b"}"),
        ("a text for a number", b'{"type": "Done", "cases": "1"}'),
        ("true for a number", b'{"type": "Done", "cases": true}'),
        ("a fraction for a number", b'{"type": "Done", "cases": 1.5}'),
        ("null for a number", b'{"type": "Done", "cases": null}'),
        ("a number for a text", but(id=1)),
        ("null for a text", but(id=None)),
        ("an unknown end", but(ended="great")),
        ("an end that is a list", but(ended=["done"])),
        ("an end that is a mapping", but(ended={})),
        ("a mapping for a list", but(steps={})),
        ("a text for a list", but(processes="abc")),
        ("null for a list", but(leftovers=None)),
        ("a list for a mapping", but(values=[])),
        ("a list of texts for one of objects", but(steps=["a"])),
        ("a step without a verb", but(steps=[[0]])),
        ("a step whose verb is a number", but(steps=[[0, 1]])),
        ("a step whose number is true", but(steps=[[True, "start"]])),
        ("a step whose number is a list", but(steps=[[[], "start"]])),
        ("a step with too much", but(steps=[[0, "start", "done"]])),
        ("a mapping of numbers", but(values={"a": 1})),
        ("seconds as a text", but(seconds="0.1")),
        ("seconds that are true", but(seconds=True)),
        ("a graph that is a text", but(graph="x")),
        ("a graph without waiters", but(graph={})),
        ("bytes that are a text", process(stdout="abc")),
        ("bytes that are a number", process(stdout=3)),
        ("bytes that are null", process(stdout=None)),
        ("bytes that are a list", process(stdout=["b64"])),
        ("bytes without base64", process(stdout={})),
        ("bytes of a number", process(stdout={"b64": 3})),
        ("bytes of no base64", process(stdout={"b64": "a"})),
        ("base64 of no ASCII", process(stdout={"b64": "\u20ac"})),
        ("text of a number", process(stdout={"ascii": 3})),
        ("text of no ASCII", process(stdout={"ascii": "\u20ac"})),
        ("a number for a boolean", process(tty=1)),
        ("a boolean for a status", process(exit_code=True)),
        ("a text for a status", process(exit_code="0")),
    ]


@pytest.mark.parametrize(("what", "line"), _broken(), ids=lambda part: part if isinstance(part, str) else "")
def test_what_is_no_observation_is_a_value_error(what: str, line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its words are json's, base64's or ours
        wire.decode_observation(line)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"{}",
        b'{"builds": 1, "cases": []}',
        b'{"builds": [], "cases": [{"id": "a"}]}',
        b'{"builds": [], "cases": [{"id": "a", "build": "b", "limits": {}, "steps": [{"verb": "strat"}]}]}',
        b'{"builds": [], "cases": [{"id": "a", "build": "b", "limits": {}, "steps": [{}]}]}',
        b'{"builds": [], "cases": [{"id": "a", "build": "b", "limits": {}, "steps": [{"verb": ["send"]}]}]}',
        b'{"builds": [], "cases": [{"id": "a", "build": "b", "limits": {}, "steps": [{"verb": "send", "to": "p"}]}]}',
    ],
)
def test_what_is_no_plan_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        wire.decode(Plan, line)


def test_unknown_keys_are_ignored() -> None:
    assert wire.decode_observation(b'{"type": "Done", "cases": 1, "score": 100}') == Done(1)
