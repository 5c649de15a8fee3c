"""Holding a process at the point of a schedule until nobody else can go on.

The runtime of a traced build makes whoever comes to the point open a FIFO for reading, which waits for somebody
who opens it for writing (fifo(7)): the driver. So everybody who is held is let go at once, and the kernel tells
whether there was anybody. Who comes while the driver still has it open is told by a count in the region that this
was not for him. When that is done is a state, too, and no delay: stuck.Watch asks here when it has
found that all who are not held are blocked. So a schedule is the same on a loaded machine as on an idle one.

Somebody who waits in a loop of its own (`while (!ready) ;`, with or without a sleep in it) is never blocked for good.
Then whoever is held is let go when the others have made so many steps, or slept so often, or used so much of
the CPU: their work is measured, not the time, which says nothing on a loaded machine. Time counts only in the end,
where somebody waits in a way that is not understood, and only time in which nobody was kept from the CPU. From none of
this anything is concluded.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from driver import calls, procfs
from driver.calls import Call
from driver.region import HOLD, Region

_STEPS = 2000  # calls and accesses to shared memory of the others
_NAPS = 25  # times that one of them was seen to sleep anew
_CPU = 0.3  # seconds
_SECONDS = 3.0
_RELEASES = 1_000


class Holds:
    """Whom the schedule of one case holds. place: the directory of the FIFO."""

    def __init__(self, region: Region, place: str) -> None:
        self._region = region
        self._path = f"{place}/{HOLD}"
        found = os.stat(self._path)
        self._file = (found.st_dev, found.st_ino)
        # Who opens the FIFO by himself, again and again, shall not keep the case from being judged.
        self._left = _RELEASES
        self._let_go = 0  # of region.point_hits
        self._since: _Work | None = None
        self._naps = 0
        self._slept: dict[int, int] = {}  # tid -> its steps when it was last seen to sleep

    def holds(self, tid: int, call: Call) -> bool:
        """Is a task that is blocked in this call held?"""
        if call.family != "open" or not self._left:
            return False
        path = call.path or calls.locate(tid, call).path
        if not path.endswith(f"/{HOLD}"):
            return False
        try:
            found = procfs.file_stat(f"/proc/{tid}/root/{path}")
        except (OSError, ValueError):
            return False
        return (found.st_dev, found.st_ino) == self._file

    def anyone(self, pid: int) -> bool:
        """Is a thread of this process held?"""
        return any(self.holds(call.tid, call) for call in calls.blocked(pid))

    def pending(self) -> bool:
        """Has somebody come to the point since all were let go? Cheap; whether he is held is for `holds` to say."""
        return self._left > 0 and self._region.point_hits > self._let_go

    def release(self) -> bool:
        """Let everybody go who is held; True if there was anybody."""
        self._since = None
        if not self._left:
            return False
        hits = self._region.point_hits
        self._region.release()
        try:
            os.close(os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC))
        except OSError:  # ENXIO: nobody
            return False
        self._left -= 1
        self._let_go = hits
        return True

    def overdue(self, cpu: float, passed: float) -> bool:
        """Let everybody go where the others have worked for long enough; True if that was so.

        cpu: seconds that all have used so far. passed: those of wall-clock time, but of what somebody had to wait for
        a processor only what he then used of it.
        """
        if not self._left or not self._region.point_hits:
            return False
        tasks = self._region.tasks()
        if not any(task.is_held for task in tasks):
            self._since = None
            return False
        others = [task for task in tasks if not task.is_held]
        now = _Work(passed, cpu, sum(task.steps for task in others))
        if self._since is None:
            self._since, self._naps = now, 0
        for task in others:
            if task.sleeping and self._slept.get(task.tid) != task.steps:
                self._slept[task.tid] = task.steps
                self._naps += 1
        if not (now.exceeds(self._since) or self._naps >= _NAPS):
            return False
        self._region.hold_no_longer()  # who comes last everywhere is not waited for as long at every place
        return self.release()


class _Work(NamedTuple):
    """What was done up to a moment."""

    time: float
    cpu: float
    steps: int

    def exceeds(self, before: _Work) -> bool:
        """Is it more than anybody who is held should have to wait for?"""
        return self.steps - before.steps >= _STEPS or self.cpu - before.cpu > _CPU or self.time - before.time > _SECONDS
