"""Is a part of a case dead for ever, while others run on? Then the step that waits for that part never ends.

stuck.Watch proves that nothing at all can happen. Beside a process that computes, or sleeps, that cannot be said; but
what a step waits for may still be impossible. `Partial.certain` takes the processes on which the step depends and
says whether it is, in this order:

1. The circle: everybody on whom they wait, directly or not, as graph.circle finds it, where each waits for a known
   few alone: for its children, for who has an end of its pipe or socket pair, for its own threads. Who waits for
   something that any process could give, has a time-out, or runs, is in no circle.
2. All of the circle are blocked, and by what they wait in, by timers and alarms as dead as stuck.Watch asks for.
3. Nobody outside can reach in otherwise. Signals: no executable out there names kill() and its kin, nor a function
   that runs another program; nobody in the circle that catches SIGCHLD has a child out there; none in it lets SIGIO or
   SIGURG arrive, or has a descriptor with O_ASYNC, by which the kernel tells it of what others do; none names prctl()
   or mq_notify(), with which one gets a signal when somebody dies, or sends. Descriptors: no executable out there names
   recvmsg() (unix(7)). An executable that cannot be read, names syscall() or dlopen(), or maps an unknown library is
   taken to name everything; so is a process whose descriptors cannot be seen.
4. Again the circle, and the same: none of its tasks has run meanwhile (equal context switches, see stuck.py), and no
   process was born (the kernel counts them), so that no descriptor has been handed on to a child that was not listed.

Not seen: a descriptor that is opened anew by way of another process's /proc/PID/fd; another signal than SIGIO
(F_SETSIG) for a lease or a directory.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Collection, Iterable, Sequence

from driver import procfs
from driver.alarms import REACHES, foreign_libraries, names_in
from driver.stuck import Snapshot, Watch

_SIGCHLD, _SIGURG, _SIGIO = (1 << (number - 1) for number in (signal.SIGCHLD, signal.SIGURG, signal.SIGIO))
_FAMILY = frozenset({"prctl", "mq_notify", "syscall"})
_FIRST, _LONGEST = 0.03, 1.0  # seconds between two looks


class Partial:
    """Looks now and then at what one wait depends on.

    circle: as graph.circle for what lives now. living: who does. image: a path at which to read the names in the
    executable of a process.
    """

    def __init__(
        self,
        watch: Watch,
        living: Callable[[], Sequence[int]],
        circle: Callable[[Collection[int]], frozenset[int]],
        image: Callable[[int], str],
    ) -> None:
        self._watch = watch
        self._living = living
        self._circle = circle
        self._image = image
        self._found: frozenset[int] = frozenset()
        self._seen: Snapshot | None = None
        self.begin()

    def begin(self) -> None:
        """A wait begins, or something has happened."""
        self._pause = _FIRST
        self._next = time.monotonic() + _FIRST
        self._before: list[bytes] | None = None

    def due(self, needs: Callable[[], Collection[int]]) -> bool:
        """Is a closer look worth its time? needs: on whom the wait depends. They must not have run."""
        now = time.monotonic()
        if now < self._next:
            return False
        needed = needs()
        counters = [procfs.switches(pid) for pid in needed]
        same, self._before = counters == self._before, counters
        self._next = now + self._pause
        if same:
            self._pause = min(self._pause * 2, _LONGEST)
        return same and bool(needed)

    def certain(self, needed: Collection[int]) -> bool:
        """Will none of these ever go on, whatever the others do?"""
        circle = self._circle(needed)
        if not circle:
            return False
        before = self._watch.dead(circle)
        if before is None:
            return False
        born = procfs.last_pid()
        if not self._closed(circle) or self._circle(needed) != circle or procfs.last_pid() != born:
            return False
        self._found, self._seen = circle, before
        return self.still()

    def still(self) -> bool:
        """Is all as it was when this was last certain?"""
        return self._seen is not None and self._watch.dead(self._found) == self._seen

    def _closed(self, circle: frozenset[int]) -> bool:
        outside = [pid for pid in self._living() if pid not in circle]
        parents = {seen.ppid for pid in outside if (seen := procfs.stat(pid)) is not None}
        return (
            not any(self._names(pid, REACHES) or not procfs.fds(pid) for pid in outside)
            and not any(self._names(pid, _FAMILY) for pid in circle)
            and not any(_hears(pid, _SIGCHLD) for pid in circle & parents)
            and not any(_hears(pid, _SIGIO | _SIGURG) or _has_async(pid) for pid in circle)
        )

    def _names(self, pid: int, functions: frozenset[str]) -> bool:
        names = names_in(self._image(pid))
        return names is None or bool(names & functions) or foreign_libraries(pid)


def _hears(pid: int, signals: int) -> bool:
    """Would one of these signals run a handler of one of its tasks?"""
    seen: Iterable[procfs.Status | None] = (procfs.status(pid, tid) for tid in procfs.tids(pid))
    return any(status is None or status.caught & ~status.blocked & signals for status in seen)


def _has_async(pid: int) -> bool:
    """Does the kernel send a signal when something can be read or written (fcntl(2), O_ASYNC)?"""
    return any((procfs.fd_flags(pid, descriptor) or 0) & os.O_ASYNC for descriptor in procfs.fds(pid))
