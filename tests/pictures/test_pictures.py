"""Pictures are well-formed, bounded and safe, whatever the facts hold, and tell what they are meant to tell."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from grader import EventKind, Place, TraceEvent, pictures
from grader.pictures import svg
from grader.pictures.facts import together
from grader.pictures.interleaving import lost_update
from tests.pictures.facts import CIRCLE, EVIL, RACE, event, place, semaphore, timeline, waiter

SVG = "{http://www.w3.org/2000/svg}"
S = "semaphore 0 of set 3"
Draw = Callable[[Mapping[str, Any], str], str]
DRAW: list[Draw] = [pictures.draw_waits, pictures.draw_interleaving, pictures.draw_timeline]

LIFE = timeline(
    event(0.0, "demo", "born"),
    event(0.1, "demo", "call", "fork", other="child 1 of demo", place=place(12)),
    event(0.2, "child 1 of demo", "born", other="demo"),
    event(0.3, "child 1 of demo", "wait", "semop", object=S, value=-1, place=place(20)),
    event(0.4, "demo", "call", "semop", object=S, value=1, place=place(30)),
    event(0.5, "child 1 of demo", "return", "semop", object=S, value=-1, woken_by=4),
    event(0.6, "demo", "call", "kill", value=15, other="child 1 of demo"),
    event(0.7, "child 1 of demo", "handler", "on_term", value=15, woken_by=6),
    event(0.8, "child 1 of demo", "exit"),
    event(0.9, "demo", "wait", "wait"),
)
BOTH = list(zip(DRAW, [CIRCLE, RACE, LIFE], strict=True))


def parsed(picture: str) -> ET.Element:
    root = ET.fromstring(picture)
    assert root.tag == f"{SVG}svg"
    return root


def texts(picture: str) -> str:
    return "\n".join(node.text or "" for node in parsed(picture).iter(f"{SVG}text"))


def boxes(picture: str) -> list[str]:
    return [node.text or "" for node in parsed(picture).iter(f"{SVG}text") if "name" in node.get("class", "").split()]


# --- all of them -------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize(
    "facts", [{}, {"waiters": [], "events": [], "interleaving": []}, {"waiters": 5, "events": "x"}]
)
def test_where_there_is_nothing_to_draw_nothing_is_drawn(draw: Draw, facts: Mapping[str, Any]) -> None:
    assert draw(facts, "p") == ""
    assert pictures.timeline_lines(facts) == []


@pytest.mark.parametrize(("draw", "facts"), BOTH)
def test_a_picture_is_named_and_described(draw: Draw, facts: Mapping[str, Any]) -> None:
    root = parsed(draw(facts, "p1"))
    assert root.get("role") == "img"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}" == "p1-title p1-desc"
    assert title.text
    assert len(description.text or "") > 40


@pytest.mark.parametrize(("draw", "facts"), BOTH)
def test_what_is_drawn_lies_inside(draw: Draw, facts: Mapping[str, Any]) -> None:
    root = parsed(draw(facts, "p"))
    left, top, wide, high = map(float, root.get("viewBox", "").split())
    for node in root.iter(f"{SVG}rect"):
        x, y = float(node.get("x", "")), float(node.get("y", ""))
        assert left <= x <= x + float(node.get("width", "")) <= left + wide
        assert top <= y <= y + float(node.get("height", "")) <= top + high


def hostile(value: Any) -> Any:
    """The same facts, every text of them evil."""
    if isinstance(value, str):
        return EVIL + value
    if isinstance(value, dict):
        return {key: value[key] if key == "kind" else hostile(item) for key, item in value.items()}
    return [hostile(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("draw", "facts"), BOTH)
def test_hostile_texts_are_text_and_nothing_raw(draw: Draw, facts: Mapping[str, Any]) -> None:
    picture = draw(hostile(facts), "p")
    assert {node.tag.removeprefix(SVG) for node in parsed(picture).iter()} <= {
        "svg", "title", "desc", "g", "rect", "circle", "path", "text",
    }  # fmt: skip
    assert picture.isprintable()
    assert all(line.isprintable() for line in pictures.timeline_lines(hostile(facts)))


def rubbish(chance: random.Random, depth: int = 0) -> Any:
    kinds: list[Callable[[], Any]] = [
        lambda: None,
        lambda: chance.choice([True, -1, 10**400, float("nan"), float("inf"), 0.5, 2**63]),
        lambda: chance.choice(["", "wait", "child 1", "child 2 of x", EVIL, "x" * 5000]),
    ]
    if depth < 4:
        names = [*CIRCLE, *RACE, *LIFE, *CIRCLE["waiters"][1], *LIFE["events"][0], *place(1), "text", "first"]
        kinds += [
            lambda: [rubbish(chance, depth + 1) for _ in range(chance.randint(0, 6))],
            lambda: {chance.choice(names): rubbish(chance, depth + 1) for _ in range(chance.randint(0, 12))},
        ]
    return chance.choice(kinds)()


@pytest.mark.parametrize("seed", range(20))
def test_facts_of_any_shape_do_no_harm(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        facts = {key: rubbish(chance) for key in (*CIRCLE, *RACE, *LIFE)}
        facts["events"] = [dict(one, **{chance.choice([*one]): rubbish(chance, 3)}) for one in LIFE["events"]]
        facts["waiters"] = [dict(one, **{chance.choice([*one]): rubbish(chance, 3)}) for one in CIRCLE["waiters"]]
        for draw in DRAW:
            if picture := draw(facts, "p"):
                parsed(picture)
        pictures.timeline_lines(facts)


def test_texts_are_measured_in_columns() -> None:
    assert svg.columns("añ日") == 4
    assert svg.columns("n\u0303") == 1
    assert svg.clip("日本語です", 5) == "日本…"


def test_the_same_name_for_several() -> None:
    assert together(["child 1 of x", "child 2 of x"]) == "children 1 and 2 of x"
    assert together(["child 2 of x", "child 1 of x", "child 3 of x"]) == "children 1 to 3 of x"
    assert together(["child 1", "child 4"]) == "children 1 and 4"
    assert together(["x", "child 4"]) == "x and child 4"


# --- who waits for whom ------------------------------------------------------------------------


def test_a_circle_is_told_apart_by_more_than_a_color() -> None:
    root = parsed(pictures.draw_waits(CIRCLE, "p"))
    assert len(root.findall(f".//{SVG}path[@class='edge ring']")) == 2
    assert len(root.findall(f".//{SVG}path[@class='edge ']")) == 2
    assert "thick: each waits for the next, in a circle" in texts(pictures.draw_waits(CIRCLE, "p"))


def test_lines_of_the_source_and_objects_are_shown() -> None:
    shown = texts(pictures.draw_waits(CIRCLE, "p"))
    for part in ("demo.c:31 take", "semop(set, &take, 1);", "semop()", "semaphore 1 of set 3", "demo.c:44 other"):
        assert part in shown, part


def test_the_call_that_made_an_object_is_named() -> None:
    words = "waits in semop() for semaphore 0 of set 7 (from semget() at x.c:41, key 0x5, value 0), never changed"
    shown = texts(pictures.draw_waits({"waiters": [waiter("a", words, made=place(41, file="x.c"))]}, "p"))
    assert "semaphore 0 of set 7\n" in shown
    assert "from semget() at x.c:41, value 0;" in shown.replace("\n", " ")


def test_those_that_wait_alike_share_a_box_and_what_nobody_gives_has_one() -> None:
    children = tuple(f"child {i} of x" for i in range(1, 21))
    facts = {
        "waiters": [
            waiter("x", "waits in wait() for child 1 of x to exit", "wait", children[:16]),
            *(waiter(name, semaphore(0, "never changed by any process")) for name in children[:16]),
        ]
    }
    picture = pictures.draw_waits(facts, "p")
    assert sorted(boxes(picture)) == ["children 1 to 16 of x", "semaphore 0 of set 3", "x"]
    assert "value 0; never changed by any" in texts(picture)


def test_dead_timed_and_running_ones_are_told_apart_in_words() -> None:
    facts = {
        "waiters": [
            waiter("a", "waits in read() of a pipe (descriptor 3)", "read", ("b",), dead=True),
            waiter("b", "waits in read() of a pipe (descriptor 3), with a time-out", "read", ("c",), timed=True),
            waiter("c", "runs", ""),
            waiter("d", "sleeps", "nanosleep"),
            waiter("e", "waits in wait() for d to exit", "wait", ("d",), dead=False, timed=False),
        ]
    }
    picture = pictures.draw_waits(facts, "p")
    for words in ("waits for ever", "a time-out or timer will wake it", "waits, and can still be woken", "runs"):
        assert words in texts(picture)
    kinds = [node.get("class") for node in parsed(picture).iter(f"{SVG}g")]
    assert sorted(kind or "" for kind in kinds) == ["dead", "runs", "timed", "timed", "waits"]


def test_who_waits_for_itself_has_a_loop() -> None:
    words = "waits in read() of a pipe (descriptor 3) whose only write end is open in itself (descriptor 4)"
    facts = {"cycle": ["x"], "waiters": [waiter("x", words, "read", ("x",), made=place(20))]}
    shown = texts(pictures.draw_waits(facts, "p"))
    assert "read()" in shown
    assert "a pipe, made at" in shown


@pytest.mark.parametrize("number", [3, 5, 9, 16, 300])
def test_circles_of_any_size_are_bounded(number: int) -> None:
    names = [f"p{i}" for i in range(number)]
    facts = {
        "cycle": names,
        "waiters": [
            *(waiter(name, semaphore(i), to=(names[(i + 1) % number],)) for i, name in enumerate(names)),
            *(waiter(f"q{i}", semaphore(i), to=(names[i % number],)) for i in range(40)),
        ],
    }
    picture = pictures.draw_waits(facts, "p")
    assert len(list(parsed(picture).iter(f"{SVG}g"))) <= 16
    assert "more processes" in texts(picture)
    if number > 10:
        assert "more in the circle" in texts(picture).replace("\n", " ")
    assert len(picture) < 60_000


def test_boxes_do_not_lie_on_each_other() -> None:
    for number in range(2, 10):
        names = [f"p{i}" for i in range(number)]
        facts = {
            "cycle": names,
            "waiters": [
                waiter("parent", "waits in wait() for p0 to exit", "wait", tuple(names)),
                *(waiter(name, semaphore(i), to=(names[(i + 1) % number],)) for i, name in enumerate(names)),
                *(waiter(f"q{i}", semaphore(i), to=(names[0],)) for i in range(3)),
            ],
        }
        rooms = [
            [float(node.get(key, "")) for key in ("x", "y", "width", "height")]
            for node in parsed(pictures.draw_waits(facts, "p")).iter(f"{SVG}rect")
        ]
        for i, (x, y, wide, high) in enumerate(rooms):
            for other in rooms[:i]:
                apart = (
                    x >= other[0] + other[2] or other[0] >= x + wide or y >= other[1] + other[3] or other[1] >= y + high
                )
                assert apart, number


# --- interleaving ------------------------------------------------------------------------------


def test_the_lost_update_is_marked_in_words() -> None:
    shown = texts(pictures.draw_interleaving(RACE, "p"))
    assert "lost" in shown
    assert "overwrites" in shown
    assert "What step 3 wrote is lost: step 4 overwrites it." in pictures.draw_interleaving(RACE, "p")


@pytest.mark.parametrize(
    ("steps", "lost"),
    [
        ([("a", "reads 1"), ("b", "writes 2"), ("a", "writes 2")], (1, 2)),
        ([("a", "reads 1"), ("a", "writes 2"), ("b", "reads 2"), ("b", "writes 3")], None),
        ([("a", "writes 2"), ("b", "writes 3")], None),
        ([("a", "reads 1"), ("b", "reads 1")], None),
    ],
)
def test_an_update_is_lost_where_it_came_between(steps: list[tuple[str, str]], lost: tuple[int, int] | None) -> None:
    assert lost_update(steps) == lost


def test_long_interleavings_are_bounded() -> None:
    steps = [{"process": f"p{i % 9}", "text": f"reads {i}", "place": place(i)} for i in range(1000)]
    picture = pictures.draw_interleaving({"interleaving": steps}, "p")
    assert "more steps are not drawn" in texts(picture)
    assert len(picture) < 40_000


# --- timeline ----------------------------------------------------------------------------------


def test_a_timeline_tells_births_waits_signals_and_ends() -> None:
    shown = texts(pictures.draw_timeline(LIFE, "p"))
    for words in (
        "fork() makes child 1",
        "begins, made by demo",
        f"waits in semop(-1): {S}",
        f"semop(+1): {S}",
        "semop() returns, woken by demo",
        "kill(SIGTERM) to child 1",
        "handler of SIGTERM runs, sent by demo",
        "exits",
        "still waits in wait()",
        "demo.c:20",
    ):
        assert words in shown, words
    root = parsed(pictures.draw_timeline(LIFE, "p"))
    assert len(root.findall(f".//{SVG}path[@class='wake']")) == 1 + 1  # and the legend's
    assert root.find(f".//{SVG}rect[@class='bar open']") is not None


def test_a_terminal_shows_the_same() -> None:
    lines = pictures.timeline_lines(LIFE, 80)
    assert lines == [
        "  ms  A  B",
        "0.00  ○      demo     begins",
        "0.10  ●      demo     fork() makes child 1                             demo.c:12",
        "0.20  ├─▶○   child 1  begins, made by demo",
        "0.30  │  ┳   child 1  waits in semop(-1): semaphore 0 of set 3         demo.c:20",
        "0.40  ●  ┃   demo     semop(+1): semaphore 0 of set 3                  demo.c:30",
        "0.50  ├─▶┻   child 1  semop() returns, woken by demo",
        "0.60  ●  │   demo     kill(SIGTERM) to child 1",
        "0.70  ├─▶◆   child 1  handler of SIGTERM runs, sent by demo",
        "0.80  │  ■   child 1  exits",
        "0.90  ┳      demo     waits in wait()",
        "0.90  ✗      demo     still waits in wait()",
        "A demo   B child 1 of demo",
        "● call   ┳ begins to wait   ┻ goes on   ◆ handler   ■ exit   ✗ waits for ever",
    ]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("lanes", [1, 4, 16, 40])
def test_no_line_is_wider_than_the_terminal(width: int, lanes: int) -> None:
    name = "日本語" * 9
    events = [
        event(i, f"child {i % lanes} of {name}", "call", "write", object="x" * 200, place=place(i)) for i in range(100)
    ]
    assert max(map(svg.columns, pictures.timeline_lines(timeline(*events), width))) <= width


def test_loops_are_folded_and_said_how_often() -> None:
    turns = [
        one
        for i in range(40)
        for one in (
            event(i, "a", "call", "semop", object=S, value=-1),
            event(i + 0.1, "a", "wait", "read", object="a pipe"),
            event(i + 0.2, "a", "return", "read", object="a pipe"),
            event(i + 0.3, "a", "call", "semop", object=S, value=1),
        )
    ]
    lines = pictures.timeline_lines(timeline(*turns, event(99, "a", "exit")))
    assert sum("the same 38 times more" in line for line in lines) == 1
    assert len(lines) < 16


def test_an_arrow_from_what_was_folded_comes_from_the_fold() -> None:
    posts = [event(i, "a", "call", "sem_post", object="/s") for i in range(20)]
    waits = [event(10.1, "b", "wait", "sem_wait", object="/s"), event(10.2, "b", "return", "sem_wait", woken_by=10)]
    lines = pictures.timeline_lines(timeline(*posts, *waits))
    assert any("sem_wait() returns, woken by a" in line for line in lines)


def test_a_long_timeline_keeps_its_end_and_says_what_is_missing() -> None:
    chance = random.Random(5)
    events = [
        event(i, f"child {chance.randint(1, 30)} of x", "call", "write", object=f"file {chance.random()}")
        for i in range(4096)
    ]
    facts = timeline(*events, event(5000, "child 1 of x", "wait", "wait"))
    picture = pictures.draw_timeline(facts, "p")
    shown = texts(picture)
    assert "more events, which are not drawn" in shown
    assert "not drawn: 14 more processes" in shown
    assert "still waits in wait()" in shown
    assert len(picture) < 200_000
    assert len(pictures.timeline_lines(facts)) < 220


def test_time_that_passes_without_an_event_is_shown() -> None:
    facts = timeline(event(0, "a", "call", "semop"), event(1250, "a", "exit"))
    assert "1,250 ms without an event" in texts(pictures.draw_timeline(facts, "p"))
    assert any("1,250 ms without an event" in line for line in pictures.timeline_lines(facts))


def test_what_a_handler_calls_does_not_end_the_wait_that_it_interrupts() -> None:
    facts = timeline(
        event(0, "a", "wait", "poll"),
        event(1, "a", "handler", value=15),
        event(2, "a", "call", "write", value=5),
        event(3, "a", "return", "poll", error="EINTR"),
    )
    assert [line.split()[1] for line in pictures.timeline_lines(facts)[1:5]] == ["┳", "◆", "●", "✗"]
    bars = [node.get("height") for node in parsed(pictures.draw_timeline(facts, "p")).iter(f"{SVG}rect")]
    assert "66" in bars  # three rows


def test_events_become_facts() -> None:
    events = (TraceEvent(0.5, "a", EventKind.CALL, "semop", S, -1, place=Place("x.c", 3)),)
    facts = pictures.timeline_facts(events)
    assert facts["processes"] == ["a"]
    assert facts["events"][0]["kind"] == "call"
    assert facts["events"][0]["place"] == {"file": "x.c", "line": 3, "function": ""}
    assert any(
        re.search(r"semop\(-1\): semaphore 0 of set 3 +x\.c:3$", line) for line in pictures.timeline_lines(facts)
    )
