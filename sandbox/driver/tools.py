"""Running a tool, the compiler or addr2line, as the submission: what it is given to read is hostile."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from driver.inside import Inside
from driver.launching import PATH, Launch, Launcher
from driver.loop import CaseEndedError, ChildSignal, Loop
from driver.processes import Family, Started
from driver.streams import Stream
from grader.wire import Ended, Limits

# A tool works, and its end is announced: nobody waits for a finer look at it, and most compilers are done before one.
_PACE = 0.2


@dataclass(frozen=True)
class Ran:
    """What came of it. ok: it exited with 0. output: both of its streams, cut where there was no more room.

    died: how it came to its end ("SIGKILL", "exit status 4") if it was not a good one and it did not say why.
    """

    ended: Ended
    ok: bool
    output: bytes
    died: str


class Tools:
    """Runs tools, one at a time, while no case is played."""

    def __init__(self, inside: Inside, child_signal: ChildSignal) -> None:
        self._inside = inside
        self._child_signal = child_signal
        self._launcher = Launcher(inside)

    def run(self, argv: Sequence[str], folder: str, limits: Limits, room: int) -> Ran:
        """Run a command in a folder. room: bytes that it may print. Raises OSError where it cannot be started."""
        family = Family(self._inside.reach)
        loop = Loop(family, limits, self._child_signal, None, first=_PACE, pace=_PACE, alarm=lambda _: False)
        read, write = os.pipe2(os.O_CLOEXEC)
        null = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        stream = Stream(read, max(room, 1), loop.more)
        try:
            launch = Launch(
                name=argv[0],
                file=argv[0],
                argv=tuple(argv),
                env={"PATH": PATH, "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"},
                cwd=folder,
                limits=limits,
            )
            launched = self._launcher.start(launch, (null, write, write))
            self._launcher.settle(launched)
            if launched.error:
                raise OSError(f"cannot run {argv[0]}: {launched.error}")
        finally:
            os.close(write)
            os.close(null)
        tool = Started(argv[0], tuple(argv), launched.pid, stream, None, -1)
        family.add(tool)
        loop.follow(argv[0], stream)
        ended = Ended.DONE
        killed = self._inside.killed_for_memory()
        try:
            loop.wait(lambda: not tool.alive, argv[0])
            loop.drain_ended([tool])
        except CaseEndedError as end:
            ended = end.ended
        finally:
            family.kill_all()
            stream.close()
        if self._inside.killed_for_memory() > killed:
            ended = Ended.MEMORY
        outcome, output = tool.outcome(), bytes(stream.received)
        ok = ended is Ended.DONE and outcome.exit_code == 0
        died = not ok and not output and ended in (Ended.DONE, Ended.EXITED)
        return Ran(ended, ok, output, (outcome.signal or f"exit status {outcome.exit_code}") if died else "")
