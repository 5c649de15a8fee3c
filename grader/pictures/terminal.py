"""The timeline for a terminal: the same rows and lanes, drawn with letters. Reads without color."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.pictures import svg
from grader.pictures.story import Row, Story, milliseconds, story

_MARKS = {
    "call": "●",
    "wait": "┳",
    "return": "┻",
    "born": "○",
    "handler": "◆",
    "held": "‖",
    "fault": "✗",
    "exit": "■",
    "fold": "⋮",
    "stuck": "✗",
}
_LEGEND = {
    "call": "call",
    "wait": "begins to wait",
    "return": "goes on",
    "handler": "handler",
    "held": "held back",
    "exit": "exit",
    "stuck": "waits for ever",
    "fault": "failed",
}
_ENDINGS = {"wait": True, "return": False, "exit": False, "fold": False, "stuck": True}
_LEAST = 24  # columns of words before places are left out


def timeline_lines(facts: Mapping[str, Any], width: int = 100) -> list[str]:
    """Lines of items[].timeline, none wider than `width` (60 at the least), safe for any terminal."""
    made = story(facts)
    return _Page(made, max(60, width)).lines() if made is not None else []


class _Page:
    """One timeline in letters."""

    def __init__(self, made: Story, width: int) -> None:
        self._made, self._width = made, width
        self._times = max(len("ms"), *(len(milliseconds(row.at)) for row in made.rows))
        self._step = 2 if len(made.lanes) * 3 > width // 4 else 3
        self._name = min(max(svg.columns(lane.short) for lane in made.lanes), max(8, width // 5))
        self._waiting: set[int] = set()

    def lines(self) -> list[str]:
        lines = [self._line("ms", self._letters(), "", "")]
        for number, row in enumerate(self._made.rows):
            if row.pause:
                between = "".join(cell + " " * (self._step - 1) for cell in self._cells(number, None))
                lines.append(self._line("", between, "", f"… {milliseconds(row.pause)} ms without an event"))
            lines.append(self._row(number, row))
        kinds = {"fault" if row.failed and row.kind != "stuck" else row.kind for row in self._made.rows}
        legend = "   ".join(f"{_MARKS[kind]} {words}" for kind, words in _LEGEND.items() if kind in kinds)
        names = [f"{self._letter(i)} {lane.name}" for i, lane in enumerate(self._made.lanes)]
        return [svg.clip(line, self._width) for line in [*lines, *self._packed(names), legend, *self._made.notes]]

    def _packed(self, names: list[str]) -> list[str]:
        lines = [""]
        for name in names:
            if lines[-1] and svg.columns(lines[-1]) + svg.columns(name) + 3 > self._width:
                lines.append("")
            lines[-1] += ("   " if lines[-1] else "") + name
        return lines

    @staticmethod
    def _letter(lane: int) -> str:
        return chr(ord("A") + lane)

    def _letters(self) -> str:
        return "".join(self._letter(i).ljust(self._step) for i in range(len(self._made.lanes)))

    def _row(self, number: int, row: Row) -> str:
        cells = self._cells(number, row)
        if row.lane < 0:
            return self._line(milliseconds(row.at), self._joined(cells, -1, -1), "", f"⋮ {row.words}")
        if row.kind in _ENDINGS:
            (self._waiting.add if _ENDINGS[row.kind] else self._waiting.discard)(row.lane)
        lane = self._made.lanes[row.lane]
        start, end = -1, -1
        if row.cause >= 0:
            start, end = self._made.rows[row.cause].lane, row.lane
        elif self._made.sends(number):
            start, end = row.lane, row.to
        elif number == lane.first and lane.parent >= 0:
            start, end = lane.parent, row.lane
        graph = self._joined(cells, start, end)
        return self._line(milliseconds(row.at), graph, lane.short, row.words, row.spot.short)

    def _cells(self, number: int, row: Row | None) -> list[str]:
        """A letter for each lane."""
        made = []
        for i, lane in enumerate(self._made.lanes):
            alive = lane.first < number and (lane.last < 0 or number <= lane.last)
            made.append("┃" if i in self._waiting else "│" if alive else " ")
        if row is not None and row.lane >= 0:
            made[row.lane] = _MARKS["fault"] if row.failed else _MARKS.get(row.kind, "●")
        return made

    def _joined(self, cells: list[str], start: int, end: int) -> str:
        """The lanes beside each other, with an arrow from one to another."""
        line = list("".join(cell.ljust(self._step) for cell in cells))
        if start >= 0 and end >= 0 and start != end:
            way = 1 if start < end else -1
            low, high = sorted((start * self._step, end * self._step))
            for at in range(low + 1, high):
                line[at] = "┼" if at % self._step == 0 and line[at] != " " else "─"
            line[end * self._step - way] = "▶" if way > 0 else "◀"
            if cells[start] == "│":
                line[start * self._step] = "├" if way > 0 else "┤"
        return "".join(line)

    def _line(self, time: str, graph: str, name: str, words: str, place: str = "") -> str:
        who = svg.clip(name, self._name)
        who += " " * (self._name - svg.columns(who))
        start = f"{time:>{self._times}}  {graph} {who}  "
        room = self._width - svg.columns(start)
        if place and room - svg.columns(place) - 2 >= _LEAST:
            words = svg.clip(words, room - svg.columns(place) - 2)
            return start + words + " " * (room - svg.columns(words) - svg.columns(place)) + place
        return (start + svg.clip(words, room)).rstrip()
