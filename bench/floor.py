"""The floor: what a minimal script must spend to build a solution and play the same cases.

The same compiler command, the same processes and the same bytes as the exercise's plan, with plain
subprocess: no sandbox, no limits, no checks, no census, no report. States that a case waits for are
left out unless the script could not go on; then it looks every half millisecond.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from functools import singledispatchmethod
from pathlib import Path

from grader import wire
from grader.wire import BuildPlan, CasePlan

_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
_LOOK = 0.0005
_PATIENCE = 10.0


@dataclass
class Spent:
    """Seconds of wall time."""

    build: float = 0.0
    cases: dict[str, float] = field(default_factory=dict)


def play(build: BuildPlan, cases: tuple[CasePlan, ...]) -> Spent:
    """Build, and play every case, in a temporary directory."""
    spent = Spent()
    with tempfile.TemporaryDirectory(prefix="grader-bench-") as name:
        folder = Path(name)
        began = time.monotonic()
        for source in build.files:
            (folder / source.name).write_bytes(source.content)
        for link in build.links:
            subprocess.run(link.argv, cwd=folder, env=_ENVIRONMENT, capture_output=True, check=True)
        spent.build = time.monotonic() - began
        for case in cases:
            began = time.monotonic()
            place = folder / case.id
            place.mkdir()
            scene = _Scene(place, folder)
            try:
                for step in case.steps:
                    scene.play(step)
            finally:
                scene.close()
            spent.cases[case.id] = time.monotonic() - began
    return spent


class _Scene:
    """One case. play() knows the verbs that the measured exercise uses, and refuses the others."""

    def __init__(self, place: Path, programs: Path) -> None:
        self._place = place
        self._programs = programs
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._handles: dict[str, int] = {}

    def close(self) -> None:
        for handle in self._handles.values():
            os.close(handle)
        for process in self._running.values():
            process.kill()
            process.communicate()

    def _until_there(self, path: str) -> Path:
        found, end = self._place / path, time.monotonic() + _PATIENCE
        while not found.exists():
            if time.monotonic() > end:
                raise TimeoutError(f"{path} has not come")
            time.sleep(_LOOK)
        return found

    @singledispatchmethod
    def play(self, step: wire.Step) -> None:
        raise NotImplementedError(f"the floor does not know the verb {type(step).__name__}")

    @play.register
    def _(self, step: wire.Start) -> None:
        # Without a program of the build, argv[0] is a command of the system.
        command = str(self._programs / step.program) if step.program else step.argv[0]
        self._running[step.name] = subprocess.Popen(
            [command, *step.argv[1:]],
            cwd=self._place,
            env=_ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @play.register
    def _(self, step: wire.Blocked) -> None:
        # Whoever blocks in open() of a FIFO has made it; the script goes on from there.
        if step.call == "open":
            self._until_there(step.object)

    @play.register
    def _(self, step: wire.Exists) -> None:
        if not step.gone:
            self._until_there(step.path)

    @play.register
    def _(self, step: wire.Write) -> None:
        if step.to in self._handles:
            os.write(self._handles[step.to], step.data)
            return
        with self._until_there(step.to).open("wb") as target:
            target.write(step.data)

    @play.register
    def _(self, step: wire.Open) -> None:
        flags = os.O_WRONLY if step.mode == "write" else os.O_RDONLY
        self._handles[step.name] = os.open(self._until_there(step.path), flags | os.O_CLOEXEC)

    @play.register
    def _(self, step: wire.Close) -> None:
        os.close(self._handles.pop(step.name))

    @play.register
    def _(self, step: wire.Make) -> None:
        (self._place / step.path).write_bytes(step.data)

    @play.register
    def _(self, step: wire.Contents) -> None:
        (self._place / step.path).read_bytes()

    @play.register
    def _(self, step: wire.Signal) -> None:
        for name in step.signals:
            self._running[step.to].send_signal(signal.Signals[f"SIG{name.removeprefix('SIG')}"])

    @play.register
    def _(self, step: wire.Kill) -> None:
        process = self._running.pop(step.name)
        process.kill()
        process.communicate()

    @play.register
    def _(self, step: wire.Finish) -> None:
        self._running.pop(step.name).communicate()
