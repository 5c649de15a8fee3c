"""What happened when: time runs downwards, a lane for each process, beside it a line of text for each event.

Rows are events in their order, not moments: what takes a microsecond and what takes a second are one row
each, with the time beside it. A wait is a bar, and what ended it an arrow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.pictures import svg
from grader.pictures.story import Row, Story, milliseconds, story
from grader.pictures.svg import Canvas

_WIDE = 940.0
_STEP, _TIME, _PAUSE = 22.0, 58.0, 20.0
_SENTENCES = 60
_LEGEND = (
    ("call", "call"),
    ("wait", "waits"),
    ("wake", "wakes"),
    ("message", "signal or birth"),
    ("handler", "handler"),
    ("held", "held back"),
    ("fault", "failed"),
    ("exit", "exit"),
    ("stuck", "waits for ever"),
)


def draw_timeline(facts: Mapping[str, Any], ident: str) -> str:
    """The picture of items[].timeline: {"processes": [...], "events": [...]}."""
    told = story(facts)
    return _Drawing(told).render(ident) if told is not None else ""


class _Drawing:
    """One timeline on one canvas."""

    def __init__(self, told: Story) -> None:
        self._told = told
        self._canvas = Canvas()
        count = len(told.lanes)
        self._gap = 44.0 if count <= 5 else 30.0 if count <= 8 else 24.0 if count <= 12 else 20.0
        self._top = 26 + max(svg.width(lane.short, svg.SMALL) for lane in told.lanes) * 0.6
        self._top = min(self._top, 130.0)
        self._y: list[float] = []
        y = self._top + 16
        for row in told.rows:
            y += _PAUSE if row.pause else 0
            self._y.append(y)
            y += _STEP
        self._end = y - _STEP / 2
        names = max(svg.width(lane.short, svg.NAME) for lane in told.lanes)
        self._names = self._x(count - 1) + 26
        self._words = self._names + min(names, 150.0) + 12
        self._wide = max(_WIDE, self._words + 480)

    def _x(self, lane: int) -> float:
        return _TIME + 22 + lane * self._gap

    def render(self, ident: str) -> str:
        told = self._told
        for y in self._y[1::2]:
            self._canvas.rect(0, y - _STEP / 2, self._wide, _STEP, "row")
        self._heads()
        for lane in range(len(told.lanes)):
            self._lane(lane)
        for number, row in enumerate(told.rows):
            self._arrows(number, row)
        for number, row in enumerate(told.rows):
            self._row(number, row)
        bottom = self._foot()
        sentences = list(told.sentences())
        described = f"{len(told.rows):,} rows, {len(told.lanes)} processes. " + " ".join(sentences[:_SENTENCES])
        if len(sentences) > _SENTENCES:
            described += f" And {len(sentences) - _SENTENCES:,} more rows."
        return self._canvas.render((0, 0, self._wide, bottom), ident, "What happened when", described)

    def _heads(self) -> None:
        self._canvas.text((_TIME, self._top - 2), "ms", "small dim", "end")
        for number, lane in enumerate(self._told.lanes):
            words = svg.clip(lane.short, 26)
            self._canvas.open(f"l{number % 8}", lane.name)
            self._canvas.text((self._x(number) - 2, self._top - 4), words, "small strong", turn=-38)
            self._canvas.close()

    def _lane(self, number: int) -> None:
        """The life of a process: a line, and a bar where it waits."""
        told, canvas, x = self._told, self._canvas, self._x(number)
        lane = told.lanes[number]
        start, end = self._y[lane.first], self._y[lane.last] if lane.last >= 0 else self._end
        canvas.open(f"l{number % 8}", lane.name)
        if lane.parent >= 0:
            fork = self._y[lane.fork] if lane.fork >= 0 else start - _STEP
            begin = (self._x(lane.parent), min(fork, start))
            canvas.path(["M", begin, "C", (x, begin[1]), (x, begin[1]), (x, max(start, begin[1] + 12))], "lane")
        canvas.path(["M", (x, start), "L", (x, end)], "lane")
        waits = {row.since: at for at, row in enumerate(told.rows) if row.lane == number and row.since >= 0}
        for since, until in waits.items():
            endless = told.rows[until].kind == "stuck"
            bottom = self._end if endless else self._y[until]
            canvas.rect(x - 5, self._y[since], 10, bottom - self._y[since], "bar open" if endless else "bar", 3)
        canvas.close()

    def _arrows(self, number: int, row: Row) -> None:
        x, y = self._x(row.lane), self._y[number]
        if row.cause >= 0 and (cause := self._told.rows[row.cause]).lane not in (row.lane, -1):
            looks = "message" if row.kind == "handler" else "wake"
            start = (self._x(cause.lane), self._y[row.cause])
            end = (x + (7 if start[0] > x else -7), y)
            self._canvas.path(["M", start, "L", end], looks)
            self._canvas.head(end, start, looks)
        if self._told.sends(number):
            end = (self._x(row.to) + (7 if row.to < row.lane else -7), y)
            self._canvas.path(["M", (x, y), "L", end], "message")
            self._canvas.head(end, (x, y), "message")

    def _row(self, number: int, row: Row) -> None:
        canvas, y = self._canvas, self._y[number]
        if row.pause:
            canvas.path(["M", (0, y - _STEP / 2 - _PAUSE / 2), "L", (self._wide, y - _STEP / 2 - _PAUSE / 2)], "rule")
            words = f"{milliseconds(row.pause)} ms without an event"
            canvas.text((self._words, y - _STEP / 2 - _PAUSE / 2 + 4), words, "small dim halo")
        canvas.text((_TIME, y + 4), milliseconds(row.at), "small dim", "end")
        if row.lane < 0:
            canvas.text((self._names, y + 4), f"⋮ {row.words}", "strong")
            return
        lane = self._told.lanes[row.lane]
        canvas.open(f"l{row.lane % 8}", f"{lane.name}: {row.words} {row.spot.full}".strip())
        mark(canvas, (self._x(row.lane), y), "fault" if row.failed and row.kind != "stuck" else row.kind)
        canvas.close()
        place = row.spot.short
        room = self._wide - self._words - 8
        if place:
            canvas.text((self._wide - 6, y + 4), place, "code dim small", "end")
            room -= svg.width(place, svg.SMALL_CODE) + 14
        canvas.text((self._names, y + 4), svg.fit(lane.short, self._words - self._names - 8, svg.NAME), "strong")
        looks = "bad" if row.failed else "dim" if row.kind in ("fold", "born", "exit") else ""
        canvas.text((self._words, y + 4), svg.fit(row.words, room, svg.TEXT), looks)

    def _foot(self) -> float:
        """The legend and the notes; the lower end of the picture."""
        told, canvas = self._told, self._canvas
        kinds = {"fault" if row.failed and row.kind != "stuck" else row.kind for row in told.rows}
        kinds |= {"wake"} if any(row.cause >= 0 and row.kind != "handler" for row in told.rows) else set()
        kinds |= {"message"} if "handler" in kinds or any(lane.parent >= 0 for lane in told.lanes) else set()
        y = self._end + 28
        x = 8.0
        for kind, words in _LEGEND:
            if kind not in kinds:
                continue
            if kind == "wait":
                canvas.rect(x + 3, y - 11, 8, 14, "bar", 3)
            elif kind in ("wake", "message"):
                canvas.path(["M", (x - 2, y - 4), "L", (x + 14, y - 4)], kind)
                canvas.head((x + 16, y - 4), (x, y - 4), kind)
            else:
                mark(canvas, (x + 7, y - 4), kind)
            canvas.text((x + 22, y), words, "small dim")
            x += 40 + svg.width(words, svg.SMALL)
        for note in told.notes:
            y += 18
            canvas.text((8, y), svg.fit(note, self._wide - 16, svg.SMALL), "small")
        return y + 10


def mark(canvas: Canvas, at: svg.Point, kind: str) -> None:
    """The sign for what happened."""
    x, y = at
    if kind == "exit":
        canvas.path(["M", (x - 6, y), "L", (x + 6, y)], "end")
    elif kind == "handler":
        canvas.path(["M", (x, y - 7), "L", (x + 7, y), "L", (x, y + 7), "L", (x - 7, y), "Z"], "hollow")
    elif kind == "fault":
        canvas.circle(at, 6.5, "hollow bad")
        canvas.path(["M", (x - 3, y - 3), "L", (x + 3, y + 3), "M", (x + 3, y - 3), "L", (x - 3, y + 3)], "icon bad")
    elif kind == "stuck":
        canvas.path(["M", (x - 5, y - 5), "L", (x + 5, y + 5), "M", (x + 5, y - 5), "L", (x - 5, y + 5)], "icon bad")
    elif kind == "held":
        canvas.circle(at, 7, "hollow")
        canvas.path(["M", (x - 2, y - 3), "L", (x - 2, y + 3), "M", (x + 2, y - 3), "L", (x + 2, y + 3)], "icon")
    elif kind == "fold":
        canvas.rect(x - 6, y - 8, 12, 16, "bar open", 6)
        for step in (-4, 0, 4):
            canvas.circle((x, y + step), 1.2, "solid")
    elif kind in ("wait", "return"):
        canvas.path(["M", (x - 6, y), "L", (x + 6, y)], "end")
    elif kind == "born":
        canvas.circle(at, 4.5, "hollow")
    else:
        canvas.circle(at, 5, "mark")
