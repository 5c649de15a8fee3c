"""File locks that are held and waited for, from /proc/locks (proc(5))."""

from __future__ import annotations

from dataclasses import dataclass

from driver import procfs


@dataclass(frozen=True)
class Lock:
    """One line of /proc/locks. number: of the lock that it is, or waits for. kind: READ or WRITE."""

    number: str
    waits: bool
    kind: str
    pid: int
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


_MOST_READS = 20


def lines() -> list[str]:
    """The lines of /proc/locks, from as many reads as it takes for two in a row to say the same.

    The file goes through the locks of the whole machine by position: where others come and go meanwhile, one
    read in a hundred lacked a line (measured with 160 locks that were taken and released all the time).
    """
    before = None
    for _ in range(_MOST_READS):
        now = (procfs.read_all("/proc/locks") or b"").decode("ascii", "replace").splitlines()
        if now == before:
            break
        before = now
    return before or []


def locks() -> list[Lock]:
    """Every lock of the machine that this PID namespace may see."""
    found = []
    for line in lines():
        words = line.split()
        waits = len(words) > 1 and words[1] == "->"
        if waits:
            del words[1]
        if len(words) >= 8:
            found.append(Lock(words[0], waits, words[3], int(words[4]), words[6], words[7]))
    return found
