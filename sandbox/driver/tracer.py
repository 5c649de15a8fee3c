"""A traced case while it is played: what the driver tells the runtime, and what it asks of it.

`Recorder` is kept for all cases of a sandbox, `Tracer` for one. What the runtime has recorded is told afterwards
(driver.tracing).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from driver import procfs, sampling, tracing
from driver.census import Census
from driver.explaining import explained, unexplained
from driver.holds import Holds
from driver.inside import Inside
from driver.layout import Way
from driver.loop import ChildSignal
from driver.region import DamagedError, Reading, Region
from driver.symbols import Symbols
from driver.tools import Tools
from driver.tracing import Account
from grader.trace import Place, Trace, Tracing
from grader.wire import CaseObservation

_MOST_SAMPLED = 64  # processes


class Recorder:
    """The place of the region, made when it is first needed, and what is known of programs."""

    def __init__(self, inside: Inside, child_signal: ChildSignal) -> None:
        self._inside = inside
        self._symbols = Symbols(inside.programs, Tools(inside, child_signal))
        self._file = -1

    def begin(self, asked: Tracing, build: str, programs: Sequence[str]) -> Tracer:
        """Make the region anew for a case, and those of the build that are traced."""
        inside = self._inside
        if self._file < 0:
            self._file = inside.lay_trace(inside.trace)
        region = Region(self._file)
        region.begin(asked, inside.owner, inside.group)
        held = asked.point is not None and asked.point.fault is None
        holds = Holds(region, inside.trace) if held else None
        return Tracer(region, holds, asked, Built(inside.programs, build, tuple(programs)), self._symbols)


@dataclass(frozen=True)
class Built:
    """The programs of a traced build."""

    folder: str
    build: str
    names: tuple[str, ...]

    @cached_property
    def paths(self) -> frozenset[str]:
        """Where they lie."""
        return frozenset(f"{self.folder}/{self.build}/{name}" for name in self.names)


class Tracer:
    """holds: None where nobody is held in this case."""

    def __init__(self, region: Region, holds: Holds | None, asked: Tracing, built: Built, symbols: Symbols) -> None:
        self.holds = holds
        self._region = region
        self._asked = asked
        self._built = built
        self._symbols = symbols
        self._roots: list[str] = []
        self._running: dict[int, tuple[str, tuple[int, ...]]] = {}

    # --- what the runtime is told ----------------------------------------------------------------

    def starts(self, name: str, pid: int) -> None:
        """A program is about to be executed; it waits at the gate."""
        self._roots.append(name)
        self._region.add_root(pid)
        self.acts(Way.BY_BIRTH)

    def acts(self, way: Way) -> None:
        """The scenario is about to do something of which a program can hear."""
        self._region.publish(way)

    def will_write(self, descriptor: int) -> None:
        """The scenario may write to this descriptor, or the program that it is for reads from it."""
        found = os.fstat(descriptor)
        self._region.add_end(found.st_dev, found.st_ino)

    # --- what it is asked -------------------------------------------------------------------------

    def alarm(self, pid: int) -> bool | None:
        """Is an alarm() or setitimer() pending in a process? None: it is none of ours (see stuck.Watch)."""
        if any(task.pid == pid and task.alarm for task in self._region.tasks()):
            return True  # also after it has executed another program, which keeps it
        return False if procfs.exe(pid) in self._built.paths else None

    def knows(self, pid: int) -> bool:
        """Has a program that was started heard of what was before its birth? Also where it never will."""
        if procfs.exe(pid) not in self._built.paths:
            return True
        return self._region.owner == 0 and any(task.pid == pid for task in self._region.tasks())

    def amid(self, pid: int) -> bool:
        """Does a thread of this process change the region just now? Nobody else can, if it is stopped there."""
        owner = self._region.owner
        return owner != 0 and owner in procfs.tids(pid)

    def shared(self, pid: int) -> int:
        """Bytes of the region in the resident memory of a process, or a little more."""
        return min(procfs.shared(pid), self._region.allocated)

    def reading(self) -> Reading | None:
        """What the region holds now, None where that cannot be read."""
        try:
            return self._region.read()
        except DamagedError:
            return None

    def names(self, known: Mapping[int, str]) -> dict[int, str]:
        """The processes by pid as the runtime has seen them be born. known: those that the scenario started."""
        reading = self.reading()
        if reading is None:
            return {}
        names = tracing.names(reading, self._roots, known)
        return {task.pid: name for task, name in zip(reading.tasks, names, strict=True) if not task.thread}

    def sample(self, pids: Sequence[int]) -> None:
        """Note where those are that run without making a call; they are stopped afterwards."""
        used = {pid: stat.cpu for pid in pids if (stat := procfs.stat(pid)) is not None}
        for pid in sorted(used, key=lambda pid: -used[pid])[:_MOST_SAMPLED]:
            for seen in sampling.sample(pid, self._built.paths):
                self._running[seen.tid] = (os.path.basename(seen.program), seen.addresses)

    # --- afterwards --------------------------------------------------------------------------------

    def explain(self, seen: CaseObservation, known: Mapping[int, str], census: Census) -> CaseObservation:
        """The observation with all that the runtime has recorded, when nobody is left who could change that.

        known: names by pid. census: of this case.
        """
        try:
            reading = self._region.read()
        except DamagedError as error:
            point = str(self._asked.point) if self._asked.point is not None else ""
            return unexplained(replace(seen, trace=Trace(intact=False, damage=str(error), point=point)))
        called = tracing.names(reading, self._roots, known)

        def tell(place: Callable[[str, int], Sequence[Place]]) -> CaseObservation:
            account = Account(reading, called, place, self._running)
            return replace(explained(seen, account, census), trace=account.everything(self._asked))

        wanted: dict[str, set[int]] = {}

        def remember(image: str, address: int) -> Sequence[Place]:
            wanted.setdefault(image, set()).add(address)
            return (Place(image),)

        tell(remember)
        # Others are programs that the submission has made itself.
        places = {
            image: self._symbols.places(f"{self._built.build}/{image}", addresses)
            for image, addresses in wanted.items()
            if image in self._built.names
        }
        return tell(lambda image, address: places.get(image, {}).get(address, (Place(image),)))
