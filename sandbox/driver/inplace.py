"""The `inplace` sandbox seen from inside: a driver without any namespace of its own.

For a container that is thrown away afterwards, in which nothing can be mounted and no container started.
The engine starts one mother (grader/backends/inplace.py), a warm Python process, and talks to it over a
socket, one JSON document a message:

  {"open": true, "bind": [...], "common": bool}   with two descriptors: the driver's end of its channel, and a
                 lock that is held until the sandbox is cleaned away  -> {"pid": N, "landlock": N} or {"error": "..."}
  {"learn": N}, {"forget": N}    as to the zygote (zygote.py)
  {"close": PID}                 kill that sandbox and clean up; no answer
  {"bury": PID}                  the same -> {"status": N}, as waitpid(2) tells it

For each sandbox she makes a directory and forks a driver. Both are subreapers: whatever a program does to
escape, it stays a descendant. When the driver has died, by whatever, or the engine has gone, the mother
kills who is left and removes what was left; so she must not die with the engine at once, and has no
PR_SET_PDEATHSIG.

What keeps a submission in:
- where the grader is root: a uid of its own, and Landlock where the kernel has it (driver.landlock);
- for an ordinary user there is only one uid. All of a case's programs come out of a *nursery*, a process that
  has put itself under Landlock rules with which nobody can signal, trace or call by an abstract socket who
  is outside. They are nevertheless the driver's children (CLONE_PARENT of clone(2)), and as all of
  them share one domain, they may signal each other. The nursery is within their reach too: who kills or stops
  it gets no further program started, and that is told as its own doing. A second layer of rules for the
  submission's programs alone keeps them from looking into a partner's (ptrace(2) only goes to
  descendants of one's own domain).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass
from typing import Any

from driver import kernel, landlock, procfs
from driver.census import Census
from driver.inside import Inside, runtime_in
from driver.landlock import CHANGE, READ, USE
from driver.launching import Launch, Launcher, allow_descriptors
from driver.lessons import Lessons
from driver.loop import CaseEndedError
from driver.reach import Descendants, OwnUid
from driver.session import Channel, Session
from driver.spawning import execute, spawn
from driver.workspace import MQUEUE, SHM, Workspace
from grader import wire
from grader.wire import Ended, Fault, Limits

_MESSAGE = 1 << 20
_TEMPORARY = ("/tmp", "/var/tmp")
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "localtime", "passwd", "group")
_ETC_TOO = ("hosts", "nsswitch.conf")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts")
_PARTNER = "partner"  # the build whose programs the submission must not read
_UIDS = range(0x60000000, 0x6FFFFFFE)  # no distribution hands these out
_SYS_PTRACE = 1 << 19
_PATIENCE = 10.0  # seconds for the nursery to answer, however often it was stopped
_SPARE = 8  # processes that others may start meanwhile, over those counted


# --- the place ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A sandbox's directory, and who the submission is in it. common: it may use /tmp and /var/tmp."""

    top: str
    uid: int
    gid: int
    common: bool

    @property
    def temporary(self) -> tuple[str, ...]:
        """Where files can be left outside home."""
        return _TEMPORARY if self.common else ()

    def workspace(self) -> Workspace:
        """The places, as both the driver and the mother clean them."""
        return Workspace(
            f"{self.top}/work", (*self.temporary, f"{self.top}/build"), owner=self.uid, group=self.gid, shared=True
        )

    def make(self) -> None:
        """The directories. The submission owns its home, and may enter the rest."""
        os.mkdir(self.top, 0o711)
        for name in ("work", "build", "programs", "trace"):
            os.mkdir(f"{self.top}/{name}", 0o755)
        os.chown(f"{self.top}/work", self.uid, self.gid)

    def remove(self) -> None:
        """All of it, whatever the submission has put there."""
        with contextlib.suppress(FileNotFoundError):
            Workspace(f"{self.top}/work", owner=os.geteuid(), group=os.getegid()).empty(self.top)
            os.rmdir(self.top)


def _base() -> str:
    """Where sandboxes are made: where the submission's uid gets to, too."""
    wanted = [os.environ.get("TMPDIR", ""), *reversed(_TEMPORARY)]
    for path in filter(os.path.isdir, wanted):
        parts = os.path.realpath(path).split("/")
        above = ["/".join(parts[:count]) or "/" for count in range(1, len(parts) + 1)]
        if os.access(path, os.W_OK | os.X_OK) and (os.geteuid() or all(os.stat(one).st_mode & 1 for one in above)):
            return os.path.realpath(path)
    raise OSError("there is no directory for temporary files that other users can enter")


