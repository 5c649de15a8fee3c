"""How two processes come into each other's way: a column for each, time downwards, a card for each thing done.

Where one process writes what another has written since it read, the write that is lost is marked, with an
arrow from the one that overwrites it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.pictures import svg
from grader.pictures.facts import Source, Spot, listed, mapping, text
from grader.pictures.svg import Canvas

ROWS, COLUMNS = 24, 4
_WIDE, _BETWEEN, _LEFT = 340.0, 56.0, 40.0
_HEAD, _LINE, _PAD, _GAP = 46.0, 16.0, 9.0, 14.0


@dataclass(frozen=True)
class _Card:
    """A row. number: its place among all."""

    number: int
    column: int
    words: tuple[str, ...]
    spot: Spot
    says: str

    @property
    def high(self) -> float:
        return 2 * _PAD + _LINE * (len(self.words) + bool(self.spot) + bool(self.spot.code)) - 3


def draw_interleaving(facts: Mapping[str, Any], ident: str) -> str:
    """The picture of data["interleaving"]: [{"process", "text", "place"}]; facts: all of a finding's data."""
    source = Source(facts.get("excerpts"))
    rows = [mapping(row) for row in listed(facts.get("interleaving"))]
    rows = [row for row in rows if text(row.get("process"))]
    if not rows:
        return ""
    names = list(dict.fromkeys(text(row["process"]) for row in rows))
    kept = [row for row in rows if text(row["process"]) in names[:COLUMNS]]
    left = len(rows) - len(kept[:ROWS])
    cards = [_card(i, row, names, source) for i, row in enumerate(kept[:ROWS])]
    sentences = [f"{i}. {names[card.column]} {card.says}{_at(card.spot)}." for i, card in enumerate(cards, 1)]
    return _drawn(names[:COLUMNS], cards, left, ident, " ".join(sentences))


def _at(spot: Spot) -> str:
    return f" at {spot.full}" if spot else ""


def _card(number: int, row: Mapping[str, Any], names: Sequence[str], source: Source) -> _Card:
    says = text(row.get("text"))
    words = tuple(svg.wrap(says, _WIDE - 2 * _PAD - 20, svg.NAME, 4))
    return _Card(number, names.index(text(row["process"])), words, source.spot(row.get("place")), says)


def lost_update(cards: Sequence[tuple[str, str]]) -> tuple[int, int] | None:
    """(the write that is lost, the one that overwrites it) in rows of (process, text), if there is one.

    It is lost where another process had read before it, and writes after it what it had read.
    """
    for late, (process, words) in enumerate(cards):
        if not _writes(words):
            continue
        read = max((i for i in range(late) if cards[i][0] == process and _reads(cards[i][1])), default=-1)
        for lost in range(read + 1, late) if read >= 0 else ():
            if cards[lost][0] != process and _writes(cards[lost][1]):
                return lost, late
    return None


def _writes(words: str) -> bool:
    return words.startswith(("writes", "stores", "adds", "increments", "decrements", "changes"))


def _reads(words: str) -> bool:
    return words.startswith(("reads", "loads"))


def _drawn(names: Sequence[str], cards: Sequence[_Card], left: int, ident: str, described: str) -> str:
    canvas = Canvas()
    x = [_LEFT + i * (_WIDE + _BETWEEN) for i in range(len(names))]
    wide = x[-1] + _WIDE + 44
    tops: list[float] = []
    y = _HEAD + 18
    for card in cards:
        tops.append(y)
        y += card.high + _GAP
    end = y + 4
    canvas.path(["M", (14, _HEAD), "L", (14, end - 8)], "edge")
    canvas.head((14, end), (14, _HEAD), "", 10)
    canvas.text((14, _HEAD - 10), "time", "small dim", "middle")
    for i, name in enumerate(names):
        canvas.open(f"l{i % 8}", name)
        canvas.path(["M", (x[i] + 20, _HEAD), "L", (x[i] + 20, end)], "lane")
        canvas.rect(x[i], 6, _WIDE, 30, "card", 6)
        canvas.text((x[i] + 12, 26), svg.fit(name, _WIDE - 24, svg.NAME), "name")
        canvas.close()
    lost = lost_update([(names[card.column], card.says) for card in cards])
    for card, top in zip(cards, tops, strict=True):
        role = "" if lost is None else "lost" if card.number == lost[0] else "cause" if card.number == lost[1] else ""
        _one(canvas, card, (x[card.column], top), role)
    if lost is not None:
        _accuse(canvas, [(x[cards[i].column], tops[i], cards[i]) for i in lost])
        described += f" What step {lost[0] + 1} wrote is lost: step {lost[1] + 1} overwrites it."
    if left:
        canvas.text((_LEFT, end + 18), f"{left:,} more steps are not drawn", "small")
        end += 18
    return canvas.render((0, 0, wide, end + 10), ident, "How the processes interleave", described)


def _one(canvas: Canvas, card: _Card, at: svg.Point, role: str) -> None:
    left, top = at
    canvas.open(f"l{card.column % 8} {role}".strip(), card.says)
    canvas.rect(left, top, _WIDE, card.high, "card", 5)
    y = top + _PAD + 10
    canvas.text((left + 10, y), f"{card.number + 1}", "small strong dim")
    for line in card.words:
        canvas.text((left + 30, y), line, "strong" if role else "")
        y += _LINE
    if card.spot.code:
        canvas.text((left + 30, y), svg.fit(card.spot.code, _WIDE - 40, svg.CODE), "code")
        y += _LINE
    if card.spot:
        canvas.text((left + 30, y), svg.fit(card.spot.full, _WIDE - 40, svg.CODE), "code dim small")
    canvas.close()


def _accuse(canvas: Canvas, ends: Sequence[tuple[float, float, _Card]]) -> None:
    """An arrow from the write that overwrites to the one that is lost, with a word at each."""
    (lost_x, lost_y, lost), (late_x, late_y, late) = ends
    to_right = lost_x < late_x
    edge = late_x if to_right else late_x + _WIDE
    target = lost_x + _WIDE if to_right else lost_x
    middle = (edge + target) / 2
    start, end = (edge, late_y + late.high / 2), (target + (2 if to_right else -2), lost_y + lost.high / 2)
    canvas.path(["M", start, "L", (middle, start[1]), "L", (middle, end[1]), "L", end], "accusation")
    canvas.head(end, (middle, end[1]), "accusation", 11)
    for x, y, card, word in ((lost_x, lost_y, lost, "lost"), (late_x, late_y, late, "overwrites")):
        canvas.text((x + _WIDE - 8, y + card.high - 7), word, "small strong bad", "end")
