"""Compiling, inside the wall: as the submission, in a directory of its own, under limits of its own.

The compiler's input is hostile (#include "/dev/zero", endless macros), and so is its output:
what it wrote is copied, as a regular file of bounded size, to where the submission cannot write.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time

from driver.inside import Inside
from driver.launching import PATH, Launch, Launcher
from driver.loop import CaseEndedError, ChildSignal, Loop
from driver.processes import Family, Started
from driver.streams import Stream
from driver.workspace import Workspace
from grader.wire import BuildObservation, BuildPlan, Ended, Limits, Link

_COPY = 1 << 16
_PACE = 0.05  # a compiler works; nobody waits for a finer look at it
_LARGEST_PROGRAM = 32 << 20
_READABLE = 0o755


class Builder:
    """Builds programs into inside.programs/BUILD/PROGRAM."""

    def __init__(self, inside: Inside, child_signal: ChildSignal, workspace: Workspace) -> None:
        self._inside = inside
        self._child_signal = child_signal
        self._workspace = workspace
        self._launcher = Launcher(inside)

    def build(self, plan: BuildPlan) -> BuildObservation:
        """Carry out one build plan. The sources are gone again when this returns."""
        began = time.monotonic()
        folder = f"{self._inside.build}/{plan.name}"
        # An ordinary user's sandbox has one uid: there a case may have left something in the way.
        self._workspace.empty(self._inside.build)
        os.mkdir(folder, 0o700)
        os.chown(folder, self._inside.owner, self._inside.group)
        try:
            self._lay(plan, folder)
            output = b""
            ended, ok, commands = Ended.DONE, True, []
            for link in plan.links:
                commands.append(" ".join(link.argv))
                ended, ok, printed = self._link(plan, link, folder, plan.limits.output - len(output))
                output += printed
                if not ok:
                    break
                if refused := self._publish(plan, link, folder):
                    ok, output = False, output + refused
                    break
        finally:
            self._workspace.empty(self._inside.build)
        return BuildObservation(plan.name, ended, ok, output, time.monotonic() - began, tuple(commands))

    def _lay(self, plan: BuildPlan, folder: str) -> None:
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            for source in plan.files:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                made = os.open(source.name, flags, 0o444, dir_fd=directory)
                try:
                    rest = memoryview(source.content)
                    while rest:
                        rest = rest[os.write(made, rest) :]
                finally:
                    os.close(made)
        finally:
            os.close(directory)

    def _link(self, plan: BuildPlan, link: Link, folder: str, room: int) -> tuple[Ended, bool, bytes]:
        family = Family(self._inside.reach)
        limits: Limits = plan.limits
        loop = Loop(family, limits, self._child_signal, None, first=_PACE, pace=_PACE, alarm=lambda _: False)
        read, write = os.pipe2(os.O_CLOEXEC)
        null = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        stream = Stream(read, max(room, 1), loop.more)
        try:
            launch = Launch(
                name=link.program,
                file=shutil.which(link.argv[0], path=PATH) or link.argv[0],
                argv=link.argv,
                env={"PATH": PATH, "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8"},
                cwd=folder,
                limits=limits,
            )
            launched = self._launcher.start(launch, (null, write, write))
            if launched.error:
                raise OSError(f"cannot run the compiler {link.argv[0]}: {launched.error}")
        finally:
            os.close(write)
            os.close(null)
        compiler = Started(link.program, link.argv, launched.pid, stream, None, -1)
        family.add(compiler)
        loop.follow("the compiler", stream)
        ended = Ended.DONE
        killed = self._inside.killed_for_memory()
        try:
            loop.wait(lambda: not compiler.alive, "the compiler")
            loop.drain_ended([compiler])
        except CaseEndedError as end:
            ended = end.ended
        finally:
            family.kill_all()
            stream.close()
        if self._inside.killed_for_memory() > killed:
            ended = Ended.MEMORY
        # Only our directory has such a path: without it, files are called as the student knows them.
        printed = bytes(stream.received).replace(f"{folder}/".encode(), b"")
        return ended, ended is Ended.DONE and compiler.status == 0, printed

    def _publish(self, plan: BuildPlan, link: Link, folder: str) -> bytes:
        """Copy the program to where the submission can run it and not write it.

        Returns what the student is to be told where that is refused, else nothing.
        """
        try:
            source = os.open(f"{folder}/{link.program}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return f"{link.argv[0]}: error: no program {link.program} was made\n".encode()
        try:
            about = os.fstat(source)
            if not stat.S_ISREG(about.st_mode):
                return f"{link.argv[0]}: error: {link.program} is no regular file\n".encode()
            if about.st_size > _LARGEST_PROGRAM:
                allowed = _LARGEST_PROGRAM >> 20
                return f"{link.argv[0]}: error: {link.program} is larger than {allowed} MiB (a huge array?)\n".encode()
            programs = self._inside.programs_fd
            with contextlib.suppress(FileExistsError):
                os.mkdir(plan.name, 0o755, dir_fd=programs)
            place = os.open(plan.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=programs)
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                target = os.open(link.program, flags, 0o700, dir_fd=place)
                try:
                    while self._copy(source, target):
                        pass
                    os.fchmod(target, self._inside.partner_mode if plan.partner else _READABLE)
                finally:
                    os.close(target)
            finally:
                os.close(place)
        finally:
            os.close(source)
        return b""

    @staticmethod
    def _copy(source: int, target: int) -> bool:
        data = os.read(source, _COPY)
        os.write(target, data)
        return bool(data)
