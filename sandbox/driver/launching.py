"""Starting a program as the submission, through launch.c or launch_here.c."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import select
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from driver import procfs
from driver.inside import Inside
from driver.spawning import has_children
from grader.wire import Limits

PATH = "/usr/local/bin:/usr/bin:/bin"  # of every program that is started inside
_PASSED = 900  # the least number under which the launcher gets what it is passed, above what the driver has open
_DESCRIPTORS = 4096  # as many as a driver may ever need: three for each program of a case
_PROMPT = 50  # milliseconds in which a launcher is done that nobody holds up
_TOO_LONG = f"exec {errno.E2BIG}\n".encode()
CLOSED = -1  # in place of a descriptor: the program starts without it
_RESET = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores these, and exec would pass that on


def allow_descriptors() -> None:
    """Raise the soft limit of this process, and so of the drivers that it forks, as far as may be."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, _DESCRIPTORS) if most >= 0 else _DESCRIPTORS, most))


@dataclass(frozen=True)
class Launch:
    """What is started: file is the path to execute or a command to be found in PATH, the rest as in wire.Start."""

    name: str
    file: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    limits: Limits
    address_space: bool = True
    more_memory: int = 0  # bytes of address space over limits.memory
    trusted: bool = False  # a partner: not the submission's, so not in its namespace

    def __post_init__(self) -> None:
        """Raises ValueError for what no program can be given, before a child would have to tell of it."""
        if any("\0" in word for word in (self.file, *self.argv, *self.env, *self.env.values())):
            raise ValueError("embedded null byte")
        if any(not name or "=" in name for name in self.env):
            raise ValueError("illegal environment variable name")


@dataclass
class Launched:
    """A program that is on its way. error: why it could not be started.

    leader: the process that keeps its terminal's session, until leader_fd is closed. failures: where the
    launcher tells that exec failed, as long as that is not known, else -1.
    """

    pid: int
    leader: int = 0
    leader_fd: int = -1
    failures: int = -1
    error: str = ""

    def forget(self) -> None:
        """Do not hear of failures any more. May be called twice."""
        if self.failures >= 0:
            os.close(self.failures)
            self.failures = -1


