"""The driver's side of the wire: plans in, observations out, until the engine goes away."""

from __future__ import annotations

import os
import traceback

from driver import ipc
from driver.building import Builder
from driver.inside import Inside, NoRuntimeError
from driver.lessons import Lessons
from driver.loop import ChildSignal, OverloadedError
from driver.player import DriveError, Player
from driver.stage import Programs
from driver.tracer import Recorder
from driver.workspace import Workspace
from grader import wire
from grader.wire import BuildPlan, CaseObservation, Ended, Fault, Plan

_LARGEST_PLAN = 64 << 20
_CHUNK = 1 << 16  # what is larger the C library takes from the kernel anew each time, page by page


class Channel:
    """Lines over a descriptor that the submission never has."""

    def __init__(self, read: int, write: int) -> None:
        self._read = read
        self._write = write
        self._buffer = bytearray()
        self._kept: list[bytes] = []

    def receive(self) -> bytearray | None:
        """The next line, or None when the engine has gone."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            data = os.read(self._read, _CHUNK)
            if not data:
                return None
            self._buffer += data
            if len(self._buffer) > _LARGEST_PLAN:
                raise ValueError("the plan is too large")
        # As a rule nothing comes behind it, so that nothing large is copied.
        line, self._buffer = self._buffer, self._buffer[end + 1 :]
        del line[end + 1 :]
        return line

    def send(self, document: object) -> None:
        """One observation, at once, behind those that were kept."""
        self.keep(document)
        self.flush()

    def keep(self, document: object) -> None:
        """One observation that goes out with the next, or at flush(). Who is woken for each has cold caches each time:
        of a dozen short cases in a row that was half of what it cost the engine to read and judge them."""
        self._kept.append(wire.encode(document))
        if sum(map(len, self._kept)) >= _CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send what was kept."""
        rest = memoryview(b"".join(self._kept))
        self._kept.clear()
        while rest:
            rest = rest[os.write(self._write, rest) :]


class Session:
    """What one sandbox does for one submission: builds stay, cases come and go."""

    def __init__(self, inside: Inside, channel: Channel, lessons: Lessons) -> None:
        self._inside = inside
        self._channel = channel
        self._lessons = lessons
        self._child_signal = ChildSignal()
        self._workspace = Workspace(
            inside.home,
            (*inside.temporary, inside.build),
            owner=inside.owner,
            group=inside.group,
            shared=inside.shared,
        )
        self._recorder = Recorder(inside, self._child_signal)
        self._built: dict[str, BuildPlan] = {}

    def serve(self) -> None:
        """Carry out plans until the channel ends. Whatever goes wrong is told as a Fault."""
        try:
            ipc.burn_first_ids()
            while (line := self._channel.receive()) is not None:
                self._carry_out(wire.decode(Plan, line))
        except (OverloadedError, DriveError, NoRuntimeError) as error:
            self._channel.send(Fault(str(error)))
        except Exception as error:  # noqa: BLE001 (the one place where a fault of ours is told)
            where = traceback.extract_tb(error.__traceback__)[-1]
            self._channel.send(
                Fault(f"driver: {type(error).__name__}: {error} ({os.path.basename(where.filename)}:{where.lineno})")
            )

    def _carry_out(self, plan: Plan) -> None:
        builder = Builder(self._inside, self._child_signal, self._workspace)
        failed = False
        for build in plan.builds:
            observation = builder.build(build)
            self._channel.send(observation)
            if observation.ok:
                self._built[build.name] = build
            else:
                failed = True
        player = Player(
            self._inside, self._child_signal, self._workspace, self._recorder, plan.drive, self._channel.flush
        )
        played = 0
        unplayed: set[str] = set()
        for case in self._lessons.cases(plan) if not failed else ():
            if unplayed.intersection(case.needs):
                unplayed.add(case.id)
                self._channel.keep(CaseObservation(case.id, case.build, Ended.SKIPPED, (), ()))
                continue
            build = self._built[case.build]
            names = tuple(link.program for link in build.links)
            programs = Programs(build.name, names, build.environment, build.address_space, build.runtime)
            seen = player.play(case, programs)
            if seen.ended is not Ended.DONE:
                unplayed.add(case.id)
            self._channel.keep(seen)
            played += 1
        self._channel.send(wire.Done(played))
