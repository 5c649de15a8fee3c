"""Starting a program as the submission, through launch.c."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Mapping
from dataclasses import dataclass

from driver.inside import Inside
from grader.wire import Limits

PATH = "/usr/local/bin:/usr/bin:/bin"  # of every program that is started inside
_PASSED = 900  # the least number under which the launcher gets what it is passed, above what the driver has open
_DESCRIPTORS = 4096  # as many as a driver may ever need: three for each program of a case
CLOSED = -1  # in place of a descriptor: the program starts without it
_RESET = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores these, and exec would pass that on


def allow_descriptors() -> None:
    """Raise the soft limit of this process, and so of the drivers that it forks, as far as may be."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, _DESCRIPTORS) if most >= 0 else _DESCRIPTORS, most))


@dataclass(frozen=True)
class Launch:
    """What is started: file is the path to execute, the rest as in wire.Start."""

    name: str
    file: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    limits: Limits
    address_space: bool = True
    more_memory: int = 0  # bytes of address space over limits.memory
    trusted: bool = False  # a partner: not the submission's, so not in its namespace


@dataclass
class Launched:
    """A program that is on its way. error: why it could not be started.

    leader: the process that keeps its terminal's session, until leader_fd is closed. failures: where the
    launcher tells that exec failed, as long as that is not known (behind a gate), else -1.
    """

    pid: int
    leader: int = 0
    leader_fd: int = -1
    failures: int = -1
    error: str = ""


class Launcher:
    """Starts programs through launch.c, with the submission's identity and limits."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

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

    def start(
        self,
        launch: Launch,
        standard: tuple[int, int, int],
        *,
        gate: int = -1,
        terminal: bool = False,
    ) -> Launched:
        """Start one program.

        standard: descriptors that become its 0, 1 and 2. With a gate, exec is still to come when this
        returns, and `settle` is to be called when the gate is open; without, it has happened or failed.
        """
        failures, errors = os.pipe2(os.O_CLOEXEC)
        options = self.options(launch)
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
        pass_on("userns", -1 if launch.trusted else self._inside.namespace)
        pass_on("gate", gate)
        pass_on("landlock", self._inside.rules(launch.trusted))
        pass_on("proc", self._inside.proc)
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
        try:
            if terminal:
                launched = Launched(self._program_pid(failures), pid, leader_fd, failures)
        except OSError:
            os.close(failures)
            raise
        if gate < 0:
            self.settle(launched)
        return launched

    def settle(self, launched: Launched) -> None:
        """Wait until the program was executed, or know why not."""
        try:
            launched.error = self._exec_error(launched.failures)
        finally:
            os.close(launched.failures)
            launched.failures = -1

    @staticmethod
    def _program_pid(failures: int) -> int:
        word = b""
        while not word.endswith(b"\n") and (byte := os.read(failures, 1)):  # no more: a failure may follow
            word += byte
        if not word.startswith(b"pid "):
            raise OSError(f"launcher: {word.decode('ascii', 'replace').strip() or 'died'}")
        return int(word[4:])

    @staticmethod
    def _exec_error(failures: int) -> str:
        """Empty once exec succeeded (the descriptor closed); the errno's name where exec failed."""
        word = os.read(failures, 128).decode("ascii", "replace").strip()
        if not word:
            return ""
        what, _, number = word.partition(" ")
        if what == "exec" and number.isdigit():
            return os.strerror(int(number))
        if what == "chdir" and number.isdigit():
            return f"cannot enter its directory: {os.strerror(int(number))}"
        raise OSError(f"launcher: {word}")
