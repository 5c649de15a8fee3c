"""From addresses in the programs of a traced build to lines of their source, by addr2line.

A program is what the submission's compiler, or what that ran, has left: so addr2line runs as the submission, under
limits, and what it prints is looked at as any other output of the submission's. Where it says nothing that can be
used, a place has no line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from driver.tools import Tools
from driver.workspace import printable
from grader.trace import Place
from grader.wire import Limits

_LIMITS = Limits(cpu=5.0, wall=20.0, memory=1 << 30, processes=8)
_MOST = 3000  # addresses in one call
_ROOM = 1 << 20
_DEEPEST = 2  # a place, and from where it was inlined
_LONGEST = 120  # characters of a name: what is longer was made up
_ADDRESS = re.compile(r"0x[0-9a-f]{1,16}")
_LINE = re.compile(r"(?P<file>[^:]+):(?P<line>\d{1,7}|\?)(?: \(discriminator \d+\))?")


class Symbols:
    """Looks addresses up; what is known of a program stays known, for it cannot change any more."""

    def __init__(self, programs: str, tools: Tools) -> None:
        """programs: the directory of builds."""
        self._programs = programs
        self._tools = tools
        self._known: dict[str, dict[int, tuple[Place, ...]]] = {}

    def places(self, program: str, addresses: Collection[int]) -> dict[int, tuple[Place, ...]]:
        """The place of each address in a program, BUILD/NAME; behind it, from where what lies there was inlined."""
        known = self._known.setdefault(program, {})
        wanted = sorted(set(addresses) - set(known))
        for start in range(0, len(wanted), _MOST):
            some = wanted[start : start + _MOST]
            known.update(self._look_up(program, some))
        name = program.rpartition("/")[2]
        return {address: known.get(address, (Place(name),)) for address in addresses}

    def _look_up(self, program: str, addresses: list[int]) -> dict[int, tuple[Place, ...]]:
        command = ["addr2line", "-f", "-i", "-s", "-a", "-e", f"{self._programs}/{program}", *map(hex, addresses)]
        ran = self._tools.run(command, "/", _LIMITS, _ROOM)
        if not ran.ok:
            return {}
        return _parsed(ran.output.decode("utf-8", "surrogateescape").split("\n"), set(addresses))


def _parsed(lines: Sequence[str], wanted: Collection[int]) -> dict[int, tuple[Place, ...]]:
    """The address, then two lines for each place: function, "file:line". What does not look so is passed over."""
    found: dict[int, tuple[Place, ...]] = {}
    address, at = 0, 0
    while at < len(lines):
        if _ADDRESS.fullmatch(lines[at]):
            address = int(lines[at], 16)
            at += 1
            continue
        where = _LINE.fullmatch(lines[at + 1]) if at + 1 < len(lines) else None
        if where is not None and not where["file"].startswith("?") and address in wanted:
            number = int(where["line"]) if where["line"] != "?" else 0
            name = "" if lines[at].startswith("?") else lines[at]
            places = found.get(address, ())
            if len(places) < _DEEPEST:
                found[address] = (*places, Place(_short(where["file"]), number, _short(name)))
        at += 2
    return found


def _short(name: str) -> str:
    name = printable(name)
    return name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..."
