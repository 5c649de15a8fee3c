"""Every process of a case: the programs that it started, and all that came of them.

The driver is the parent of each started program and, as PID 1 or subreaper, of every orphan; nothing
is reaped anywhere else. `Family` keeps who is who: started programs by the names that the case gives
them, their descendants as "child 2 of NAME", and what became of them.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from driver import procfs
from driver.reach import Namespace, Reach
from driver.spawning import has_children
from driver.streams import Stream
from grader.wire import ProcessOutcome


@dataclass
class Started:
    """A program that the case started. outcome fields are filled when it is reaped."""

    name: str
    argv: tuple[str, ...]
    pid: int
    stdout: Stream | None
    stderr: Stream | None
    stdin: int  # descriptor, -1 where there is none or it is closed
    tty: bool = False
    leader: int = 0  # the process that keeps its terminal's session, 0 without a terminal
    leader_fd: int = -1  # closing it lets that process go, which hangs up on whoever still has the terminal
    status: int | None = None
    killed: str = ""
    exec_error: str = ""
    cpu: float = 0.0
    max_rss: int = 0

    @property
    def alive(self) -> bool:
        """It was started and has not been reaped."""
        return self.status is None and not self.exec_error

    def has_ended(self) -> bool:
        """Condition for a wait: it has exited and was reaped."""
        return not self.alive

    def send(self, number: signal.Signals, *, group: bool = False) -> bool:
        """kill(2), or killpg(3). False: it is gone, though that may not have been told yet (inplace.Nursery)."""
        return self.alive and _send(self.pid, number, group=group)

    def close_stdin(self) -> None:
        """End of file for a program that reads a pipe."""
        if self.stdin >= 0:
            os.close(self.stdin)
            self.stdin = -1

    def let_leader_go(self) -> None:
        """End of its terminal's session."""
        if self.leader_fd >= 0:
            os.close(self.leader_fd)
            self.leader_fd = -1

    def outcome(self) -> ProcessOutcome:
        """What crosses the wall about it."""
        code, name = None, ""
        if self.status is not None:
            value = os.waitstatus_to_exitcode(self.status)
            if value >= 0:
                code = value
            else:
                name = signal.Signals(-value).name if -value in signal.Signals._value2member_map_ else f"SIG{-value}"
        return ProcessOutcome(
            name=self.name,
            argv=self.argv,
            exit_code=None if self.killed else code,
            signal="" if self.killed else name,
            killed=self.killed,
            stdout=bytes(self.stdout.received) if self.stdout else b"",
            stderr=bytes(self.stderr.received) if self.stderr else b"",
            truncated=any(stream is not None and stream.over for stream in (self.stdout, self.stderr)),
            cpu=self.cpu,
            max_rss=self.max_rss,
            exec_error=self.exec_error,
            tty=self.tty,
        )


@dataclass(frozen=True)
class Child:
    """A process that no step started: "child 2 of NAME". born: against reuse of its pid."""

    name: str
    pid: int
    born: int

    @property
    def alive(self) -> bool:
        """It has not ended yet."""
        now = procfs.stat(self.pid)
        return now is not None and now.living and now.starttime == self.born

    def has_ended(self) -> bool:
        """Condition for a wait: it has exited, whether it was reaped or not."""
        return not self.alive

    def send(self, number: signal.Signals, *, group: bool = False) -> bool:
        """kill(2), or killpg(3). False: it is gone; its parent may end it and wait for it at any moment."""
        return self.alive and _send(self.pid, number, group=group)


