"""Time as a machine would have counted it that had nothing else to do.

A budget of seconds says how much may be tried. On a busy machine the same seconds are good for a part of it, and what
is found would depend on who else is at work. So the seconds go by as slowly as the machine is crowded: with so many
tasks that want to run for each processor. Standard library only.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_MOST = 20.0  # times as slowly, at most
_STAT = "/proc/stat"


def contention() -> float:
    """How many tasks want to run for each processor of the machine, at least 1 (proc_stat(5)).

    Both are of the whole machine, also where we may use only some of its processors.
    """
    processors, running = 0, 1
    try:
        with open(_STAT, encoding="ascii") as stat:
            for line in stat:
                name, *values = line.split()
                processors += name.startswith("cpu") and name != "cpu"
                running = int(values[0]) if name == "procs_running" else running
    except (OSError, ValueError, IndexError):
        return 1.0
    return min(max(1.0, running / max(1, processors)), _MOST)


class Clock:
    """Seconds that grow as slowly as the machine is crowded.

    How crowded it is is looked at whenever somebody asks for the time, when nothing of ours but who asks wants to run.
    """

    def __init__(self, measure: Callable[[], float] = contention, clock: Callable[[], float] = time.monotonic) -> None:
        self._measure, self._clock = measure, clock
        self._asked, self._tasks = clock(), measure()
        self._passed = 0.0

    def now(self) -> float:
        """Seconds since it was made."""
        asked, tasks = self._clock(), self._measure()
        self._passed += (asked - self._asked) * 2 / (self._tasks + tasks)
        self._asked, self._tasks = asked, tasks
        return self._passed