def _some_uid() -> int:
    """A uid that nobody has, as the next one; a user namespace may have only some tens of thousands."""
    wanted = _UIDS[int.from_bytes(os.urandom(4), "little") % len(_UIDS)]
    with open("/proc/self/uid_map", encoding="ascii") as file:
        ranges = [(int(first), int(first) + int(count)) for first, _, count in map(str.split, file)]
    if any(first <= wanted < end - 1 for first, end in ranges):
        return wanted
    low, high = max(ranges, key=lambda found: found[1] - found[0])
    return low + (high - low) // 2 + wanted % max((high - low) // 2 - 1, 1)


def _may_trace() -> bool:
    text = procfs.read("/proc/self/status") or b""
    return bool(int(text.partition(b"\nCapEff:\t")[2].split(b"\n")[0], 16) & _SYS_PTRACE)


def _crowd() -> int:
    """How many processes of our uid the kernel counts, in other containers too: tried, for it does not tell.

    RLIMIT_NPROC refuses a fork beyond it (setrlimit(2)); so a child looks for the smallest with which it can.
    """
    told, tell = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        try:
            os.write(tell, str(_smallest_limit()).encode())
        finally:
            os._exit(0)
    os.close(tell)
    try:
        return int(os.read(told, 32) or b"0") + _SPARE
    finally:
        os.close(told)
        os.waitpid(pid, 0)


def _smallest_limit() -> int:
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    low, high = 0, 64
    while not _can_fork(high, hard) and high < 1 << 22:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _can_fork(middle, hard) else (middle, high)
    return high


def _can_fork(limit: int, hard: int) -> bool:
    resource.setrlimit(resource.RLIMIT_NPROC, (limit if hard < 0 else min(limit, hard), hard))
    try:
        pid = os.fork()
    except BlockingIOError:
        return hard >= 0 and limit >= hard
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return True


# --- Landlock ------------------------------------------------------------------------------------


class Rules:
    """What programs may see of the file system. bind: more to read."""

    def __init__(self, place: Place, bind: tuple[str, ...], launcher: str) -> None:
        self._programs = f"{place.top}/programs"
        etc = tuple(f"/etc/{name}" for name in (*_ETC, *_ETC_TOO))
        self._always = [
            *((path, READ) for path in (*_SYSTEM, *etc, *bind, "/proc")),
            *((f"/dev/{name}", USE) for name in _DEVICES),
            (f"{place.top}/trace", USE),  # the files that lie there, and to make none
            *((path, CHANGE) for path in (f"{place.top}/work", f"{place.top}/build", *place.temporary, SHM, MQUEUE)),
        ]
        self._launcher = launcher
        self._made: dict[tuple[str, ...], int] = {}

    def everybody(self) -> int:
        """For what all programs of a case share; nobody outside can be signalled."""
        return landlock.ruleset([*self._always, (self._programs, READ), (self._launcher, READ)], scoped=True)

    def of(self, trusted: bool) -> int:
        """For one program. Not trusted: without the partners'."""
        builds = tuple(sorted(name for name in os.listdir(self._programs) if trusted or name != _PARTNER))
        if builds not in self._made:
            self._made[builds] = landlock.ruleset(
                [*self._always, *((f"{self._programs}/{name}", READ) for name in builds)]
            )
        return self._made[builds]

    def of_submission(self, trusted: bool) -> int:
        """The same below `everybody`: a partner needs no more."""
        return -1 if trusted else self.of(trusted)


class Nursery(Descendants):
    """Finds, starts and ends an ordinary user's programs. rules: set of rules that all of them share."""

    def __init__(self, rules: int) -> None:
        super().__init__()
        self._rules = rules
        self._socket: socket.socket | None = None
        self._pid = 0

    def spawn(
        self,
        path: str,
        argv: list[str],
        env: dict[str, str],
        *,
        file_actions: list[tuple[int, ...]],
        **_signals: object,
    ) -> int:
        """As os.posix_spawn does; whoever is started resets its signals itself (launch.c)."""
        if self._socket is None:
            self._begin()
        assert self._socket is not None
        copied = [action for action in file_actions if action[0] == os.POSIX_SPAWN_DUP2]
        request = {
            "path": path,
            "argv": argv,
            "env": env,
            "close": [action[1] for action in file_actions if action[0] == os.POSIX_SPAWN_CLOSE],
            "at": [action[2] for action in copied],
        }
        try:
            socket.send_fds(self._socket, [json.dumps(request).encode()], [action[1] for action in copied])
            answer = self._hear(self._socket)
        except (BrokenPipeError, ConnectionResetError):
            answer = b""
        if not answer:
            raise CaseEndedError(Ended.REFUSED, "the process that starts programs was killed or stopped by a program")
        found = int(answer)
        if found < 0:
            raise OSError(-found, f"the nursery cannot start a program: {os.strerror(-found)}")
        return found

    def _hear(self, answers: socket.socket) -> bytes:
        deadline = time.monotonic() + _PATIENCE
        poll = select.poll()
        poll.register(answers, select.POLLIN)
        while not poll.poll(100):
            if time.monotonic() > deadline:
                return b""
            with contextlib.suppress(OSError):
                os.kill(self._pid, signal.SIGCONT)  # our child, and not waited for: it cannot be another
        return answers.recv(64)

    def kill(self) -> None:
        """See reach.Reach."""
        super().kill()
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _begin(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _MESSAGE)
        pid = os.fork()
        if pid == 0:
            try:
                _nurse(theirs, self._rules)
            finally:
                os._exit(1)
        theirs.close()
        self.helpers.add(pid)
        self._pid, self._socket = pid, ours


