"""Compiling, inside the wall: as the submission, in a directory of its own, under limits of its own.

The compiler's input is hostile (#include "/dev/zero", endless macros), and so is its output:
what it wrote is copied, as a regular file of bounded size, to where the submission cannot write.
"""

from __future__ import annotations

import contextlib
import fnmatch
import os
import stat
import time
from collections.abc import Iterable, Sequence

from driver.inside import Inside, NoRuntimeError
from driver.loop import ChildSignal
from driver.tools import Ran, Tools
from driver.workspace import Workspace
from grader.wire import BuildObservation, BuildPlan, Ended, Link, SourceFile

_COPY = 1 << 16
_LARGEST_PROGRAM = 32 << 20
_READABLE = 0o755
_MOST_KEPT = 256 << 10  # bytes of all files together that a build is asked to keep


class Builder:
    """Builds programs into inside.programs/BUILD/PROGRAM."""

    def __init__(self, inside: Inside, child_signal: ChildSignal, workspace: Workspace) -> None:
        self._inside = inside
        self._workspace = workspace
        self._tools = Tools(inside, child_signal)

    def build(self, plan: BuildPlan) -> BuildObservation:
        """Carry out one build plan. The sources are gone again when this returns."""
        began = time.monotonic()
        folder = f"{self._inside.build}/{plan.name}"
        files = plan.files + (self._runtime() if plan.runtime else ())
        if self._inside.owner == os.geteuid():  # a sandbox of one uid: a case may have left something in the way
            self._workspace.empty(self._inside.build)
        os.mkdir(folder, 0o700)
        os.chown(folder, self._inside.owner, self._inside.group)
        try:
            self._lay(files, folder)
            output = b""
            ended, ok, commands, died = Ended.DONE, True, [], ""
            for link in plan.links:
                commands.append(" ".join(link.argv))
                ran = self._link(plan, link, folder, plan.limits.output - len(output))
                ended, ok, died = ran.ended, ran.ok, ran.died
                # Only our directory has such a path: without it, files are called as the student knows them.
                output += ran.output.replace(f"{folder}/".encode(), b"")
                if not ok:
                    break
                if refused := self._publish(plan, link, folder):
                    ok, output = False, output + refused
                    break
            kept = _kept(folder, plan.keep)
        finally:
            self._workspace.empty(self._inside.build)
        return BuildObservation(plan.name, ended, ok, output, time.monotonic() - began, tuple(commands), kept, died)

    def _runtime(self) -> tuple[SourceFile, ...]:
        files = self._inside.runtime()
        if not files:
            raise NoRuntimeError("there is no traced build here: the course's sandbox/ has no folder runtime/")
        return files

    @staticmethod
    def _lay(files: Iterable[SourceFile], folder: str) -> None:
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            for source in files:
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

    def _link(self, plan: BuildPlan, link: Link, folder: str, room: int) -> Ran:
        ran = self._tools.run(link.argv, folder, plan.limits, room)
        # A compiler that has something against a source says so. One that dies without a word was killed, as when the
        # whole machine runs out of memory; what it was asked to do may be done again.
        return self._tools.run(link.argv, folder, plan.limits, room) if ran.died else ran

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


def _kept(folder: str, patterns: Sequence[str]) -> dict[str, bytes]:
    """The regular files of these names, as many as there is room for: whatever the compiler has made or run."""
    kept: dict[str, bytes] = {}
    if not patterns:
        return kept
    room = _MOST_KEPT
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for name in sorted(os.listdir(directory)):
            if not name.isprintable() or not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                continue
            with contextlib.suppress(OSError):  # a link, for example
                kept[name] = _regular(name, directory, room)
                room -= len(kept[name])
    finally:
        os.close(directory)
    return kept


def _regular(name: str, directory: int, room: int) -> bytes:
    found = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=directory)
    try:
        about = os.fstat(found)
        if not stat.S_ISREG(about.st_mode) or about.st_size > room:
            raise OSError(f"{name} is no regular file, or too large")
        return os.pread(found, room, 0)
    finally:
        os.close(found)
