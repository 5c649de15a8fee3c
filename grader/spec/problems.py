"""Collects what is wrong with a file, with the line of each place and the word that was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.errors import SpecError

_LAST = 1 << 30
Place = tuple[str | int, ...]  # keys and indices from the root of the document


class Problems:
    """What is wrong with one file. lines: where each place of the document is written, from 1."""

    def __init__(self, file: Path, lines: Mapping[Place, int] | None = None) -> None:
        self._name = shown(file)
        self._lines = lines or {}
        self._found: dict[tuple[int, str], None] = {}

    def add(self, place: Place, what: str, fix: str = "") -> None:
        """Note a problem. what: a lower-case sentence; fix: what was meant, or what to do."""
        self.add_line(self.line(place), what, fix)

    def add_line(self, line: int, what: str, fix: str = "") -> None:
        """Note a problem at a line."""
        self._found[line, message(self._name, line, what, fix)] = None

    def add_elsewhere(self, messages: Iterable[str]) -> None:
        """Note problems of another file, which stand last."""
        for text in messages:
            self._found[_LAST, text] = None

    def line(self, place: Place) -> int:
        """Where a place, or the nearest one round it, is written."""
        while place:
            if place in self._lines:
                return self._lines[place]
            place = place[:-1]
        return self._lines.get((), 1)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def messages(self) -> tuple[str, ...]:
        """All of them, in the order of their lines."""
        return tuple(text for _, text in sorted(self._found, key=lambda found: found[0]))

    def check(self) -> None:
        """Raise SpecError if anything was found."""
        if self._found:
            raise SpecError(self.messages)


def message(file: str, line: int, what: str, fix: str = "") -> str:
    """One problem, on one line whatever it quotes."""
    text = f"{file}:{line}: {what}" + (f"; {fix}" if fix else "")
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def shown(path: Path) -> str:
    """A path as messages have it: relative where it lies beneath the current directory."""
    try:
        return str(path.relative_to(Path.cwd())) if path.is_absolute() else str(path)
    except (ValueError, OSError):
        return str(path)


def meant(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the one that was meant, or all that there are."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    folded = {other.casefold(): other for other in names}
    if name.casefold() in folded:
        return f"did you mean '{folded[name.casefold()]}'?"
    return one_of(names) if names else ""


def one_of(names: Iterable[str]) -> str:
    """ "there are a, b, c"."""
    listed = list(names)
    return f"there is only '{listed[0]}'" if len(listed) == 1 else "there are " + ", ".join(listed)


def kind_of(value: object) -> str:
    """What a value of a YAML file is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        text = value if len(value) <= 40 else value[:37] + "..."
        return f"the text '{text}'" if text.isprintable() else f"the text {text!r}"
    return "a list" if isinstance(value, (list, tuple)) else "a mapping"
