"""What a timeline tells: a row for each thing that happened, a lane for each process; bounded.

A loop that does the same many times is told by its first and its last turn. Waits are told by the row in
which they begin and the one in which they end; whoever still waits at the end has a last row of its own.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.pictures.facts import Source, Spot, and_list, listed, mapping, number, shorter, text

ROWS, LANES = 200, 16
EVENTS = 20_000  # that are looked at
_PERIOD = 6  # calls in a loop that is recognised
_TURNS = 4  # of a loop, before it is told by its first and last
_PAUSE = 0.02  # seconds without an event that are shown as a gap
_SIGNALS = {"kill", "raise", "sigqueue", "killpg"}
_TRANSFERS = {"read", "write", "send", "recv", "msgsnd", "msgrcv", "mq_send", "mq_receive"}
_WAITS = {"wait", "waitpid", "waitid"}
_MEANWHILE = {"handler", "held", "born"}  # what can happen to a process that waits
_BIRTHS = {"fork", "vfork", "pthread_create", "posix_spawn", "clone"}


@dataclass(frozen=True)
class Row:
    """One line. lane: -1 for what is about all. kind: of the event, or "fold", "cut", "stuck".

    pause: seconds without an event before it, where they are many. to: lane that it is done to. cause: row that
    brought it about. since: row in which the wait began that ends here.
    """

    kind: str
    lane: int
    at: float
    words: str
    spot: Spot = field(default_factory=Spot)
    failed: bool = False
    pause: float = 0.0
    to: int = -1
    cause: int = -1
    since: int = -1


@dataclass(frozen=True)
class Lane:
    """A process. first, last: rows between which it lives; last -1: to the end. parent: lane, fork: row."""

    name: str
    short: str
    first: int
    last: int = -1
    parent: int = -1
    fork: int = -1


@dataclass(frozen=True)
class Story:
    """All of it. notes: what was left out."""

    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    def sends(self, number: int) -> bool:
        """Whether a row is the sending of a signal that no handler answers: an arrow of its own shows it."""
        row = self.rows[number]
        sent = row.kind == "call" and row.to >= 0 and row.words.startswith(tuple(_SIGNALS))
        return sent and not any(other.cause == number for other in self.rows[number + 1 :])

    def sentences(self) -> Iterator[str]:
        """The rows as text."""
        for row in self.rows:
            who = f"{self.lanes[row.lane].name} " if row.lane >= 0 else ""
            where = f" at {row.spot.short}" if row.spot else ""
            yield f"{milliseconds(row.at)} ms: {who}{row.words}{where}."


@dataclass(frozen=True)
class _Event:
    """An event as it was read. number: which one it was."""

    number: int
    at: float
    process: str
    kind: str
    call: str
    about: str
    value: int
    error: str
    other: str
    spot: Spot
    woken_by: int
    turns: int = 0  # of a loop for which it stands

    @property
    def alike(self) -> tuple[object, ...]:
        """What two of them have in common that are the same done again."""
        value = 0 if self.call in _TRANSFERS else self.value
        kind = "call" if self.kind == "wait" else self.kind
        return kind, self.call, self.about, value, self.error, self.other, self.spot.short


def milliseconds(seconds: float) -> str:
    """ "0.31", "12.4", "1,250"."""
    value = seconds * 1000
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def story(facts: Mapping[str, Any]) -> Story | None:
    """The story of items[].timeline; None where nothing happened."""
    source = Source(facts.get("excerpts"))
    taken = listed(facts.get("events"))[:EVENTS]
    events = [_event(i, mapping(event), source) for i, event in enumerate(taken)]
    events = [event for event in events if event.process and event.kind]
    if not events:
        return None
    names, notes = _lanes(facts, events)
    if len(listed(facts.get("events"))) > EVENTS:
        notes.append(f"only the first {EVENTS:,} events were looked at")
    events = [event for event in events if event.process in names]
    events, stands_for = _folded(_plain(events))
    return _told(names, events, stands_for, notes)


def _event(index: int, event: Mapping[str, Any], source: Source) -> _Event:
    woken_by = event.get("woken_by", -1)
    return _Event(
        index,
        max(0.0, number(event.get("at"))),
        text(event.get("process")),
        text(event.get("kind")),
        text(event.get("call")),
        text(event.get("object")),
        int(number(event.get("value"))),
        text(event.get("error")),
        text(event.get("other")),
        source.spot(event.get("place")),
        int(woken_by) if isinstance(woken_by, int) else -1,
    )


def _lanes(facts: Mapping[str, Any], events: Sequence[_Event]) -> tuple[list[str], list[str]]:
    """Names of the lanes, and what is left out. Those that take part in most exchanges are kept."""
    given = [
        text(mapping(item).get("name")) if isinstance(item, Mapping) else text(item)
        for item in listed(facts.get("processes"))
    ]
    names = [name for name in dict.fromkeys([*given, *(event.process for event in events)]) if name]
    count: dict[str, int] = dict.fromkeys(names, 0)
    by_number = {event.number: event for event in events}
    for event in events:
        count[event.process] += 1
        if event.other in count:
            count[event.other] += 1
        if event.woken_by in by_number:
            count[by_number[event.woken_by].process] += 2
    silent = [name for name in names if not count[name]]
    names = [name for name in names if count[name]]
    if len(names) <= LANES:
        return names, [f"{and_list(silent)} did nothing that is recorded"] if silent else []
    kept = {names[0], *sorted(names[1:], key=lambda name: -count[name])[: LANES - 1]}
    left = [name for name in names if name not in kept]
    return [name for name in names if name in kept], [f"not drawn: {len(left):,} more processes, {and_list(left, 3)}"]


def _plain(events: Sequence[_Event]) -> list[_Event]:
    """Without what tells nothing: the call that a wait is of, the return from a call that did not wait."""
    left: list[_Event | None] = []
    latest: dict[str, int] = {}
    waiting: dict[str, bool] = {}
    for event in events:
        before = left[latest[event.process]] if event.process in latest else None
        if event.kind == "wait":
            if before is not None and before.kind == "call" and before.call == event.call and not before.error:
                left[latest[event.process]] = None
            waiting[event.process] = True
        elif event.kind == "return":
            if not waiting.get(event.process) and not event.error:
                continue
            waiting[event.process] = False
        elif event.kind == "exit":
            waiting[event.process] = False
        latest[event.process] = len(left)
        left.append(event)
    return [event for event in left if event is not None]


def _folded(events: list[_Event]) -> tuple[list[_Event], dict[int, int]]:
    """Loops folded: the events that are told, and for those that are not the one that stands for them."""
    stands_for: dict[int, int] = {}
    made: list[_Event] = []
    for name in dict.fromkeys(event.process for event in events):
        made += _lane_folded([event for event in events if event.process == name], stands_for)
    return sorted(made, key=lambda event: event.number), stands_for


def _lane_folded(events: Sequence[_Event], stands_for: dict[int, int]) -> Iterator[_Event]:
    units: list[list[_Event]] = []  # a wait and its end are one
    for event in events:
        if event.kind == "return" and units and units[-1][0].kind == "wait" and len(units[-1]) == 1:
            units[-1].append(event)
        else:
            units.append([event])
    looks = [(*unit[0].alike, unit[-1].error) for unit in units]
    at = 0
    while at < len(units):
        period, turns = _loop(looks, at)
        if turns < _TURNS:
            yield from units[at]
            at += 1
            continue
        last = at + period * (turns - 1)
        middle = [event for unit in units[at + period : last] for event in unit]
        for unit in units[at : at + period]:
            yield from unit
        stands_for.update((event.number, middle[0].number) for event in middle)
        yield replace(middle[0], kind="fold", turns=turns - 2)
        for unit in units[last : last + period]:
            yield from unit
        at = last + period


def _loop(looks: Sequence[object], at: int) -> tuple[int, int]:
    """The length of a loop that begins there, and how many turns it makes; the one that covers most."""
    best = (1, 1)
    for period in range(1, _PERIOD + 1):
        end = at + period
        while end < len(looks) and looks[end] == looks[end - period]:
            end += 1
        turns = (end - at) // period
        if turns >= _TURNS and turns * period > best[0] * best[1]:
            best = (period, turns)
    return best


# --- rows ------------------------------------------------------------------------------------


def _told(names: Sequence[str], events: Sequence[_Event], stands_for: Mapping[int, int], notes: Sequence[str]) -> Story:
    short = shorter(names)
    lane_of = {name: i for i, name in enumerate(names)}
    row_of: dict[int, int] = {}
    rows: list[Row] = []
    waiting: dict[int, int] = {}
    handling: set[int] = set()  # lanes whose wait a handler interrupts: what is called then does not end it
    before = 0.0
    for event in events:
        lane = lane_of[event.process]
        cause = row_of.get(stands_for.get(event.woken_by, event.woken_by), -1)
        inside = event.kind in _MEANWHILE or (event.kind in ("call", "fault") and lane in handling)
        since = -1 if inside else waiting.pop(lane, -1)
        if event.kind == "wait":
            waiting[lane] = len(rows)
        if event.kind == "handler" and lane in waiting:
            handling.add(lane)
        elif not inside:
            handling.discard(lane)
        row_of[event.number] = len(rows)
        gap = event.at - before
        before = max(before, event.at)
        woken_by = short.get(names[rows[cause].lane], "") if cause >= 0 and rows[cause].lane != lane else ""
        rows.append(
            Row(
                event.kind,
                lane,
                event.at,
                _words(event, short, woken_by),
                Spot() if event.kind == "fold" else event.spot,
                failed=bool(event.error) or event.kind == "fault",
                pause=gap if gap >= _PAUSE and rows else 0.0,
                to=lane_of.get(event.other, -1),
                cause=cause,
                since=since,
            )
        )
    rows += [
        Row("stuck", lane, before, f"still {rows[start].words}", rows[start].spot, failed=True, since=start)
        for lane, start in sorted(waiting.items())
    ]
    lanes = [_lane(name, short[name], lane_of, rows) for name in names]
    return _bounded(lanes, rows, list(notes))


def _lane(name: str, short: str, lane_of: Mapping[str, int], rows: Sequence[Row]) -> Lane:
    own = lane_of[name]
    first = next((i for i, row in enumerate(rows) if row.lane == own), 0)
    last = next((i for i, row in enumerate(rows) if row.lane == own and row.kind == "exit"), -1)
    fork = next(
        (i for i, row in enumerate(rows) if row.to == own and row.lane != own and row.words.startswith(tuple(_BIRTHS))),
        -1,
    )
    parent = rows[fork].lane if fork >= 0 else rows[first].to if rows[first].kind == "born" else -1
    return Lane(name, short, first, last, -1 if parent == own else parent, fork if 0 <= fork <= first else -1)


def _bounded(lanes: list[Lane], rows: list[Row], notes: list[str]) -> Story:
    """The beginning, and more of the end, which is where it went wrong."""
    if len(rows) <= ROWS:
        return Story(tuple(lanes), tuple(rows), tuple(notes))
    head = ROWS * 2 // 5
    tail = ROWS - head - 1
    left = len(rows) - head - tail
    shift = left - 1

    def moved(row: int) -> int:
        return row if row < head else max(head, row - shift)

    def still(row: int) -> int:
        """The row, or -1 where it is left out."""
        return moved(row) if row < head or row >= len(rows) - tail else -1

    cut = Row("cut", -1, rows[head].at, f"{left:,} more events, which are not drawn")
    kept = [
        replace(row, cause=still(row.cause), since=moved(row.since))
        for row in (*rows[:head], cut, *rows[len(rows) - tail :])
    ]
    lanes = [replace(lane, first=moved(lane.first), last=moved(lane.last), fork=still(lane.fork)) for lane in lanes]
    return Story(tuple(lanes), tuple(kept), tuple(notes))


def _words(event: _Event, short: Mapping[str, str], woken_by: str) -> str:
    """What happened, without its subject."""
    other = short.get(event.other, event.other)
    if event.kind == "fold":
        return f"the same {event.turns:,} times more"
    if event.kind == "born":
        return f"begins, made by {other}" if other else "begins"
    if event.kind == "exit":
        return f"exits by {event.call}()" if event.call and event.call != "exit" else "exits"
    if event.kind == "handler":
        name = _signal(event.value) if event.value else event.call
        return f"handler of {name} runs" + (f", sent by {woken_by or other}" if woken_by or other else "")
    call = _call(event, other)
    if event.kind == "held":
        return (
            f"is held back here by the schedule, before {call}" if event.call else "is held back here by the schedule"
        )
    if event.kind == "fault":
        return f"{call}: made to fail{f' with {event.error}' if event.error else ''}"
    failed = f" fails: {event.error}" if event.error else ""
    if event.kind == "wait":
        return f"waits in {call}{failed}"
    if event.kind == "return":
        returns = f"{event.call}(){failed or ' returns'}"
        return returns + (f", woken by {woken_by}" if woken_by else "")
    return f"{call}{failed}" or event.kind


def _call(event: _Event, other: str) -> str:
    about = f": {event.about}" if event.about else ""
    if event.call == "semop":
        known = event.value or event.kind == "call"
        return f"semop({f'{event.value:+d}' if event.value else '0' if known else ''}){about}"
    if event.call in _SIGNALS:
        return f"{event.call}({_signal(event.value)})" + (f" to {other}" if other else about)
    if event.call in _TRANSFERS and event.value > 0 and not event.error and event.kind != "wait":
        return (
            f"{event.call}() of {event.value:,} bytes{about}" if event.value > 1 else f"{event.call}() of 1 byte{about}"
        )
    if event.call in _BIRTHS and other:
        return f"{event.call}() makes {other}"
    if event.call in _WAITS and other:
        return f"{event.call}() for {other}" if event.kind == "wait" else f"{event.call}() reaps {other}"
    return f"{event.call}(){about}" if event.call else event.about


def _signal(value: int) -> str:
    try:
        return signal.Signals(value).name
    except ValueError:
        return f"signal {value}"
