"""What the driver knows of the place that it runs in; each backend fills one of these in.

The driver does the same in every sandbox; only these facts differ: who the submission is, where
things lie, and how one becomes the submission.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from driver import region
from driver.reach import Namespace, Reach
from driver.vforking import Vforking
from grader import wire
from grader.wire import SourceFile


class NoRuntimeError(Exception):
    """The sandbox's folder has no runtime/, so that there is no traced build: the course's fault."""


def runtime_in(descriptor: int) -> tuple[SourceFile, ...]:
    """The files of the runtime from where the engine has put them (grader/backends/runtime.py)."""
    size = os.fstat(descriptor).st_size
    if not size:
        return ()
    made: tuple[SourceFile, ...] = wire.build(tuple[SourceFile, ...], json.loads(os.pread(descriptor, size, 0)))
    return made


@dataclass(frozen=True)
class Inside:
    """The place.

    launcher: path by which `launch` (launch.c) is started. uid, gid: of the submission.
    namespace: descriptor of the user namespace in which uid and gid hold, or -1: the driver's own.
    home: directory of a case, working directory of its programs. temporary: other places in which a
    submission can leave files. build: where sources are compiled. programs: what the submission sees of
    built programs, read-only for it; programs_fd: the same directory, writable for the driver.
    """

    launcher: str
    uid: int
    gid: int
    programs_fd: int
    namespace: int = -1
    home: str = "/work"
    temporary: tuple[str, ...] = ("/tmp", "/var/tmp")
    build: str = "/build"
    programs: str = "/programs"
    # Files that the driver makes for the submission belong to owner (its uid as the driver sees it).
    owner: int = 1000
    group: int = 1000
    # A file of the memory control group that counts those whom its limit killed, "" where there is none.
    out_of_memory: str = ""
    # Descriptor of a /proc that can be written to, -1 where the one that is seen can.
    proc: int = -1
    # Others use the temporary places, /dev/shm and the tables of IPC objects too.
    shared: bool = False
    reach: Reach = field(default_factory=Namespace)
    # Starts a process, as os.posix_spawn does.
    spawn: Callable[..., int] = os.posix_spawn
    # The short way to start a program where no process of the submission is about, if there is one.
    vforking: Vforking | None = None
    # Of the program of a partner: nobody may read it who has the submission's uid.
    partner_mode: int = 0o111
    # Set of Landlock rules for a program (True: for a partner), -1: none.
    rules: Callable[[bool], int] = lambda _trusted: -1
    # How many processes of others the kernel counts to the submission's uid (RLIMIT_NPROC).
    crowd: Callable[[], int] = int
    # Where the region of a traced case lies (beside the directory of programs), and how that place is made
    # ready: once, before the first one. Returns a descriptor of the region's file.
    trace: str = "/trace"
    lay_trace: Callable[[str], int] = region.lay
    # The files that a traced build is linked with; none where the sandbox's folder has no runtime/.
    runtime: Callable[[], tuple[SourceFile, ...]] = tuple

    def killed_for_memory(self) -> int:
        """How many processes the kernel has killed so far because the sandbox was out of memory.

        The line `oom_kill N` of memory.oom_control (cgroup v1) or memory.events (cgroup v2).
        """
        if not self.out_of_memory:
            return 0
        with open(self.out_of_memory, "rb") as file:
            words = file.read().split()
        return int(words[words.index(b"oom_kill") + 1]) if b"oom_kill" in words else 0

    def give(self, descriptor: int) -> None:
        """Make the submission the owner of an open file."""
        os.fchown(descriptor, self.owner, self.group)
