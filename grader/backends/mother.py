"""A warm process that forks a driver for each sandbox: what `local` and `inplace` have in common.

It has imported everything that a driver needs, so that a sandbox does not cost the start of an interpreter. The
engine talks to it over a socket, one JSON document a message (driver/zygote.py and driver/inplace.py tell which).
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import wire
from grader.backends.conversation import Conversation
from grader.backends.launcher import launcher
from grader.backends.runtime import has_runtime, runtime
from grader.errors import SandboxError
from grader.wire import CasePlan, Observation, Plan

_LESSONS = 100  # sets of cases that a mother is to have in mind at a time: those of a course
_PATIENCE = 60.0  # seconds to clean up after a run has ended


@dataclass
class _Lesson:
    """Cases that have gone out; number: under which she has learned them, 0 as long as she has not."""

    cases: tuple[CasePlan, ...]
    number: int = 0


class Mother:
    """driver: the folder sandbox/. module: whose main() she runs."""

    def __init__(self, driver: Path, module: str) -> None:
        self._lock = threading.Lock()
        self._driver = driver
        self._provided = not has_runtime(driver)
        self._lessons: dict[tuple[int, ...], _Lesson] = {}
        self.learned = 0  # the number of her last lesson
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        program, library = (os.open(made, os.O_RDONLY | os.O_CLOEXEC) for made in launcher(driver))
        self._runtime = os.memfd_create("runtime", os.MFD_CLOEXEC)
        command = (
            f"import sys; sys.path[:0] = sys.argv[5:]; from {module} import main; main()",
            str(theirs.fileno()),
            str(program),
            str(self._runtime),
            str(library),
            str(Path(wire.__file__).parent.parent),
            str(driver),
        )
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), program, self._runtime, library),
                start_new_session=True,  # a Ctrl-C at the terminal is ours to handle
            )
        finally:
            theirs.close()
            os.close(program)
            os.close(library)

    @property
    def pid(self) -> int:
        """Of her process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """She can still be asked."""
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        """Her answer. Raises SandboxError where she has died."""
        with self._lock:
            try:
                socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
                answer = self._control.recv(65536)
            except OSError:
                answer = b""
        if not answer:
            raise SandboxError("the process that makes sandboxes died; is there enough memory? can it import pexpect?")
        made: dict[str, Any] = json.loads(answer)
        return made

    def provide_runtime(self) -> None:
        """Let every driver have the runtime of traced builds. Raises SandboxError where it does not compile.

        Before the first plan that asks for it: most do not, and to compile it takes seconds.
        """
        with self._lock:
            if not self._provided:
                rest = memoryview(runtime(self._driver).read_bytes())
                while rest:
                    rest = rest[os.write(self._runtime, rest) :]
                self._provided = True

    def lesson(self, cases: tuple[CasePlan, ...]) -> int:
        """The number of these cases, which are learned when they come for the second time; 0: not yet."""
        key = tuple(map(id, cases))
        with self._lock, contextlib.suppress(OSError):  # she has died, and somebody else will tell
            lesson = self._lessons.get(key)
            if lesson is None:
                if len(self._lessons) == _LESSONS:
                    oldest = self._lessons.pop(next(iter(self._lessons)))
                    if oldest.number:
                        self._control.send(json.dumps({"forget": oldest.number}).encode())
                self._lessons[key] = _Lesson(cases)  # holds on to them, so that their ids stay their own
                return 0
            self._lessons[key] = self._lessons.pop(key)  # the one that was used last comes last
            if not lesson.number:
                with os.fdopen(os.memfd_create("lesson", os.MFD_CLOEXEC), "wb") as text:
                    text.write(wire.encode(Plan((), cases)))
                    text.flush()
                    socket.send_fds(self._control, [json.dumps({"learn": self.learned + 1}).encode()], [text.fileno()])
                self.learned = lesson.number = self.learned + 1
            return lesson.number
        return 0

    def end(self, pid: int) -> None:
        """Kill a sandbox, without waiting for its end."""
        with self._lock, contextlib.suppress(OSError):
            self._control.send(json.dumps({"close": pid}).encode())

    def bury(self, pid: int) -> int:
        """Kill a sandbox and wait until it is gone; the wait status of its driver, 0 if that cannot be told."""
        try:
            return int(self.ask({"bury": pid}, [])["status"])
        except SandboxError:
            return 0

    def close(self) -> None:
        """End her, and with her every sandbox that is still open."""
        self._control.close()
        with self._lock:
            os.close(self._runtime)
            self._provided = True
        try:
            self._process.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Forked:
    """A grader.model.Sandbox, and the conversation.Link to it: a driver that a mother has forked."""

    def __init__(self, mother: Mother, pid: int, channel: socket.socket, learned: int) -> None:
        """channel: our end of what the driver listens to. learned: what Mother.learned was before she forked it."""
        self.pid = pid
        self._learned = learned
        self._mother = mother
        self._channel = channel
        self._conversation = Conversation(self, self._death)
        self._closed = False

    def run(self, plan: Plan) -> Iterator[Observation]:
        """See grader.model.Sandbox."""
        if any(build.runtime for build in plan.builds):
            self._mother.provide_runtime()
        # Who builds plays what everybody plays; what a search plays is its own.
        lesson = self._mother.lesson(plan.cases) if plan.builds and plan.cases else 0
        return self._conversation.run(plan, lesson if lesson <= self._learned else 0)

    def settimeout(self, seconds: float) -> None:
        """See conversation.Link."""
        self._channel.settimeout(seconds)

    def send(self, data: bytes) -> None:
        """See conversation.Link."""
        self._channel.sendall(data)

    def receive(self) -> bytes:
        """See conversation.Link."""
        return self._channel.recv(1 << 16)

    def _death(self) -> str:
        self._closed = True
        if not self._mother.alive:
            return "the process that makes sandboxes died, and its sandboxes with it"
        code = os.waitstatus_to_exitcode(self._mother.bury(self.pid))
        return f"the sandbox's driver died ({f'killed by signal {-code}' if code < 0 else f'exit {code}'})"

    def close(self) -> None:
        """See grader.model.Sandbox."""
        self._channel.close()
        if not self._closed:
            self._closed = True
            self._mother.end(self.pid)
