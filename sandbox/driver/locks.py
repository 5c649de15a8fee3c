"""File locks that are held and waited for, from /proc/locks (proc(5))."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from driver import procfs


@dataclass(frozen=True)
class Lock:
    """One line of /proc/locks. number: equal for a lock and those who wait for it. family: POSIX, FLOCK, OFDLCK.

    kind: READ or WRITE. pid: of who took it, -1 for a lock of an open file. file: as file_words has it.
    """

    number: str
    waits: bool
    family: str
    kind: str
    pid: int
    file: str
    start: str
    end: str

    @property
    def whole(self) -> bool:
        """It covers the file, whatever its size becomes."""
        return self.start == "0" and self.end == "EOF"

    @property
    def part(self) -> str:
        """Which bytes, in words."""
        if self.end == "EOF":
            return f"bytes {self.start} to the end"
        return f"byte {self.start}" if self.start == self.end else f"bytes {self.start} to {self.end}"


def file_words(device: int, inode: int) -> str:
    """How /proc/locks names a file: MAJOR:MINOR:INODE."""
    return f"{os.major(device):02x}:{os.minor(device):02x}:{inode}"


_MOST_READS = 20  # each of a page waits, on a busy machine, for up to a tenth of a second


def locks(concerns: Callable[[Lock], bool], waiting: Collection[int] = ()) -> list[Lock]:
    """The locks that concern the caller, with whoever waits for one, all that were seen in some read.

    One read() of the file gives a page at most, and the next goes on at a position in the locks of the whole machine:
    where others come and go meanwhile, lines are passed over, a dozen times in a row on a busy one. So it is read
    until each of these processes is seen to wait, or, where nobody does, until two reads agree.
    """
    found: dict[Lock, list[Lock]] = {}
    before = None
    for _ in range(_MOST_READS):
        text = procfs.read_all("/proc/locks") or b""
        for held, lines in _concerning(text, concerns).items():
            if len(lines) > len(found.get(held, ())):
                found[held] = lines
        seen = {line.pid for lines in found.values() for line in lines if line.waits}
        if seen.issuperset(waiting) if waiting else text == before:
            break
        before = text
    numbers: dict[tuple[Lock, str], str] = {}
    return [
        replace(line, number=numbers.setdefault((held, line.number), str(len(numbers))))
        for held, lines in found.items()
        for line in lines
    ]


def _concerning(text: bytes, concerns: Callable[[Lock], bool]) -> dict[Lock, list[Lock]]:
    """By what is held, whatever its number: the lines of it and of those who wait for it."""
    made: dict[Lock, list[Lock]] = {}
    for _, group in itertools.groupby(_parsed(text), lambda lock: lock.number):
        lines = list(group)
        if any(map(concerns, lines)):
            made.setdefault(replace(lines[0], number=""), []).extend(lines)
    return made


def _parsed(text: bytes) -> Iterator[Lock]:
    for line in text.decode("ascii", "replace").splitlines():
        words = line.split()
        waits = len(words) > 1 and words[1] == "->"
        if waits:
            del words[1]
        if len(words) >= 8:
            yield Lock(words[0], waits, words[1], words[3], int(words[4]), words[5], words[6], words[7])
