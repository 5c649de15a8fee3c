"""What the verbs of one case share: its processes, its handles, its names, its loop.

The verbs themselves, one function a step, are in driver.verbs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from driver import graph, procfs
from driver.census import Census
from driver.inside import Inside
from driver.launching import Launcher
from driver.layout import Way
from driver.loop import CaseEndedError, ChildSignal, Loop
from driver.processes import Child, Family, Started
from driver.streams import Stream
from driver.tracer import Tracer
from driver.workspace import Workspace
from grader.wire import Ended, Limits, WaitGraph

_PLAIN = "plain"  # the build of the same sources that is played first
_PLACEHOLDER = re.compile(r"%\{([\w.-]+)\.(pid|id)\}")


@dataclass
class Handle:
    """Something that the driver holds for the case. write: descriptor to write to, or -1."""

    name: str
    write: int = -1
    stream: Stream | None = None
    path: str = ""

    def close(self) -> None:
        """Let go of both ends. May be called twice."""
        if self.write >= 0 and (self.stream is None or self.write != self.stream.descriptor):
            os.close(self.write)
        self.write = -1
        if self.stream is not None:
            self.stream.close()


@dataclass(frozen=True)
class Programs:
    """What the build of this case offers. environment: to start its programs with, besides the usual."""

    build: str
    names: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    address_space: bool = True
    traced: bool = False


class Stage:
    """One case while it is played."""

    def __init__(
        self,
        inside: Inside,
        limits: Limits,
        programs: Programs,
        child_signal: ChildSignal,
        workspace: Workspace,
        census: Census,
        tracer: Tracer | None,
        meanwhile: Callable[[], None],
    ) -> None:
        """tracer: of a traced build. meanwhile: see loop.Loop."""
        self.inside = inside
        self.limits = limits
        self.programs = programs
        self.workspace = workspace
        self.census = census
        self.family = Family(inside.reach)
        self.tracer = tracer
        self.loop = self._loop(child_signal, meanwhile)
        self.launcher = Launcher(inside, self.loop.wait)
        self.handles: dict[str, Handle] = {}
        self.ids: dict[str, int] = {}

    def _loop(self, child_signal: ChildSignal, meanwhile: Callable[[], None]) -> Loop:
        loop = partial(
            Loop,
            self.family,
            self.limits,
            child_signal,
            self.wait_graph,
            meanwhile=meanwhile,
            circle=self._circle,
        )
        tracer = self.tracer
        if tracer is None:
            return loop(programs=self.program_paths())
        # Its programs all name alarm() and exec(), which they were linked with; what they do is on record.
        return loop(alarm=tracer.alarm, holds=tracer.holds, shared=tracer.shared, image=self._twin)

    def _circle(self, needed: Collection[int]) -> frozenset[int]:
        if any(started.tty for started in self.family.started.values()):
            return frozenset()  # who hangs up a terminal signals everybody
        return graph.circle(self.family.living(), self._held(), needed)

    def _twin(self, pid: int) -> str:
        """The plain build of a traced program, which names what it uses; the traced one names what the runtime does."""
        path = procfs.exe(pid) or ""
        if path not in self.program_paths():
            return f"/proc/{pid}/exe"
        return f"{self.inside.programs}/{_PLAIN}/{os.path.basename(path)}"

    # --- the whole of it -------------------------------------------------------------------

    def wait_graph(self) -> WaitGraph:
        """Who waits for whom right now."""
        self.learn()
        marks = self.tracer is not None
        return graph.wait_graph(
            self.family.living(), self.family.names, self._held(), halted=self.family.halted, marks=marks
        )

    def learn(self) -> None:
        """Give every process its name; the runtime saw also those be born that were gone before we looked."""
        self.family.learn()
        if self.tracer is not None:
            self.family.know(self.tracer.names(self.family.names))

    def acts(self, way: Way) -> None:
        """To be called before whatever a program can hear of, at the last moment: what was waited for is past."""
        if self.tracer is not None:
            self.tracer.acts(way)

    def will_write(self, descriptor: int) -> None:
        """The scenario may write to this, or what a program reads from this."""
        if self.tracer is not None:
            self.tracer.will_write(descriptor)

    def held(self, pids: Iterable[int]) -> bool:
        """Is any of these held by the schedule? Then it is in no state that a step could wait for."""
        holds = self.tracer.holds if self.tracer is not None else None
        return holds is not None and any(map(holds.anyone, pids))

    def program_paths(self) -> tuple[str, ...]:
        """Where the programs of this build lie."""
        return tuple(f"{self.inside.programs}/{self.programs.build}/{name}" for name in self.programs.names)

    def values(self) -> dict[str, str]:
        """What %{...} stood for, for the reader of a report."""
        made = {f"{name}.id": str(number) for name, number in self.ids.items()}
        return made | {f"{name}.pid": str(started.pid) for name, started in self.family.started.items()}

    def close(self) -> None:
        """Let go of every descriptor. The processes are dead by now."""
        for handle in self.handles.values():
            handle.close()
        for started in self.family.started.values():
            started.close_stdin()
            started.let_leader_go()
            for stream in (started.stdout, started.stderr):
                if stream is not None:
                    stream.close()

    def _held(self) -> dict[str, str]:
        """Ends of pipes that the driver holds, by what /proc/PID/fd calls them."""
        ends: list[tuple[int, str]] = []
        for started in self.family.started.values():
            if started.stdin >= 0:
                ends.append((started.stdin, f"standard input of {started.name}, which the scenario holds open"))
            ends += [
                (stream.descriptor, f"{words} of {started.name}, which the grader reads")
                for stream, words in ((started.stdout, "standard output"), (started.stderr, "standard error"))
                if stream is not None and not stream.closed
            ]
        for handle in self.handles.values():
            descriptor = handle.stream.descriptor if handle.stream and not handle.stream.closed else handle.write
            if descriptor >= 0:
                ends.append((descriptor, f"{handle.path or handle.name}, which the scenario holds open"))
        held: dict[str, str] = {}
        for descriptor, words in ends:
            held[os.readlink(f"/proc/self/fd/{descriptor}")] = words
        return held

    # --- names -----------------------------------------------------------------------------

    def fill(self, text: str) -> str:
        """Replace %{NAME.pid} and %{NAME.id}."""

        def value(match: re.Match[str]) -> str:
            name, what = match[1], match[2]
            if what == "pid":
                return str(self.one(name).pid)
            if name not in self.ids:
                raise CaseEndedError(Ended.REFUSED, f"no object called {name} was made")
            return str(self.ids[name])

        return _PLACEHOLDER.sub(value, text) if "%{" in text else text

    def fill_bytes(self, data: bytes) -> bytes:
        """The same in bytes, whatever else they are."""
        if b"%" not in data or b"%{" not in data:  # one byte is found much faster than two
            return data
        return self.fill(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def all(self, name: str) -> list[Started]:
        """NAME, or NAME.1, NAME.2, ... where it was started several times."""
        if name in self.family.started:
            return [self.family.started[name]]
        found = [started for key, started in self.family.started.items() if key.rpartition(".")[0] == name]
        if not found:
            raise CaseEndedError(Ended.REFUSED, f"{name} was not started")
        return found

    def members(self, name: str) -> Sequence[Started | Child]:
        """The same, or `child 2 of NAME`: children count as they are first seen, in the order of their birth."""
        if " of " not in name:
            return self.all(name)
        parent = self.one(name.rpartition(" of ")[2])
        found: list[Child] = []

        def there() -> bool:
            child = self.family.child(name)
            if child is not None:
                found.append(child)
            elif not parent.alive:
                raise CaseEndedError(Ended.EXITED, f"{parent.name} has ended", parent.name)
            return child is not None

        self.loop.wait(there, f"{name} to be there")
        return found

    def one(self, name: str) -> Started:
        """The first of all(name)."""
        return self.all(name)[0]

    def stream(self, name: str, stream: str) -> tuple[Stream, str]:
        """The stream that a step reads from, and whose it is."""
        handle = self.handles.get(name)
        if handle is not None and handle.stream is not None:
            self.loop.follow(name, handle.stream)
            return handle.stream, name
        started = self.one(name)
        found = started.stderr if stream == "stderr" and not started.tty else started.stdout
        if found is None:
            raise CaseEndedError(Ended.REFUSED, f"{name} has no {stream} that the scenario reads")
        return found, started.name

    def place(self, path: str) -> str:
        """A path of the scenario as the driver finds it."""
        return os.path.join(self.inside.home, self.fill(path))

    def handle(self, name: str) -> Handle:
        """What an open step called so."""
        if name not in self.handles:
            raise CaseEndedError(Ended.REFUSED, f"nothing called {name} was opened")
        return self.handles[name]
