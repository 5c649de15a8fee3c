"""A small canvas: shapes and texts are put on it, and it makes one accessible SVG of them.

Texts have no layout in SVG, so how wide they get is reckoned from the number of columns that their
characters take, on the safe side. Looks are given by class; `style.STYLE` has them.
"""

from __future__ import annotations

import math
import textwrap
import unicodedata
from collections.abc import Sequence
from html import escape

Point = tuple[float, float]

Letters = tuple[float, float]  # size in pixels, advance of a letter in its size

# As STYLE has them. Monospaced ones are all of a width, of the others this is more than most need.
NAME, TEXT, SMALL = (13.0, 0.6), (12.5, 0.55), (11.0, 0.55)
CODE, SMALL_CODE = (12.0, 0.605), (11.0, 0.605)


def columns(text: str) -> int:
    """So many columns a text takes: two for a wide character, none for one that is put on another."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def width(text: str, letters: Letters) -> float:
    """How wide it gets at the most."""
    return columns(text) * letters[0] * letters[1]


def fit(text: str, room: float, letters: Letters) -> str:
    """As much of a text as fits."""
    return clip(text, int(room / (letters[0] * letters[1])))


def clip(text: str, room: int) -> str:
    """As much of a text as fits into so many columns."""
    if columns(text) <= room:
        return text
    made, used = "", 0
    for char in text:
        used += columns(char)
        if used > room - 1:
            break
        made += char
    return made.rstrip() + "…" if room > 0 else ""


def wrap(text: str, room: float, letters: Letters, most: int) -> list[str]:
    """A text in lines, `most` at the most."""
    across = max(8, int(room / (letters[0] * letters[1])))
    lines = textwrap.wrap(text, across, break_on_hyphens=False) or [""]
    if len(lines) > most:
        lines = [*lines[: most - 1], clip(" ".join(lines[most - 1 :]), across)]
    return [clip(line, across) for line in lines]


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


class Canvas:
    """What is drawn first lies below."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def open(self, classes: str, tip: str = "") -> None:
        """Begin a group; tip is shown where the pointer rests on it."""
        title = f"<title>{escape(tip)}</title>" if tip else ""
        self._parts.append(f'<g class="{escape(classes)}">{title}')

    def close(self) -> None:
        """End the group."""
        self._parts.append("</g>")

    def rect(self, x: float, y: float, wide: float, high: float, classes: str, round_: float = 0) -> None:
        """A rectangle."""
        corner = f' rx="{_n(round_)}"' if round_ else ""
        self._parts.append(
            f'<rect class="{escape(classes)}" x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" height="{_n(high)}"{corner}/>'
        )

    def circle(self, at: Point, radius: float, classes: str) -> None:
        """A circle."""
        self._parts.append(f'<circle class="{escape(classes)}" cx="{_n(at[0])}" cy="{_n(at[1])}" r="{_n(radius)}"/>')

    def path(self, way: Sequence[str | float | Point], classes: str) -> None:
        """A path: letters of commands, numbers and points."""
        words = [
            item
            if isinstance(item, str)
            else _n(item)
            if isinstance(item, float | int)
            else f"{_n(item[0])} {_n(item[1])}"
            for item in way
        ]
        self._parts.append(f'<path class="{escape(classes)}" d="{" ".join(words)}"/>')

    def head(self, at: Point, before: Point, classes: str, size: float = 8) -> None:
        """The head of an arrow that comes from `before`."""
        angle = math.atan2(at[1] - before[1], at[0] - before[0])
        left, right = (
            (at[0] - size * math.cos(angle + turn), at[1] - size * math.sin(angle + turn)) for turn in (0.42, -0.42)
        )
        self.path(["M", at, "L", left, "L", right, "Z"], f"head {classes}")

    def text(self, at: Point, words: str, classes: str, anchor: str = "start", turn: float = 0) -> None:
        """One line of text; at: its base line. turn: degrees, clockwise."""
        side = "" if anchor == "start" else f' text-anchor="{anchor}"'
        side += f' transform="rotate({_n(turn)} {_n(at[0])} {_n(at[1])})"' if turn else ""
        self._parts.append(
            f'<text class="{escape(classes)}" x="{_n(at[0])}" y="{_n(at[1])}"{side}>{escape(words)}</text>'
        )

    def render(self, box: tuple[float, float, float, float], ident: str, title: str, description: str) -> str:
        """The picture. box: x, y, width and height of what is shown."""
        wide, high, ident = _n(box[2]), _n(box[3]), escape(ident)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" width="{wide}" height="{high}" '
            f'viewBox="{_n(box[0])} {_n(box[1])} {wide} {high}" '
            f'aria-labelledby="{ident}-title {ident}-desc">'
            f'<title id="{ident}-title">{escape(title)}</title>'
            f'<desc id="{ident}-desc">{escape(description)}</desc>'
            f"{''.join(self._parts)}</svg>"
        )
