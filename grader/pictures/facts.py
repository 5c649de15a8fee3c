"""Facts as JSON has them, read without trust: a key that is missing or of another type is as if it were empty."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from grader.showing import shown
from grader.trace import TraceEvent

_CHILD = re.compile(r"(child|thread) (\d{1,9})(?: of (.*))?", re.DOTALL)


def text(value: Any) -> str:
    """A text on one line, safe to show; "" for what is no text."""
    return shown(value) if isinstance(value, str) else ""


def number(value: Any) -> float:
    """A finite number; 0 for what is none."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if good and -1e15 < value < 1e15 and math.isfinite(value) else 0.0


def listed(value: Any) -> Sequence[Any]:
    """A list or tuple; an empty one for anything else."""
    return value if isinstance(value, (list, tuple)) else ()


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def timeline_facts(events: Iterable[TraceEvent]) -> Mapping[str, Any]:
    """Events as items[].timeline of the JSON report has them."""
    made = [{**asdict(event), "kind": event.kind.value} for event in events]
    return {"processes": list(dict.fromkeys(event["process"] for event in made)), "events": made}


@dataclass(frozen=True)
class Spot:
    """A line of the source, safe to show. code: what is written there, where it is known."""

    file: str = ""
    line: int = 0
    function: str = ""
    code: str = ""

    def __bool__(self) -> bool:
        return bool(self.file)

    @property
    def short(self) -> str:
        """ "reader.c:12"."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def full(self) -> str:
        """ "reader.c:12 (main)"."""
        return f"{self.short} ({self.function})" if self.function else self.short


class Source:
    """The lines that a finding quotes (data["excerpts"])."""

    def __init__(self, excerpts: Any) -> None:
        self._lines: dict[tuple[str, int], str] = {}
        for excerpt in map(mapping, listed(excerpts)):
            first = int(number(excerpt.get("first")))
            for at, line in enumerate(listed(excerpt.get("text")), first):
                self._lines.setdefault((text(excerpt.get("file")), at), text(line).strip("→ "))

    def spot(self, place: Any) -> Spot:
        """A place as JSON has it, with what is written there."""
        there = mapping(place)
        file, line = text(there.get("file")), max(0, int(number(there.get("line"))))
        return Spot(file, line, text(there.get("function")), self._lines.get((file, line), ""))


def and_list(words: Sequence[str], most: int = 4) -> str:
    """ "a", "a and b", "a, b and c"; of more than `most` the first ones and how many others."""
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1:,} others"]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def together(names: Sequence[str]) -> str:
    """Several names as one: "children 1 to 4 of x"; names that are not alike are listed."""
    found = [_CHILD.fullmatch(name) for name in names]
    kin = [(match[1], f" of {match[3]}" if match[3] else "") for match in found if match]
    if len(names) < 2 or len(kin) < len(names) or len(set(kin)) > 1:
        return and_list(names, 3)
    numbers = sorted(int(match[2]) for match in found if match)
    plural = {"child": "children", "thread": "threads"}[kin[0][0]]
    if numbers == list(range(numbers[0], numbers[-1] + 1)):
        joint = " and " if len(numbers) == 2 else " to "
        return f"{plural} {numbers[0]}{joint}{numbers[-1]}{kin[0][1]}"
    return f"{plural} {and_list([str(one) for one in numbers], 6)}{kin[0][1]}"


def shorter(names: Sequence[str]) -> dict[str, str]:
    """Names without " of x" where all are of the same x, or are x."""
    roots = {match[3] if (match := _CHILD.fullmatch(name)) else name for name in names} - {None}
    if len(roots) != 1:
        return {name: name for name in names}
    tail = f" of {next(iter(roots))}"
    return {name: name.removesuffix(tail) for name in names}
