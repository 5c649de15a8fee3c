"""File locks that are held and waited for, from /proc/locks (proc(5))."""

from __future__ import annotations

import os
from collections.abc import Callable
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


_MOST_READS = 20


def locks(concerns: Callable[[Lock], bool]) -> list[Lock]:
    """The locks that concern the caller, and whoever waits for one, from as many reads as two in a row need to agree.

    The file goes through the locks of the whole machine by position: where others come and go meanwhile, one
    read in a hundred lacked a line (measured with 160 locks that were taken and released all the time). Those others
    are left out, also of the numbers, so that reads agree however many they are.
    """
    before = None
    for _ in range(_MOST_READS):
        now = _concerning(concerns)
        if now == before:
            break
        before = now
    return before or []


def _concerning(concerns: Callable[[Lock], bool]) -> list[Lock]:
    seen = _all()
    numbers = dict.fromkeys(lock.number for lock in seen if concerns(lock))
    order = {number: str(place) for place, number in enumerate(numbers)}
    return [replace(lock, number=order[lock.number]) for lock in seen if lock.number in order]


def _all() -> list[Lock]:
    found = []
    for line in (procfs.read_all("/proc/locks") or b"").decode("ascii", "replace").splitlines():
        words = line.split()
        waits = len(words) > 1 and words[1] == "->"
        if waits:
            del words[1]
        if len(words) >= 8:
            found.append(Lock(words[0], waits, words[1], words[3], int(words[4]), words[5], words[6], words[7]))
    return found