class Launcher:
    """Starts programs with the submission's identity and limits."""

    def __init__(self, inside: Inside, wait: Callable[[Callable[[], bool], str], None] | None = None) -> None:
        """wait: as Loop.wait, where there may be processes of the submission. They can stop a launcher on its way,
        which has their uid by then; it is continued as long as the limits of the case allow."""
        self._inside = inside
        self._wait = wait

    def options(self, launch: Launch) -> list[str]:
        """The launcher's arguments that do not depend on descriptors."""
        limits = launch.limits
        # A program that is execute-only is not dumpable, and in a nested namespace its /proc entries
        # would belong to nobody: the driver could not see what it waits for. So a partner stays outside.
        stays = launch.trusted and self._inside.namespace >= 0
        options = [
            "launch",
            f"uid={0 if stays else self._inside.uid}",
            f"gid={0 if stays else self._inside.gid}",
            f"cwd={launch.cwd}",
            f"path={PATH}",
            # The driver ends a case at limits.cpu, with an explanation; this is for when it cannot look.
            f"cpu={int(limits.cpu) + 2}",
            f"nproc={limits.processes + self._inside.crowd()}",
            f"nofile={limits.descriptors}",
            f"fsize={limits.file}",
            f"msgqueue={1 << 20}",
        ]
        if launch.address_space:
            options.append(f"as={limits.memory + launch.more_memory}")
        return options

    def _needed(self, launch: Launch) -> dict[str, int]:
        """The launcher's arguments that name descriptors, whatever is started; -1: it goes without."""
        return {
            "userns": -1 if launch.trusted else self._inside.namespace,
            "landlock": self._inside.rules(launch.trusted),
            "proc": self._inside.proc,
        }

    def start(
        self,
        launch: Launch,
        standard: tuple[int, int, int],
        *,
        gate: int = -1,
        terminal: bool = False,
    ) -> Launched:
        """Start one program.

        standard: descriptors that become its 0, 1 and 2. When this returns exec may still have to come: `settle`
        waits for it, with a gate when that is open.
        """
        options = self.options(launch)
        if gate < 0 and not terminal and (launched := self._vfork(launch, standard, options)) is not None:
            return launched
        failures, errors = os.pipe2(os.O_CLOEXEC)
        # dup2 actions run in order: the sources are never 0, 1 or 2 themselves.
        actions: list[tuple[int, ...]] = [
            (os.POSIX_SPAWN_CLOSE, at) if fd == CLOSED else (os.POSIX_SPAWN_DUP2, fd, at)
            for at, fd in enumerate(standard)
        ]

        # A number that is a source of a later copy would be gone by then.
        above = max(_PASSED, errors, *standard)

        def pass_on(name: str, descriptor: int) -> None:
            if descriptor >= 0:
                number = above + 1 + len(actions)
                actions.append((os.POSIX_SPAWN_DUP2, descriptor, number))
                options.append(f"{name}={number}")

        pass_on("errfd", errors)
        pass_on("gate", gate)
        for name, descriptor in self._needed(launch).items():
            pass_on(name, descriptor)
        leader_end = leader_fd = -1
        if terminal:
            leader_end, leader_fd = os.pipe2(os.O_CLOEXEC)
            pass_on("leader", leader_end)
            options.append("tty=0")
        try:
            pid = self._inside.spawn(
                self._inside.launcher,
                [*options, "--", launch.file, *launch.argv],
                dict(launch.env),
                file_actions=actions,
                setsigdef=_RESET,
            )
        finally:
            os.close(errors)
            if leader_end >= 0:
                os.close(leader_end)
        launched = Launched(pid, failures=failures)
        if terminal:
            launched.leader_fd = leader_fd
            try:
                launched.pid = self._program_pid(launched)
            except BaseException:
                os.close(leader_fd)
                launched.forget()
                raise
            launched.leader = pid if launched.pid != pid else 0
        return launched

    def _vfork(self, launch: Launch, standard: tuple[int, int, int], options: list[str]) -> Launched | None:
        """The short way, which leaves nothing to settle; None where it cannot be gone."""
        vforking, own = self._inside.vforking, f"{self._inside.programs}/"
        if vforking is None or ("/" in launch.file and not launch.file.startswith(own)) or has_children():
            return None
        descriptors = dict(zip(("stdin", "stdout", "stderr"), standard, strict=True)) | self._needed(launch)
        words = [*options, *(f"{name}={number}" for name, number in descriptors.items()), "--", launch.file]
        started = vforking.start([*words, *launch.argv], launch.env)
        if started is None:
            return None
        if started[1] == _TOO_LONG:  # the scenario's doing, not the program's: launch could not be executed, either
            raise OSError(errno.E2BIG, "starting a program: the arguments or the environment are too long")
        return Launched(started[0], error=self._exec_error(started[1]))

    def settle(self, launched: Launched) -> None:
        """Wait until the program was executed, or know why not."""
        if launched.failures >= 0:
            try:
                launched.error = self._exec_error(self._told(launched, 128))
            finally:
                launched.forget()

    def _told(self, launched: Launched, size: int) -> bytes:
        """The next that the launcher tells; nothing when it has executed the program, or has died."""
        if self._wait is not None and not _has_come(launched.failures, _PROMPT):

            def told() -> bool:
                if _has_come(launched.failures, 0):
                    return True
                _continue(launched.pid)
                return False

            self._wait(told, "a program to begin")
        return os.read(launched.failures, size)

    def _program_pid(self, launched: Launched) -> int:
        """That of the program on a terminal, or where there will be none, since its launcher was killed, of that."""
        word = b""
        while not word.endswith(b"\n") and (byte := self._told(launched, 1)):  # no more: a failure may follow
            word += byte
        if not word:
            return launched.pid
        if not word.startswith(b"pid "):
            raise OSError(f"launcher: {word.decode('ascii', 'replace').strip() or 'died'}")
        return int(word[4:])

    @staticmethod
    def _exec_error(told: bytes) -> str:
        """Empty once exec succeeded (the descriptor closed); the errno's name where exec failed."""
        word = told.decode("ascii", "replace").strip()
        if not word:
            return ""
        what, _, number = word.partition(" ")
        if what == "exec" and number.isdigit():
            return os.strerror(int(number))
        if what == "launcher" and number.isdigit():
            raise OSError(int(number), f"executing the launcher: {os.strerror(int(number))}")
        if what == "chdir" and number.isdigit():
            return f"cannot enter its directory: {os.strerror(int(number))}"
        raise OSError(f"launcher: {word}")


def _has_come(descriptor: int, milliseconds: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(milliseconds))


def _continue(pid: int) -> None:
    seen = procfs.stat(pid)
    if seen is not None and seen.state == "T":
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
