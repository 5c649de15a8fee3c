"""Holding a process at the point of a schedule until nobody else can go on.

The runtime of a traced build makes whoever comes to the point open a FIFO for reading, which waits for somebody
who opens it for writing (fifo(7)): the driver. So everybody who is held is let go at once, and the kernel tells
whether there was anybody. When that is done is a state, too, and no delay: stuck.Watch asks here when it has
found that all who are not held are blocked. So a schedule is the same on a loaded machine as on an idle one.

Somebody who waits in a loop of its own (`while (!ready) ;`) is never blocked. Then whoever is held is let go when
the others have made so many steps, or, where they make none that the runtime sees, after half a second. This is
the last resort, and nothing is concluded from it.
"""

from __future__ import annotations

import os
import time

from driver import calls, procfs
from driver.calls import Call
from driver.layout import Size
from driver.region import HOLD, Region

_STEPS = 2000  # calls and accesses to shared memory of the others
_SECONDS = 0.5


class Holds:
    """Whom the schedule of one case holds. place: the directory of the FIFO."""

    def __init__(self, region: Region, place: str) -> None:
        self._region = region
        self._path = f"{place}/{HOLD}"
        found = os.stat(self._path)
        self._file = (found.st_dev, found.st_ino)
        # A task is held once; who opens the FIFO by himself shall not keep the case from being judged.
        self._left: int = Size.MAX_TASKS
        self._since: tuple[float, int] | None = None

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

    def release(self) -> bool:
        """Let everybody go who is held; True if there was anybody."""
        self._since = None
        if not self._left:
            return False
        try:
            os.close(os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC))
        except OSError:  # ENXIO: nobody
            return False
        self._left -= 1
        return True

    def overdue(self) -> bool:
        """Let everybody go where the others have run for long enough; True if that was so."""
        if not self._left or not self._region.point_hits:
            return False
        tasks = self._region.tasks()
        if not any(task.is_held for task in tasks):
            self._since = None
            return False
        now, steps = time.monotonic(), sum(task.steps for task in tasks if not task.is_held)
        if self._since is None:
            self._since = (now, steps)
        began, before = self._since
        return (now - began > _SECONDS or steps - before >= _STEPS) and self.release()
