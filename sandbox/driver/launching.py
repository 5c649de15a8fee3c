"""Starting a program as the submission, through launch.c."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass

from driver.inside import Inside
from grader.wire import Limits

CLOSED = -1  # in place of a descriptor: the program starts without it
_RESET = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores these, and exec would pass that on


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


class Launcher:
    """Starts programs through launch.c, with the submission's identity and limits."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside

    def options(self, launch: Launch) -> list[str]:
        """The launcher's arguments that do not depend on descriptors."""
        limits = launch.limits
        options = [
            "launch",
            f"uid={self._inside.uid}",
            f"gid={self._inside.gid}",
            f"cwd={launch.cwd}",
            # The driver ends a case at limits.cpu, with an explanation; this is for when it cannot look.
            f"cpu={int(limits.cpu) + 2}",
            f"nproc={limits.processes}",
            f"nofile={limits.descriptors}",
            f"fsize={limits.file}",
            f"msgqueue={1 << 20}",
        ]
        if launch.address_space:
            options.append(f"as={limits.memory}")
        return options

    def start(
        self,
        launch: Launch,
        standard: tuple[int, int, int],
        *,
        gate: int = -1,
        terminal: bool = False,
    ) -> tuple[int, int, int, str]:
        """Start one program; returns (pid, leader pid, leader descriptor, exec error or "").

        standard: descriptors that become its 0, 1 and 2. With a gate, exec is still to come when this
        returns; without, it has happened (or failed with the errno's name).
        """
        failures, errors = os.pipe2(os.O_CLOEXEC)
        options = self.options(launch)
        # dup2 actions run in order: the sources are never 0, 1 or 2 themselves.
        actions: list[tuple[int, ...]] = [
            (os.POSIX_SPAWN_CLOSE, at) if fd == CLOSED else (os.POSIX_SPAWN_DUP2, fd, at)
            for at, fd in enumerate(standard)
        ]

        def pass_on(descriptor: int, number: int) -> None:
            actions.append((os.POSIX_SPAWN_DUP2, descriptor, number))

        pass_on(errors, 200)
        options.append("errfd=200")
        if self._inside.namespace >= 0:
            pass_on(self._inside.namespace, 201)
            options.append("userns=201")
        if gate >= 0:
            pass_on(gate, 202)
            options.append("gate=202")
        leader_end = leader_fd = -1
        if terminal:
            leader_end, leader_fd = os.pipe2(os.O_CLOEXEC)
            pass_on(leader_end, 203)
            options += ["tty=0", "leader=203"]
        try:
            pid = os.posix_spawn(
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
        leader = 0
        try:
            if terminal:
                leader, pid = pid, self._program_pid(failures)
            error = "" if gate >= 0 else self._exec_error(failures)
        finally:
            os.close(failures)
        return pid, leader, leader_fd, error

    @staticmethod
    def _program_pid(failures: int) -> int:
        word = os.read(failures, 64)
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
