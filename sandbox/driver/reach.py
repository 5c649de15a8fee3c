"""Whom a driver can see and end: depends on whether it has a PID namespace for itself.

`Namespace` is for a driver that is PID 1. The others are for one that is not (driver.inplace): there the
submission's processes are the driver's descendants, and since it is a subreaper (prctl(2)) they stay
that whatever they do: who loses its parent becomes the driver's child.
"""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import time
from typing import Protocol

from driver import procfs

_PATIENCE = 30.0  # seconds after which processes that do not die are a fault of ours
_MOST_HANDLES = 200  # foreign processes that are held by a descriptor, out of the usual 1024


class Reach(Protocol):
    """helpers: processes of the driver's own, which are no part of the case; whoever starts one adds it."""

    helpers: set[int]

    def pids(self) -> list[int]:
        """Every process of the case, zombies too, from one listing of /proc, in ascending order."""
        ...

    def kill(self) -> None:
        """End them all, helpers too. When it returns nobody is left who could start another."""
        ...


class Namespace:
    """Everyone in the PID namespace whose first process the driver is."""

    def __init__(self) -> None:
        self.helpers: set[int] = set()
        self._me = os.getpid()

    def pids(self) -> list[int]:
        """See Reach."""
        me, helpers = self._me, self.helpers
        return [pid for pid in procfs.pids() if pid != me and pid not in helpers]

    def kill(self) -> None:
        """See Reach.

        kill(-1) from PID 1 reaches everyone in one go: the kernel holds the task list while it
        signals, and a fork that is under way fails when its parent has a signal pending.
        """
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)


class Descendants:
    """Everyone who descends from this process, where the submission has the same uid as the driver.

    Nobody who was seen to be a stranger can become a descendant. So strangers are looked at once; a pidfd
    (pidfd_open(2)) of each tells when its pid may stand for another process.
    """

    def __init__(self) -> None:
        self.helpers: set[int] = set()
        self._me = os.getpid()
        self._strangers: dict[int, int] = {}  # pid -> pidfd
        self._poll = select.poll()

    def close(self) -> None:
        """Let go of the strangers."""
        for pid in tuple(self._strangers):
            self._forget(pid)

    def pids(self) -> list[int]:
        """See Reach."""
        return [pid for pid in self._all() if pid not in self.helpers]

    def _all(self) -> list[int]:
        listed = procfs.pids()
        # Whoever of the strangers lives now has had its pid also when it was listed.
        by_descriptor = {descriptor: pid for pid, descriptor in self._strangers.items()}
        for descriptor, _ in self._poll.poll(0):
            self._forget(by_descriptor[descriptor])
        parents: dict[int, int] = {}
        for pid in listed:
            if pid not in self._strangers and pid != self._me:
                seen = procfs.stat(pid)
                # Gone meanwhile: perhaps one of ours, so it is told (stuck.Watch wants to hear of it).
                parents[pid] = seen.ppid if seen is not None else self._me
        found = [pid for pid in parents if self._is_ours(pid, parents)]
        ours, known = set(found), {*parents, *self._strangers}
        for pid, parent in parents.items():
            if pid not in ours and (parent in known or parent <= 1):
                self._hold(pid, parent)
        return found

    def _is_ours(self, pid: int, parents: dict[int, int]) -> bool:
        line: set[int] = set()
        while pid != self._me:
            if pid not in parents or pid <= 1 or pid in line:
                return False
            line.add(pid)
            pid = parents[pid]
        return True

    def _hold(self, pid: int, parent: int) -> None:
        if len(self._strangers) >= _MOST_HANDLES:
            return
        try:
            descriptor = os.pidfd_open(pid)
        except OSError:
            return
        seen = procfs.stat(pid)
        if seen is None or seen.ppid != parent:  # perhaps another one by now
            os.close(descriptor)
            return
        self._strangers[pid] = descriptor
        self._poll.register(descriptor, select.POLLIN)

    def _forget(self, pid: int) -> None:
        descriptor = self._strangers.pop(pid)
        self._poll.unregister(descriptor)
        os.close(descriptor)

    def kill(self) -> None:
        """See Reach.

        kill(-1) would reach all that belongs to this uid. So: look, take from everyone who is seen the
        right to fork (RLIMIT_NPROC, which nobody can raise again), then kill. Who forks and exits faster
        than one can look leaves zombies that nobody reaps meanwhile, and they count: so that comes to an
        end by itself. Nobody lives when two looks have shown the same zombies and nobody else: whoever
        lived between them would have been in the second listing, and in the first no zombie.
        """
        deadline = time.monotonic() + _PATIENCE
        before: list[tuple[int, int]] | None = None
        while True:
            seen = [procfs.stat(pid) for pid in self._all()]
            found = [stat for stat in seen if stat is not None]
            living = [stat for stat in found if stat.living]
            for stat in living:
                _strike(stat.pid, stat.starttime)
            now = [(stat.pid, stat.starttime) for stat in found]
            if living or len(found) < len(seen):
                before = None
            elif now == before:
                return
            else:
                before = now
            if time.monotonic() > deadline:
                raise OSError("processes of the case do not die")


def _strike(pid: int, born: int) -> None:
    """Kill a process, unless its pid is another's by now."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return
    try:
        seen = procfs.stat(pid)
        if seen is None or seen.starttime != born:
            return
        with contextlib.suppress(OSError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_NPROC, (0, 0))
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    finally:
        os.close(handle)


class OwnUid(Descendants):
    """The same, where root's submission has a uid that nobody else has. nobody: another such uid."""

    def __init__(self, uid: int, nobody: int) -> None:
        super().__init__()
        self._uid = uid
        self._nobody = nobody

    def kill(self) -> None:
        """See Reach.

        kill(-1) with the submission's uid as effective one reaches everybody who has it, in one go. The
        real uid is one that has no processes: with ours, root's processes would be meant too; with
        theirs, they could stop us (kill(2) looks at the target's real and saved uid). The saved one
        lets us return.
        """
        os.setresuid(self._nobody, self._uid, 0)
        try:
            with contextlib.suppress(OSError):  # nobody is there
                os.kill(-1, signal.SIGKILL)
        finally:
            os.setresuid(0, 0, 0)
        # What is left is not the submission's yet: a session's leader, a launcher on its way.
        for pid in procfs.children(self._me):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
