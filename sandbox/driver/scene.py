"""The processes of a case as one look finds them: their tasks, and who has which end of what open.

What every explanation of a wait (driver.waits) asks for, each read once and only if needed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from driver import calls, procfs
from driver.locks import Lock, locks
from driver.marks import mark
from driver.peers import unix_sockets
from driver.procfs import Stat

READERS, WRITERS = "read", "write"


@dataclass(frozen=True)
class Task:
    """A living task. stat is the thread's own."""

    pid: int
    tid: int
    name: str
    stat: Stat


@dataclass(frozen=True)
class End:
    """An open end: who has it under which descriptor."""

    pid: int
    descriptor: int


@dataclass
class Scene:
    """What all explanations share, each read once and only if needed."""

    pids: Sequence[int]
    known: Mapping[int, str]
    held: Mapping[str, str]
    marks: bool = False
    halted: Collection[int] = ()  # pids that the scenario has stopped
    names: dict[int, str] = field(init=False)
    tasks: list[Task] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.names = name_all(self.pids, self.known)
        for pid in self.pids:
            for number, tid in enumerate(procfs.tids(pid), start=1):
                stat = procfs.stat(pid, tid)
                if stat is None or stat.state in "ZX":
                    continue
                name = self.names.get(pid, f"pid {pid}")
                self.tasks.append(Task(pid, tid, name if tid == pid else f"thread {number} of {name}", stat))

    @cached_property
    def ends(self) -> dict[tuple[str, str], list[End]]:
        """Every open end in the case: (link, "read" or "write") -> who has it."""
        found: dict[tuple[str, str], list[End]] = {}
        for pid in self.pids:
            # The leader may have left; any thread that lives has the same descriptors.
            handle = next((task.tid for task in self.tasks if task.pid == pid), pid)
            _collect_ends(pid, handle, found)
        return found

    @cached_property
    def own_ends(self) -> dict[tuple[str, str], list[End]]:
        """The same of the driver."""
        found: dict[tuple[str, str], list[End]] = {}
        _collect_ends(os.getpid(), os.getpid(), found, only=self.held)
        return found

    @cached_property
    def living(self) -> frozenset[int]:
        """Pids of those that have a task."""
        return frozenset(task.pid for task in self.tasks)

    @cached_property
    def peers(self) -> dict[int, tuple[int, str]]:
        """Unix-domain sockets: inode -> (inode of the other end or 0, name)."""
        return unix_sockets()

    @cached_property
    def locks(self) -> list[Lock]:
        """The file locks that one of these has or waits for, and who else does."""
        living = self.living
        blocked = ((task.pid, calls.blocked_in(task.pid, task.tid)) for task in self.tasks)
        waiting = {pid for pid, call in blocked if call is not None and call.family == "lock"}
        return locks(lambda lock: lock.pid in living, waiting)

    def mark(self, kind: str, number: int, words: str) -> str:
        """The words for an object, marked where that was asked for (driver.marks)."""
        return mark(kind, number, words) if self.marks else words

    def ends_of(self, link: str, way: str) -> list[End]:
        """Who has an end of it open. link: as /proc/PID/fd shows it; way: READERS or WRITERS."""
        return self.ends.get((link, way), [])

    def driver_has(self, link: str, way: str) -> bool:
        """Has the driver such an end open?"""
        return bool(self.own_ends.get((link, way)))

    def name_of(self, pid: int) -> str:
        """Of a process of the case, or of one that has ended or was never seen."""
        if pid in self.living:
            return self.names[pid]
        return f"{self.names[pid]}, which has ended" if pid in self.names else f"process {pid}, which has ended"

    def task_name(self, tid: int) -> str:
        """Of a thread, or of the process of that number."""
        return next((task.name for task in self.tasks if task.tid == tid), "") or self.name_of(tid)


def _collect_ends(
    pid: int, handle: int, found: dict[tuple[str, str], list[End]], only: Collection[str] | None = None
) -> None:
    for descriptor, link in procfs.fd_links(handle):
        if only is not None and link not in only:
            continue
        flags = procfs.fd_flags(handle, descriptor)
        mode = os.O_RDWR if flags is None else flags & os.O_ACCMODE
        if mode in (os.O_RDONLY, os.O_RDWR):
            found.setdefault((link, READERS), []).append(End(pid, descriptor))
        if mode in (os.O_WRONLY, os.O_RDWR):
            found.setdefault((link, WRITERS), []).append(End(pid, descriptor))


def name_all(pids: Iterable[int], names: Mapping[int, str]) -> dict[int, str]:
    """`names` with the missing ones added: children of a named process by their order of birth."""
    made = dict(names)
    found = {pid: stat for pid in pids if pid not in made and (stat := procfs.stat(pid)) is not None}
    for pid, stat in sorted(found.items(), key=lambda item: (item[1].starttime, item[0])):
        parent = made.get(stat.ppid)
        if parent is None:
            made[pid] = f"{stat.comm} (pid {pid})"
            continue
        taken = sum(name.startswith("child ") and name.endswith(f" of {parent}") for name in made.values())
        made[pid] = f"child {taken + 1} of {parent}"
    return made