def _nurse(requests: socket.socket, rules: int) -> None:
    """In the child: go under the rules, start what is asked for, until the other end is closed."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    # The launcher cannot: from below the rules nothing in /proc can be written. Nor can who is not dumpable, as the
    # driver is; no program of the submission is there yet.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("1000")
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    landlock.restrict(rules)
    keep = requests.fileno()
    launcher = int(sys.argv[2])
    low, high = sorted((keep, launcher))
    os.closerange(3, low)
    os.closerange(low + 1, high)
    os.closerange(high + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, _MESSAGE, 16)
        if not message:
            return
        try:
            pid = kernel.clone(kernel.CLONE_PARENT)
        except OSError as error:
            pid = -(error.errno or 1)
        if pid == 0:
            request = json.loads(message)
            copied = zip(descriptors, request["at"], strict=True)
            actions: list[tuple[int, ...]] = [(os.POSIX_SPAWN_DUP2, descriptor, at) for descriptor, at in copied]
            actions += [(os.POSIX_SPAWN_CLOSE, at) for at in request["close"]]
            execute(request["path"], request["argv"], request["env"], actions)
        for descriptor in descriptors:
            os.close(descriptor)
        requests.send(str(pid).encode())


# --- the driver ------------------------------------------------------------------------------------


def _inside(place: Place, bind: tuple[str, ...], launcher: int, runtime: int) -> Inside:
    """How the driver goes about it here: three ways (see the top of this file)."""
    path = f"/proc/self/fd/{launcher}"
    walls = landlock.version()
    rules = Rules(place, bind, path)
    common: dict[str, Any] = {
        "launcher": path,
        "uid": place.uid,
        "gid": place.gid,
        "owner": place.uid,
        "group": place.gid,
        "programs_fd": os.open(f"{place.top}/programs", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC),
        "home": f"{place.top}/work",
        "temporary": place.temporary,
        "build": f"{place.top}/build",
        "programs": f"{place.top}/programs",
        "shared": True,
        "trace": f"{place.top}/trace",
        "runtime": lambda: runtime_in(runtime),
    }
    if os.geteuid() == 0:
        traces = _may_trace()
        if not traces:
            procfs.look_as(place.uid, place.gid)
        if walls:
            common["rules"] = rules.of
        # A program that cannot be read is not dumpable: without the privilege we could not look at it either.
        readable = walls and not traces
        return Inside(**common, reach=OwnUid(place.uid, place.uid + 1), partner_mode=0o755 if readable else 0o111)
    crowd = _crowd()
    if walls < landlock.SCOPES:
        return Inside(**common, reach=Descendants(), crowd=lambda: crowd, spawn=spawn)
    nursery = Nursery(rules.everybody())
    return Inside(
        **common,
        reach=nursery,
        crowd=lambda: crowd,
        spawn=nursery.spawn,
        rules=rules.of_submission,
        partner_mode=0o755,
    )


def _probe(inside: Inside) -> str:
    """Start a program and look at it: what the driver lives on. Says what is refused."""
    waits, hold = os.pipe2(os.O_CLOEXEC)
    try:
        launch = Launch("probe", "/bin/cat", ("cat",), {}, inside.home, Limits())
        launcher = Launcher(inside)
        launched = launcher.start(launch, (waits, hold, hold))
        launcher.settle(launched)
        if launched.error:
            return f"a program cannot be started as the submission: {launched.error}"
        deadline = time.monotonic() + _PATIENCE
        # As long as it runs, as between two reads of its libraries, its system call is not told: one look decides.
        while not (seen := _may_look_at(launched.pid)) and time.monotonic() < deadline:
            os.sched_yield()
        if not seen:
            return (
                "the kernel does not let the grader look at the submission's processes "
                "(a hidden /proc, or kernel.yama.ptrace_scope above 1?)"
            )
        return ""
    finally:
        os.close(waits)
        os.close(hold)
        inside.reach.kill()
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        inside.reach.helpers.clear()


def _may_look_at(pid: int) -> bool:
    return procfs.syscall(pid) is not None and bool(procfs.fds(pid)) and bool(procfs.maps(pid))


def _drive(place: Place, bind: tuple[str, ...], mother: Mother, channel: Channel, *, probe: bool) -> None:
    """In the child: be the driver of one sandbox."""
    os.setsid()
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    os.umask(0o022)
    try:
        inside = _inside(place, bind, mother.launcher, mother.runtime)
        refused = _probe(inside) if probe else ""
    except (OSError, CaseEndedError) as error:
        refused = f"the inplace sandbox cannot be set up: {error}"
    if refused:
        channel.send(Fault(refused))
        return
    Session(inside, channel, mother.lessons).serve()


# --- the mother ------------------------------------------------------------------------------------


@dataclass
class _Open:
    """A sandbox while it is open. lock: descriptor that says so to other graders."""

    place: Place
    census: Census
    lock: int


class Mother:
    """control: the engine's socket. launcher, runtime: descriptors of the launch program and of Inside.runtime."""

    def __init__(self, control: socket.socket, launcher: int, runtime: int) -> None:
        self._control = control
        self.launcher = launcher
        self.runtime = runtime
        self.lessons = Lessons()
        self._open: dict[int, _Open] = {}
        self._probed = False

    def serve(self) -> None:
        """Answer until the engine goes away."""
        wire.prepare()
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            while True:
                message, descriptors, _, _ = socket.recv_fds(self._control, 65536, 2)
                if not message:
                    return
                request = json.loads(message)
                if "open" in request:
                    self._answer(self._make(tuple(request["bind"]), *descriptors, common=request["common"]))
                elif "learn" in request:
                    self.lessons.learn(request["learn"], descriptors[0])
                elif "forget" in request:
                    self.lessons.forget(request["forget"])
                elif "close" in request:
                    self._end(request["close"])
                else:
                    self._answer({"status": self._end(request["bury"])})
        finally:
            for pid in tuple(self._open):
                self._end(pid)

    def _answer(self, document: dict[str, object]) -> None:
        self._control.send(json.dumps(document).encode())

    def _make(self, bind: tuple[str, ...], channel: int, lock: int, *, common: bool) -> dict[str, object]:
        place = None
        try:
            me = os.geteuid()
            uid = _some_uid() if me == 0 else me
            place = Place(f"{_base()}/{os.urandom(8).hex()}", uid, uid if me == 0 else os.getegid(), common)
            place.make()
            census = Census(place.workspace())
            census.before()
            pid = os.fork()
        except OSError as error:
            if place is not None:
                place.remove()
            os.close(channel)
            os.close(lock)
            return {"error": str(error)}
        if pid == 0:
            self._become(place, bind, channel, lock)
        os.close(channel)
        self._open[pid] = _Open(place, census, lock)
        self._probed = True
        return {"pid": pid, "landlock": landlock.version(), "trace": me != 0 or _may_trace()}

    def _become(self, place: Place, bind: tuple[str, ...], channel: int, lock: int) -> None:
        status = 1
        try:
            self._control.close()
            os.close(lock)
            _drive(place, bind, self, Channel(channel, channel), probe=not self._probed)
            status = 0
        finally:
            os._exit(status)

    def _end(self, pid: int) -> int:
        """Kill a driver and whoever is left of its programs; remove what they have left; wait status."""
        opened = self._open.pop(pid, None)
        if opened is None:
            return 0
        try:
            os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
            place = opened.place
            reach = OwnUid(place.uid, place.uid + 1) if os.geteuid() == 0 else Descendants()
            reach.kill()
            reach.close()
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.wait()
            with contextlib.suppress(OSError):  # what cannot be removed is not the next one's, either
                opened.census.sweep()
            place.remove()
            return status
        finally:
            os.close(opened.lock)


def main() -> None:
    """Entry: descriptors of the control socket, the launcher and the runtime are the first arguments."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's to handle
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    allow_descriptors()
    os.close(int(sys.argv[4]))  # the launcher as a library (vforking.py) is for `local`
    Mother(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])).serve()
