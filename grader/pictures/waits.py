"""Who waits for whom: processes as boxes, an arrow from each to those who could end its wait.

A circle of waiting is drawn as one, the others in rows above and below it. Without a circle all arrows
point to the right, and end at what nobody will ever do: a semaphore that nobody raises has a box, too. Processes
that wait alike share a box.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.pictures import svg
from grader.pictures.facts import Source, Spot, and_list, listed, mapping, shorter, text, together
from grader.pictures.svg import Canvas, Point

MOST = 16  # boxes
_WIDE, _PAD, _LINE = 218.0, 10.0, 17.0
_ACROSS, _DOWN = 136.0, 30.0  # between boxes, where arrows point to the right
_BETWEEN = 190.0  # between the two of a circle of two
_ROW = 64.0  # between rows, and between a row and the circle
_RING = 10  # boxes of a circle
_START = re.compile(r"waits (?:in \w+\(\) )?(?:(?:for|of|on|to|until) )?")
_REASON = re.compile(r", (?=whose|which|last|never|to which|already)|; | (?=whose|and (?:to|from) which)")
_PARENTHESES = re.compile(r" \(((?:[^()]|\(\))*)\)")
_MADE = re.compile(r"from \w+\(\) at [^,;()]+")
_LEGEND = {
    "dead": "waits for ever",
    "timed": "a time-out or timer will wake it",
    "waits": "waits, and can still be woken",
    "runs": "runs",
    "unknown": "was not looked at",
}


@dataclass(frozen=True)
class _Box:
    """Something in the picture. to: keys of those it waits for. thing: the object; made: by which call."""

    key: str
    title: str
    kind: str  # a key of _LEGEND, or "object", "more"
    lines: tuple[tuple[str, str], ...] = ()  # (class, words)
    to: tuple[str, ...] = ()
    call: str = ""
    thing: str = ""
    made: str = ""
    ring: bool = False
    count: int = 1

    @property
    def size(self) -> Point:
        titles = svg.wrap(self.title, _WIDE - 2 * _PAD - 18, svg.NAME, 2)
        return _WIDE, 2 * _PAD + _LINE * (len(titles) + len(self.lines)) - 2


@dataclass(frozen=True)
class _Placed:
    """A box and its middle."""

    box: _Box
    at: Point

    def border(self, towards: Point, gap: float = 0) -> Point:
        """Where a line from the middle leaves the box."""
        across, down = towards[0] - self.at[0], towards[1] - self.at[1]
        wide, high = self.box.size[0] / 2 + gap, self.box.size[1] / 2 + gap
        if not across and not down:
            return self.at[0], self.at[1] - high
        scale = min(wide / abs(across) if across else math.inf, high / abs(down) if down else math.inf)
        return self.at[0] + across * scale, self.at[1] + down * scale


@dataclass(frozen=True)
class _Spot:
    """Where the label of an arrow goes: side is "", "above", "below" or "right" of it."""

    x: float
    y: float
    side: str = ""


def draw_waits(facts: Mapping[str, Any], ident: str) -> str:
    """The picture of a finding of the check `stuck`: facts are its `data`."""
    waiters = [mapping(waiter) for waiter in listed(facts.get("waiters"))]
    waiters = [waiter for waiter in waiters if text(waiter.get("name"))]
    if not waiters:
        return ""
    sentences = [f"{text(waiter.get('name'))} {text(waiter.get('words')) or 'runs'}." for waiter in waiters]
    boxes, note = _boxes(waiters, [text(name) for name in listed(facts.get("cycle"))], Source(facts.get("excerpts")))
    placed = _circle(boxes) if sum(box.ring for box in boxes) > 1 else _columns(boxes)
    described = " ".join(sentences[:40])
    if len(sentences) > 40:
        described += f" And {len(sentences) - 40:,} more."
    return _drawn(placed, note, ident, described)


# --- what there is to draw -------------------------------------------------------------------


def _boxes(waiters: Sequence[Mapping[str, Any]], cycle: Sequence[str], source: Source) -> tuple[list[_Box], str]:
    known = {text(waiter["name"]): waiter for waiter in waiters}
    cycle = [name for name in dict.fromkeys(cycle) if name in known]
    short = shorter(list(known))
    groups = _alike(known, cycle)
    key_of = {name: group[0] for group in groups for name in group}
    boxes: dict[str, _Box] = {}
    for group in groups:
        made = _process(known[group[0]], group, short, source)
        to = dict.fromkeys(key_of.get(text(name), text(name)) for name in listed(known[group[0]].get("waits_for")))
        boxes[group[0]] = replace(made, to=tuple(to), ring=group[0] in cycle)
    for name in [name for box in boxes.values() for name in box.to if name not in boxes]:
        boxes[name] = _Box(name, name, "unknown")
    with_objects: dict[str, _Box] = {}
    for box in boxes.values():
        with_objects[box.key] = box
        if box.kind == "dead" and not box.to and box.thing:
            made = _object(box.thing, _reason(text(known[box.key].get("words"))))
            with_objects[box.key] = replace(box, to=(made.key,), thing="")
            with_objects[made.key] = made
    boxes, note = _bounded(with_objects, list(cycle))
    return list(boxes.values()), note


def _object(thing: str, reason: str) -> _Box:
    """What nobody will give."""
    lines = [("small dim", line) for line in svg.wrap(reason, _WIDE - 2 * _PAD, svg.SMALL, 3)] if reason else []
    return _Box(f"object {thing} {reason}", thing, "object", tuple(lines), count=0)


def _alike(known: Mapping[str, Mapping[str, Any]], cycle: Sequence[str]) -> list[list[str]]:
    """Names of those that wait for the same, at the same line, and are waited for by the same."""
    waited_by: dict[str, set[str]] = {}
    for name, waiter in known.items():
        for other in listed(waiter.get("waits_for")):
            waited_by.setdefault(text(other), set()).add(name)
    groups: dict[object, list[str]] = {}
    for name, waiter in known.items():
        wanted = tuple(text(other) for other in listed(waiter.get("waits_for")))
        same = (
            text(waiter.get("call")),
            text(waiter.get("words")),
            wanted,
            frozenset(waited_by.get(name, ())),
            _state(waiter),
            Source(()).spot(waiter.get("place")),
        )
        groups.setdefault(name if name in cycle or name in wanted else same, []).append(name)
    return list(groups.values())


def _state(waiter: Mapping[str, Any]) -> str:
    words = text(waiter.get("words"))
    if waiter.get("dead") is True:
        return "dead"
    if waiter.get("timed") is True or words.startswith("sleeps") or words.endswith(", with a time-out"):
        return "timed"
    if not words.startswith(("waits", "is stopped")):
        return "runs"
    return "waits" if waiter.get("dead") is False else "dead"


def _process(waiter: Mapping[str, Any], names: Sequence[str], short: Mapping[str, str], source: Source) -> _Box:
    words, call = text(waiter.get("words")), text(waiter.get("call"))
    state = _state(waiter)
    title = together(list(names)) if len(names) > 1 else names[0]
    room = _WIDE - 2 * _PAD
    lines: list[tuple[str, str]] = []
    targets = [text(name) for name in listed(waiter.get("waits_for"))]
    if len(targets) > 1:
        whom = together([short.get(name, name) for name in targets])
        lines.append(("dim", svg.fit(f"{call}() for {whom}" if call else f"waits for {whom}", room, svg.TEXT)))
    elif not call or state in ("runs", "timed"):
        lines += [("dim", line) for line in svg.wrap(_PARENTHESES.sub("", words) or "runs", room, svg.TEXT, 2)]
    spot, caller = source.spot(waiter.get("place")), source.spot(waiter.get("caller"))
    if spot:
        lines.append(("code small", svg.fit(f"{spot.short} {spot.function}", room, svg.SMALL_CODE)))
    if spot.code:
        lines.append(("code small dim", svg.fit(spot.code, room, svg.SMALL_CODE)))
    if caller:
        lines.append(("code small", svg.fit(f"from {caller.short} {caller.function}", room, svg.SMALL_CODE)))
    made = source.spot(waiter.get("made")) or source.spot(mapping(waiter.get("object")).get("place"))
    thing = _thing(words, made) if call else ""
    return _Box(names[0], title, state, tuple(lines), call=call, thing=thing, made=_made(words), count=len(names))


def _thing(words: str, made: Spot) -> str:
    """The object of a wait, from its sentence; where it was made is added if the sentence does not tell."""
    thing = _REASON.split(_PARENTHESES.sub("", _START.sub("", words, count=1)), maxsplit=1)[0].strip()
    return f"{thing}, made at {made.short}" if thing and made and made.short not in words else thing


def _made(words: str) -> str:
    """Which call made the object, if the sentence tells."""
    found = _MADE.search(words)
    return found[0] if found else ""


def _reason(words: str) -> str:
    """Why it does not come: "value 0; never changed by any process"."""
    inside = ", ".join(_PARENTHESES.findall(_START.sub("", words, count=1))).split(", ")
    told = ", ".join(part for part in inside if not part.startswith(("key ", "descriptor ")))
    return "; ".join(filter(None, [told, *_REASON.split(words, maxsplit=1)[1:]]))


def _bounded(boxes: dict[str, _Box], cycle: list[str]) -> tuple[dict[str, _Box], str]:
    """At most so many boxes as can be read; those of the circle and those near it stay."""
    if len(cycle) > _RING:
        kept, left = cycle[: _RING - 1], cycle[_RING - 1 :]
        more = _Box("…", f"{len(left):,} more in the circle", "more", to=(cycle[0],), ring=True)
        boxes = {key: box for key, box in boxes.items() if key not in left} | {more.key: more}
        boxes[kept[-1]] = replace(boxes[kept[-1]], to=(more.key,))
    if len(boxes) > MOST:
        order = sorted(boxes, key=lambda key: not boxes[key].ring)
        left = order[MOST:]
        count = sum(boxes[key].count for key in left)
        note = f"not drawn: {count:,} more processes, {and_list(left, 3)}"
        boxes = {key: box for key, box in boxes.items() if key not in left}
    else:
        note = ""
    inside = {key: replace(box, to=tuple(name for name in box.to if name in boxes)) for key, box in boxes.items()}
    return inside, note


# --- where it goes ---------------------------------------------------------------------------


def _columns(boxes: Sequence[_Box]) -> list[_Placed]:
    """Arrows point to the right: each box stands left of all that it waits for."""
    depth = _depths(boxes)
    deepest = max(depth.values())
    columns: list[list[_Box]] = [[] for _ in range(deepest + 1)]
    for box in boxes:
        columns[deepest - depth[box.key]].append(box)
    tallest = max(_height(column) for column in columns)
    middle: dict[str, float] = {}
    placed: list[_Placed] = []
    for number, column in reversed(list(enumerate(columns))):

        def aim(box: _Box) -> float:
            aims = [middle[name] for name in box.to if name in middle]
            return sum(aims) / len(aims) if aims else 0.0

        y = (tallest - _height(column)) / 2
        for box in sorted(column, key=aim):
            high = box.size[1]
            middle[box.key] = y + high / 2
            placed.append(_Placed(box, (number * (_WIDE + _ACROSS), y + high / 2)))
            y += high + _DOWN
    return placed


def _height(column: Sequence[_Box]) -> float:
    return sum(box.size[1] for box in column) + _DOWN * (len(column) - 1)


def _depths(boxes: Sequence[_Box]) -> dict[str, int]:
    """How many arrows lead on from each box at the most; an arrow that would close a circle counts for nothing."""
    by_key = {box.key: box for box in boxes}
    depth: dict[str, int] = {}

    def measure(key: str, above: frozenset[str]) -> int:
        if key not in depth:
            onward = [measure(name, above | {key}) + 1 for name in by_key[key].to if name not in above | {key}]
            depth[key] = max(onward, default=0)
        return depth[key]

    for box in boxes:
        measure(box.key, frozenset())
    return depth


def _circle(boxes: Sequence[_Box]) -> list[_Placed]:
    ring = _in_order([box for box in boxes if box.ring])
    rest = [box for box in boxes if not box.ring]
    placed = _round(ring)
    where = {one.box.key: one.at for one in placed}
    if len(ring) > 2:
        # Whoever waits for several of them stands in their middle.
        inner = max(rest, key=lambda box: sum(name in where for name in box.to), default=None)
        if inner is not None and sum(name in where for name in inner.to) > 1:
            placed.append(_Placed(inner, (0.0, 0.0)))
            where[inner.key] = (0.0, 0.0)
            rest.remove(inner)
    above, below = _sides(rest, where)
    tops, bottoms = zip(
        *((one.at[1] - one.box.size[1] / 2, one.at[1] + one.box.size[1] / 2) for one in placed), strict=True
    )
    return [*placed, *_rows(above, where, min(tops), -1), *_rows(below, where, max(bottoms), 1)]


def _in_order(ring: Sequence[_Box]) -> list[_Box]:
    """Along the arrows."""
    by_key = {box.key: box for box in ring}
    made = [ring[0]]
    while len(made) < len(ring):
        following = next((by_key[name] for name in made[-1].to if name in by_key and by_key[name] not in made), None)
        made.append(following or next(box for box in ring if box not in made))
    return made


def _round(ring: Sequence[_Box]) -> list[_Placed]:
    """On an ellipse, clockwise from the top; two beside each other."""
    if len(ring) == 2:
        return [_Placed(box, (side * (_WIDE + _BETWEEN) / 2, 0.0)) for box, side in zip(ring, (-1, 1), strict=True)]
    scale = 1.0
    while True:
        wide, high = 250 * scale, 150 * scale
        angles = [2 * math.pi * i / len(ring) - math.pi / 2 for i in range(len(ring))]
        placed = [
            _Placed(box, (wide * math.cos(angle), high * math.sin(angle)))
            for box, angle in zip(ring, angles, strict=True)
        ]
        beside = itertools.pairwise([*placed, placed[0]])  # an arrow with its label goes between these
        if scale > 8 or (
            all(_apart(one, other, 150, 64) for one, other in beside)
            and all(_apart(one, other, 40, 40) for one, other in itertools.combinations(placed, 2))
        ):
            return placed
        scale *= 1.08


def _apart(one: _Placed, other: _Placed, wide: float, high: float) -> bool:
    across, down = abs(one.at[0] - other.at[0]), abs(one.at[1] - other.at[1])
    return across > _WIDE + wide or down > (one.box.size[1] + other.box.size[1]) / 2 + high


def _sides(rest: Sequence[_Box], where: Mapping[str, Point]) -> tuple[list[list[_Box]], list[list[_Box]]]:
    """Rows above and below the circle, the nearest first: whoever waits for one in a row stands in the next."""
    sides: tuple[list[list[_Box]], list[list[_Box]]] = ([], [])
    place: dict[str, tuple[int, int]] = {}
    todo = list(rest)
    while todo:
        near = [box for box in todo if any(name in where or name in place for name in box.to)]
        for box in near or todo:
            heights = [where[name][1] for name in box.to if name in where]
            beyond = [place[name] for name in box.to if name in place]
            side = 1 if heights and sum(heights) / len(heights) > 1 else 0
            row = 0
            if beyond and not heights:
                side, row = beyond[0][0], beyond[0][1] + 1
            while row < len(sides[side]) and len(sides[side][row]) >= 4:
                row += 1
            sides[side].extend([] for _ in range(row + 1 - len(sides[side])))
            sides[side][row].append(box)
            place[box.key] = (side, row)
        todo = [box for box in todo if box.key not in place]
    return sides


def _rows(rows: Sequence[Sequence[_Box]], where: Mapping[str, Point], edge: float, way: int) -> Iterable[_Placed]:
    placed: list[_Placed] = []
    for row in filter(None, rows):
        ordered = sorted(row, key=lambda box: sum(where[name][0] for name in box.to if name in where))
        high = max(box.size[1] for box in ordered)
        middle = edge + way * (_ROW + high / 2)
        for number, box in enumerate(ordered):
            placed.append(_Placed(box, ((number - (len(ordered) - 1) / 2) * (_WIDE + 36), middle)))
        edge = middle + way * high / 2
    return placed


# --- drawing ---------------------------------------------------------------------------------


def _drawn(placed: Sequence[_Placed], note: str, ident: str, described: str) -> str:
    by_key = {one.box.key: one for one in placed}
    canvas = Canvas()
    labels: list[tuple[_Spot, list[tuple[str, str]]]] = []
    pair = sum(one.box.ring for one in placed) == 2
    for one in placed:
        for name in one.box.to:
            at = _arrow(canvas, one, by_key[name], pair=pair)
            if len(one.box.to) == 1 or (one.box.ring and by_key[name].box.ring):
                labels.append((at, _label(one.box)))
    for one in placed:
        _box(canvas, one)
    for at, lines in labels:
        for number, (classes, words) in enumerate(lines):
            down = {"above": number - len(lines), "below": number + 1}.get(at.side, number - (len(lines) - 1) / 2)
            spot = (at.x, at.y + down * 15 + (0 if at.side in ("above", "below") else 4))
            canvas.text(spot, words, f"halo {classes}", "start" if at.side == "right" else "middle")
    left = min(one.at[0] for one in placed) - _WIDE / 2
    right = max(one.at[0] for one in placed) + _WIDE / 2
    top = min(one.at[1] - one.box.size[1] / 2 for one in placed)
    bottom = max(one.at[1] + one.box.size[1] / 2 for one in placed)
    if any(one.box.key in one.box.to for one in placed):
        top, right = top - 44, right + 150
    if sum(one.box.ring for one in placed) == 2:
        top, bottom = min(top, -70), max(bottom, 70)
    right = max(right, left + 2 * _WIDE)
    bottom = _legend(canvas, placed, note, (left, bottom + 34), right)
    return canvas.render(
        (left - 8, top - 8, right - left + 16, bottom - top + 16), ident, "Who waits for whom", described
    )


def _label(box: _Box) -> list[tuple[str, str]]:
    lines = [("code strong", f"{box.call}()")] if box.call else []
    if box.call not in ("wait", "waitpid", "waitid") and box.thing:
        lines += [("small", line) for line in svg.wrap(box.thing, _ACROSS - 14, svg.SMALL, 3)]
        lines += [("small dim", line) for line in svg.wrap(box.made, _ACROSS - 14, svg.SMALL, 2) if box.made]
    return lines


def _arrow(canvas: Canvas, one: _Placed, other: _Placed, *, pair: bool) -> _Spot:
    """An arrow, and where its label goes."""
    both = one.box.ring and other.box.ring
    looks = "ring" if both else ""
    if one is other:
        return _loop(canvas, one)
    if pair and both:
        way = 1 if one.at[0] < other.at[0] else -1
        y = -14.0 * way
        start, end = (one.at[0] + way * _WIDE / 2, y), (other.at[0] - way * (_WIDE / 2 + 3), y)
        canvas.path(["M", start, "L", (end[0] - way * 8, y)], f"edge {looks}")
        canvas.head(end, start, looks, 13)
        return _Spot(0, y - way * 4, "above" if way > 0 else "below")
    if not one.box.ring and not other.box.ring and one.at[0] + _WIDE < other.at[0]:
        start, end = (one.at[0] + _WIDE / 2, one.at[1]), (other.at[0] - _WIDE / 2 - 2, other.at[1])
        bend = (end[0] - start[0]) / 2
        canvas.path(
            ["M", start, "C", (start[0] + bend, start[1]), (end[0] - bend, end[1]), (end[0] - 4, end[1])], "edge"
        )
        canvas.head(end, (end[0] - 9, end[1]), "", 10)
        return _Spot((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    bend_at = _bent(one, other, 16.0 if both else 0.0 if len(one.box.to) > 1 else 10.0)
    start, end = one.border(bend_at), other.border(bend_at, 3)
    canvas.path(["M", start, "Q", bend_at, end], f"edge {looks}")
    canvas.head(end, bend_at, looks, 13 if both else 10)
    return _Spot((start[0] + 2 * bend_at[0] + end[0]) / 4, (start[1] + 2 * bend_at[1] + end[1]) / 4)


def _loop(canvas: Canvas, one: _Placed) -> _Spot:
    """Who waits for itself."""
    looks = "ring" if one.box.ring else ""
    right, top = one.at[0] + _WIDE / 2, one.at[1] - one.box.size[1] / 2
    start, end = (right, one.at[1] + 4), (right - 44, top - 2)
    canvas.path(
        ["M", start, "C", (right + 56, one.at[1]), (right - 6, top - 58), (end[0] + 2, top - 8)], f"edge {looks}"
    )
    canvas.head(end, (end[0] + 6, top - 18), looks, 12)
    return _Spot(right + 32, top - 8, "right")


def _bent(one: _Placed, other: _Placed, much: float) -> Point:
    """The point that bends an arrow to the left of its way; of a circle that is outwards."""
    across, down = other.at[0] - one.at[0], other.at[1] - one.at[1]
    length = math.hypot(across, down) or 1.0
    middle = (one.at[0] + other.at[0]) / 2, (one.at[1] + other.at[1]) / 2
    return middle[0] + down / length * much, middle[1] - across / length * much


def _box(canvas: Canvas, one: _Placed) -> None:
    box, (wide, high) = one.box, one.box.size
    left, top = one.at[0] - wide / 2, one.at[1] - high / 2
    canvas.open(f"{box.kind} {'ring' if box.ring else ''}".strip(), box.title)
    if box.count > 1:
        canvas.rect(left + 6, top + 6, wide, high, "box", 8)
        canvas.rect(left + 3, top + 3, wide, high, "box", 8)
    canvas.rect(left, top, wide, high, "box", 2 if box.kind == "object" else 8)
    y = top + _PAD + 11
    indent = 0.0
    if box.kind in _LEGEND:
        icon(canvas, (left + _PAD + 6, y - 4), box.kind)
        indent = 18.0
    for line in svg.wrap(box.title, wide - 2 * _PAD - 18, svg.NAME, 2):
        canvas.text((left + _PAD + indent, y), line, "name")
        y += _LINE
    for classes, words in box.lines:
        canvas.text((left + _PAD, y), words, classes)
        y += _LINE
    canvas.close()


def icon(canvas: Canvas, at: Point, kind: str) -> None:
    """What a process does: a cross, a clock, two bars, a triangle; a dot where it is not known."""
    x, y = at
    if kind == "dead":
        canvas.path(["M", (x - 4, y - 4), "L", (x + 4, y + 4), "M", (x + 4, y - 4), "L", (x - 4, y + 4)], "icon dead")
    elif kind == "timed":
        canvas.circle(at, 5, "icon timed")
        canvas.path(["M", (x, y - 3), "L", at, "L", (x + 2.5, y + 1)], "icon timed")
    elif kind == "waits":
        canvas.path(["M", (x - 4, y - 4), "L", (x - 4, y + 4), "M", (x + 3, y - 4), "L", (x + 3, y + 4)], "icon")
    elif kind == "runs":
        canvas.path(["M", (x - 3, y - 5), "L", (x + 5, y), "L", (x - 3, y + 5), "Z"], "icon runs")
    else:
        canvas.circle(at, 2, "icon")


def _legend(canvas: Canvas, placed: Sequence[_Placed], note: str, at: Point, right: float) -> float:
    """What the signs mean; the lower end of it."""
    x, y = at
    kinds = {one.box.kind for one in placed}
    for kind, words in _LEGEND.items():
        if kind in kinds:
            icon(canvas, (x + 6, y - 4), kind)
            canvas.text((x + 18, y), words, "small dim")
            x += 34 + svg.width(words, svg.SMALL)
    words = "arrow: waits for"
    if any(one.box.ring for one in placed):
        words += "; thick: each waits for the next, in a circle"
    if x + svg.width(words, svg.SMALL) > right:
        x, y = at[0], y + 18
    canvas.text((x, y), words, "small dim")
    if note:
        y += 18
        canvas.text((at[0], y), svg.fit(note, right - at[0], svg.SMALL), "small")
    return y + 4