def _send(pid: int, number: signal.Signals, *, group: bool) -> bool:
    try:
        if group:
            os.killpg(os.getpgid(pid), number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


@dataclass
class Family:
    """Everyone in the sandbox but the driver and its helpers. reach: how they are found and ended."""

    reach: Reach = field(default_factory=Namespace)
    started: dict[str, Started] = field(default_factory=dict)
    helpers: set[int] = field(init=False)
    # Found when their parent ended: pid -> (command, parent's name); dead already, or still alive then.
    zombies: dict[int, tuple[str, str]] = field(default_factory=dict)
    orphans: dict[int, tuple[str, str]] = field(default_factory=dict)
    victims: set[int] = field(default_factory=set)  # killed by a step
    halted: set[int] = field(default_factory=set)  # stopped by a step, and not continued by one
    reaped_cpu: float = 0.0
    listed: list[int] = field(default_factory=list)  # by the last pids()
    _names: dict[int, str] = field(default_factory=dict)
    _children: dict[int, int] = field(default_factory=dict)  # parent pid -> children named so far
    _parents: dict[int, int] = field(default_factory=dict)
    _me: int = field(default_factory=os.getpid)

    def __post_init__(self) -> None:
        self.helpers = self.reach.helpers

    def add(self, started: Started) -> None:
        """Register a program that was just started."""
        self.started[started.name] = started
        self._names[started.pid] = started.name
        if started.leader:
            self.helpers.add(started.leader)

    def pids(self) -> list[int]:
        """Every process of the case that exists now, zombies included."""
        self.listed = self.reach.pids()
        return self.listed

    def living(self) -> list[int]:
        """Those of pids() that still run."""
        found = []
        for pid in self.pids():
            stat = procfs.stat(pid)
            if stat is not None and stat.living:
                found.append(pid)
        return found

    def learn(self, pids: Iterable[int] | None = None) -> None:
        """Give every process that is new a name, in order of pid (so of birth). pids: from a listing of now."""
        for pid in sorted(self.pids() if pids is None else pids):
            if pid in self._names:
                continue
            stat = procfs.stat(pid)
            if stat is None:
                continue
            parent = self._names.get(stat.ppid)
            self._parents[pid] = stat.ppid
            if parent is None:
                self._names[pid] = f"{stat.comm} (pid {pid})"
                continue
            number = self._children.get(stat.ppid, 0) + 1
            self._children[stat.ppid] = number
            self._names[pid] = f"child {number} of {parent}"

    def know(self, names: Mapping[int, str]) -> None:
        """Take these names in place of what was learned, but for those of programs that were started."""
        own = {started.pid for started in self.started.values()}
        self._names.update({pid: name for pid, name in names.items() if pid not in own})

    @property
    def names(self) -> Mapping[int, str]:
        """Everyone who was seen, by pid."""
        return self._names

    def name(self, pid: int) -> str:
        """As the student knows it; also for one that ended before anybody looked."""
        known = self._names.get(pid)
        if known is not None:
            return known
        programs = list(self.started.values())
        if len(programs) == 1 and pid > programs[0].pid:
            return f"a child of {programs[0].name}"
        return f"pid {pid}"

    def child(self, name: str) -> Child | None:
        """Who is called so ("child 2 of NAME"), if it was ever seen."""
        self.learn()
        found = next((pid for pid, known in self._names.items() if known == name), 0)
        now = procfs.stat(found) if found else None
        return Child(name, found, now.starttime if now is not None else 0) if found else None

    def unreaped_below(self, pid: int) -> int:
        """How many zombies a process and its living descendants have."""
        tree = set(self.tree(pid))
        stats = (procfs.stat(other) for other in self.listed)
        return sum(stat is not None and not stat.living and stat.ppid in tree for stat in stats)

    def tree(self, pid: int) -> list[int]:
        """A process and its living descendants."""
        if self._is_childless(pid):
            return [pid]
        parents: dict[int, list[int]] = {}
        for other in self.pids():
            stat = procfs.stat(other)
            if stat is not None and stat.living:
                parents.setdefault(stat.ppid, []).append(other)
        found, todo = [], [pid]
        while todo:
            member = todo.pop()
            found.append(member)
            todo.extend(parents.get(member, ()))
        return found

    def apart(self, started: Started) -> list[int]:
        """A program and its descendants, and whoever is not known to belong to another program.

        For stuck.Watch, which must hear of every process that might belong: zombies, and those that are
        gone before anybody can ask for their parent.
        """
        pids = self.pids()
        parents = {pid: stat.ppid for pid in pids if (stat := procfs.stat(pid)) is not None}
        others = {other.pid for other in self.started.values() if other is not started}
        grown = True
        while grown:
            found = {pid for pid, parent in parents.items() if parent in others} - others
            others |= found
            grown = bool(found)
        return [pid for pid in pids if pid not in others]

    def kin(self, pid: int) -> list[int]:
        """The same from the kernel's lists of children: cheaper, for a look that will be repeated.

        A list that is read while one of its children exits may lack another (proc(5)).
        """
        if self._is_childless(pid):
            return [pid]
        found, todo = [], [pid]
        while todo:
            member = todo.pop()
            found.append(member)
            todo.extend(procfs.children(member))
        return found

    def _is_childless(self, pid: int) -> bool:
        """True: it has never had a child or a second thread; else that is not known.

        If its pid is the one that was given last, nobody was born after it. Nor can the kernel have come to that
        number again, as long as a process of ours has it, dead or alive, that nobody else can reap.
        """
        started = self.started.get(self._names.get(pid, ""))
        return started is not None and started.pid == pid and started.alive and procfs.last_pid() == pid

    def reap(self) -> None:
        """Collect whoever has exited, without waiting; fill in outcomes, tell zombies from orphans."""
        by_pid = {started.pid: started for started in self.started.values()}
        while True:
            try:
                info = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if info is None:
                return
            pid = info.si_pid
            if pid not in by_pid and pid not in self.helpers:
                self._adopt(pid)
            # Its children became ours when it exited, before we heard of it: look before more happens.
            if len(by_pid) > 1 or not self._is_childless(pid):
                self._take_in(by_pid)
            _, status, usage = os.wait4(pid, 0)
            self.reaped_cpu += usage.ru_utime + usage.ru_stime
            started = by_pid.get(pid)
            if started is not None:
                started.status = status
                started.cpu = usage.ru_utime + usage.ru_stime
                started.max_rss = usage.ru_maxrss
            self.helpers.discard(pid)

    def _take_in(self, by_pid: Mapping[int, Started]) -> None:
        # The driver starts programs from its first thread, and that is also who inherits orphans (prctl(2),
        # PR_SET_CHILD_SUBREAPER; the kernel takes the first thread that lives).
        for child in procfs.children(self._me, (self._me,)):
            if child not in by_pid and child not in self.helpers:
                self._adopt(child)

    def _adopt(self, pid: int) -> None:
        """A process whose parent has ended: a zombie if it was dead by then, else an orphan."""
        if pid in self.zombies or pid in self.orphans:
            return
        stat = procfs.stat(pid)
        if stat is None:
            return
        parent = self._names.get(self._parents.get(pid, 0), "")
        if not parent and len(self.started) == 1:
            parent = next(iter(self.started))
        self._names.setdefault(pid, f"a child of {parent}" if parent else f"{stat.comm} (pid {pid})")
        if self._parents.get(pid, 0) not in self.victims:
            (self.orphans if stat.living else self.zombies)[pid] = (stat.comm, parent)

    def about_to_kill(self, pid: int) -> None:
        """Who loses its parent by that may end in its own time, or be dead and not waited for: that is our doing."""
        self.learn()
        self.victims.add(pid)

    def unreaped(self) -> Iterable[tuple[int, str, str]]:
        """Zombies whose parent lives and has not waited for them: (pid, command, parent's name)."""
        for pid in self.pids():
            stat = procfs.stat(pid)
            if stat is not None and not stat.living and stat.ppid != self._me:
                yield pid, stat.comm, self.name(stat.ppid)

    def kill_all(self) -> None:
        """End every process of the case and wait until the kernel has taken all of them down."""
        deadline = time.monotonic() + 30
        self.reach.kill()  # though nobody may be left: what started them is replaced with it (inplace.Nursery)
        while self.anyone():
            self.reach.kill()
            self._reap_blindly()
            if time.monotonic() > deadline:
                raise OSError("processes of the case do not die")
        self.helpers.clear()

    def anyone(self) -> bool:
        """Is there any process at all besides the driver, be it a zombie?"""
        return has_children()

    def _reap_blindly(self) -> None:
        by_pid = {started.pid: started for started in self.started.values()}
        while True:
            try:
                pid, status, usage = os.wait4(-1, 0)
            except ChildProcessError:
                return
            started = by_pid.get(pid)
            if started is not None:
                started.status = status
                started.cpu = usage.ru_utime + usage.ru_stime
                started.max_rss = usage.ru_maxrss
                started.killed = started.killed or "end"
