"""The verbs: what each step of a plan does and waits for.

One `Stage` is one case being played. A verb returns the bytes that it read (most return nothing);
it raises CaseEndedError when it can no longer be met. drive.py calls the same verbs.
"""

from __future__ import annotations

import errno
import os
import pty
import re
import shutil
import signal
import socket
import stat
import termios
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Any

import pexpect

from grader import wire
from grader.wire import Ended, Limits, WaitGraph

from driver import calls, graph, ipc, procfs
from driver.census import Census
from driver.inside import Inside
from driver.loop import CaseEndedError, ChildSignal, Loop
from driver.processes import Family, Launch, Launcher, Started
from driver.streams import Stream
from driver.stuck import Quiet, Watch
from driver.workspace import UnreadableError, Workspace

PATH = "/usr/local/bin:/usr/bin:/bin"
_PLACEHOLDER = re.compile(r"%\{([\w.-]+)\.(pid|id)\}")


@dataclass
class Handle:
    """Something that the driver holds for the case. write: descriptor to write to, or -1."""

    name: str
    write: int = -1
    stream: Stream | None = None
    path: str = ""

    def close(self) -> None:
        if self.write >= 0 and (self.stream is None or self.write != self.stream.descriptor):
            os.close(self.write)
        self.write = -1
        if self.stream is not None:
            self.stream.close()


@dataclass(frozen=True)
class Programs:
    """What the build of this case offers. environment: to start them with, besides the usual."""

    build: str
    environment: Mapping[str, str] = field(default_factory=dict)
    address_space: bool = True


class Stage:
    """One case while it is played."""

    def __init__(
        self,
        inside: Inside,
        limits: Limits,
        programs: Programs,
        child_signal: ChildSignal,
        workspace: Workspace,
        census: Census,
    ) -> None:
        self._inside = inside
        self._limits = limits
        self._programs = programs
        self._workspace = workspace
        self._census = census
        self._launcher = Launcher(inside)
        self.family = Family()
        self.loop = Loop(self.family, limits, child_signal, self.wait_graph)
        self._handles: dict[str, Handle] = {}
        self._ids: dict[str, int] = {}

    # --- the whole of it -------------------------------------------------------------------

    def wait_graph(self) -> WaitGraph:
        """Who waits for whom right now."""
        self.family.learn()
        return graph.wait_graph(self.family.living(), self.family.names, self._held())

    def values(self) -> dict[str, str]:
        """What %{...} stood for, for the reader of a report."""
        made = {f"{name}.id": str(number) for name, number in self._ids.items()}
        return made | {f"{name}.pid": str(started.pid) for name, started in self.family.started.items()}

    def close(self) -> None:
        """Let go of every descriptor. The processes are dead by now."""
        for handle in self._handles.values():
            handle.close()
        for started in self.family.started.values():
            _close_stdin(started)
            for stream in (started.stdout, started.stderr):
                if stream is not None:
                    stream.close()

    def _held(self) -> dict[str, str]:
        """Ends of pipes that the driver holds, by what /proc/PID/fd calls them."""
        ends: list[tuple[int, str]] = []
        for started in self.family.started.values():
            if started.stdin >= 0:
                ends.append((started.stdin, f"standard input of {started.name}, which the scenario holds open"))
            ends += [
                (stream.descriptor, f"{words} of {started.name}, which the grader reads")
                for stream, words in ((started.stdout, "standard output"), (started.stderr, "standard error"))
                if stream is not None and not stream.closed
            ]
        for handle in self._handles.values():
            descriptor = handle.stream.descriptor if handle.stream and not handle.stream.closed else handle.write
            if descriptor >= 0:
                ends.append((descriptor, f"{handle.path or handle.name}, which the scenario holds open"))
        held: dict[str, str] = {}
        for descriptor, words in ends:
            held[os.readlink(f"/proc/self/fd/{descriptor}")] = words
        return held

    # --- names -----------------------------------------------------------------------------

    def _fill(self, text: str) -> str:
        """Replace %{NAME.pid} and %{NAME.id}."""

        def value(match: re.Match[str]) -> str:
            name, what = match[1], match[2]
            if what == "pid":
                return str(self._one(name).pid)
            if name not in self._ids:
                raise CaseEndedError(Ended.REFUSED, f"no object called {name} was made")
            return str(self._ids[name])

        return _PLACEHOLDER.sub(value, text) if "%{" in text else text

    def _fill_bytes(self, data: bytes) -> bytes:
        if b"%{" not in data:
            return data
        return self._fill(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def _all(self, name: str) -> list[Started]:
        """NAME, or NAME.1, NAME.2, ... where it was started several times."""
        if name in self.family.started:
            return [self.family.started[name]]
        found = [started for key, started in self.family.started.items() if key.rpartition(".")[0] == name]
        if not found:
            raise CaseEndedError(Ended.REFUSED, f"{name} was not started")
        return found

    def _one(self, name: str) -> Started:
        return self._all(name)[0]

    def _stream(self, name: str, stream: str) -> tuple[Stream, str]:
        """The stream that a step reads from, and whose it is."""
        handle = self._handles.get(name)
        if handle is not None and handle.stream is not None:
            return handle.stream, name
        started = self._one(name)
        found = started.stderr if stream == "stderr" and not started.tty else started.stdout
        if found is None:
            raise CaseEndedError(Ended.REFUSED, f"{name} has no {stream} that the scenario reads")
        return found, started.name

    def _place(self, path: str) -> str:
        """A path of the scenario as the driver finds it."""
        return os.path.join(self._inside.home, self._fill(path))

    # --- verbs -----------------------------------------------------------------------------

    @singledispatchmethod
    def perform(self, step: wire.Step) -> bytes:
        """Carry out one step; returns what it read, if it is one that reads."""
        raise TypeError(f"no verb for {type(step).__name__}")

    @perform.register
    def _(self, step: wire.Start) -> bytes:
        if step.times == 1:
            self._start(step, step.name)
            return b""
        waits, go = os.pipe2(os.O_CLOEXEC)
        try:
            for number in range(1, step.times + 1):
                self._start(step, f"{step.name}.{number}", gate=waits)
        finally:
            os.close(waits)
            os.close(go)
        self.loop.acted()
        return b""

    def _start(self, step: wire.Start, name: str, gate: int = -1) -> None:
        argv = tuple(self._fill(word) for word in step.argv)
        file, address_space = self._executable(step, argv[0])
        environment = {
            "PATH": PATH,
            "HOME": self._inside.home,
            "USER": "student",
            "LANG": "C.UTF-8",
            **({"TERM": "xterm"} if step.tty else {}),
            **({} if step.partner else self._programs.environment),
            **{key: self._fill(value) for key, value in step.env.items()},
        }
        launch = Launch(
            name=name,
            file=file,
            argv=argv,
            env=environment,
            cwd=self._place(step.cwd),
            limits=self._limits,
            address_space=address_space,
        )
        if step.tty:
            self._start_on_terminal(launch, gate)
        else:
            self._start_on_pipes(launch, step, gate)
        self.loop.acted()

    def _executable(self, step: wire.Start, command: str) -> tuple[str, bool]:
        if step.program:
            build = "partner" if step.partner else self._programs.build
            path = f"{self._inside.programs}/{build}/{step.program}"
            return path, step.partner or self._programs.address_space
        if "/" in command:
            return os.path.join(self._inside.home, command), True
        return shutil.which(command, path=PATH) or command, True

    def _start_on_pipes(self, launch: Launch, step: wire.Start, gate: int) -> None:
        close_after: list[int] = []
        stdin, stdin_write = self._input(step.stdin, close_after)
        stdout, stdout_read = self._output(step.stdout, close_after)
        stderr, stderr_read = self._output("pipe", close_after)
        try:
            pid, _, _, error = self._launcher.start(launch, (stdin, stdout, stderr), gate=gate)
        finally:
            for descriptor in close_after:
                os.close(descriptor)
        self._register(Started(launch.name, launch.argv, pid, stdout_read, stderr_read, stdin_write, exec_error=error))

    def _start_on_terminal(self, launch: Launch, gate: int) -> None:
        master, slave = pty.openpty()
        os.set_inheritable(master, False)
        self._inside.give(slave)
        settings = termios.tcgetattr(slave)
        settings[1] &= ~termios.ONLCR  # what the program prints, as it prints it
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, settings)
        try:
            pid, leader, leader_fd, error = self._launcher.start(launch, (slave, slave, slave), gate=gate, terminal=True)
        finally:
            os.close(slave)
        stream = Stream(master, self._limits.output, self.loop.more)
        self._register(
            Started(
                launch.name,
                launch.argv,
                pid,
                stream,
                None,
                os.dup(master),
                tty=True,
                leader=leader,
                leader_fd=leader_fd,
                exec_error=error,
            )
        )

    def _register(self, started: Started) -> None:
        self.family.add(started)
        if started.stdin >= 0:
            os.set_blocking(started.stdin, False)
        for stream in (started.stdout, started.stderr):
            if stream is not None:
                self.loop.follow(started.name, stream)

    def _input(self, source: str, close_after: list[int]) -> tuple[int, int]:
        """Descriptors for a program's stdin and for the driver's end of it (-1: none)."""
        if source == "pipe":
            read, write = os.pipe2(os.O_CLOEXEC)
            close_after.append(read)
            return read, write
        if source in ("null", "closed"):
            descriptor = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
            close_after.append(descriptor)
            return descriptor, -1
        handle = self._handle(source)
        if handle.stream is None:
            raise CaseEndedError(Ended.REFUSED, f"{source} cannot be read from")
        os.set_blocking(handle.stream.descriptor, True)
        return handle.stream.descriptor, -1

    def _output(self, target: str, close_after: list[int]) -> tuple[int, Stream | None]:
        if target == "pipe":
            read, write = os.pipe2(os.O_CLOEXEC)
            close_after.append(write)
            return write, Stream(read, self._limits.output, self.loop.more)
        if target in ("null", "closed"):
            descriptor = os.open("/dev/null", os.O_WRONLY | os.O_CLOEXEC)
            close_after.append(descriptor)
            return descriptor, None
        handle = self._handle(target)
        if handle.write < 0:
            raise CaseEndedError(Ended.REFUSED, f"{target} cannot be written to")
        os.set_blocking(handle.write, True)
        return handle.write, None

    def _handle(self, name: str) -> Handle:
        if name not in self._handles:
            raise CaseEndedError(Ended.REFUSED, f"nothing called {name} was opened")
        return self._handles[name]

    @perform.register
    def _(self, step: wire.Send) -> bytes:
        for started in self._all(step.to):
            if started.stdin < 0:
                raise CaseEndedError(Ended.REFUSED, f"standard input of {started.name} is closed", started.name)
            self._write_all(started.stdin, self._fill_bytes(step.data), f"standard input of {started.name}")
        return b""

    def _write_all(self, descriptor: int, data: bytes, where: str) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(descriptor, rest) :]
                self.loop.acted()
            except BlockingIOError:
                self.loop.wait(
                    lambda: procfs.writable(descriptor), f"room in {where}", writable=descriptor
                )
            except OSError as error:
                if error.errno in (errno.EPIPE, errno.ECONNRESET, errno.EIO):
                    self.loop.acted()
                    raise CaseEndedError(
                        Ended.REFUSED, f"nobody reads {where} any more ({errno.errorcode[error.errno]})"
                    ) from None
                raise CaseEndedError(Ended.REFUSED, f"writing to {where}: {error.strerror}") from None

    @perform.register
    def _(self, step: wire.Expect) -> bytes:
        sources = [step.source] if step.source in self._handles else [s.name for s in self._all(step.source)]
        for source in sources:
            stream, name = self._stream(source, step.stream)
            pattern = self._fill(step.pattern)
            try:
                for _ in range(step.count):
                    if step.kind == "text":
                        stream.await_text(pattern.encode())
                    elif step.kind == "line":
                        stream.await_pattern(b"^" + re.escape(pattern.encode()) + b"\r?\n")
                    else:
                        stream.await_pattern(pattern.encode())
            except pexpect.EOF:
                raise CaseEndedError(
                    Ended.END_OF_FILE, f"{name} closed its {step.stream} before {pattern!r} came", name
                ) from None
        return b""

    @perform.register
    def _(self, step: wire.Open) -> bytes:
        path = self._place(step.path) if step.path else ""
        words = step.path or step.name
        if step.kind == "pipe":
            read, write = os.pipe2(os.O_CLOEXEC)
            self._hold(Handle(step.name, write=write, stream=self._reader(read)))
        elif step.kind == "fifo":
            self._hold(self._open_fifo(step.name, path, words, writing=step.mode == "write"))
        elif step.kind == "file":
            self._hold(self._open_file(step, path))
        else:
            self._hold(self._connect(step, path))
        return b""

    def _hold(self, handle: Handle) -> None:
        previous = self._handles.pop(handle.name, None)
        if previous is not None:
            previous.close()
        self._handles[handle.name] = handle
        if handle.stream is not None:
            self.loop.follow(handle.name, handle.stream)
        self.loop.acted()

    def _reader(self, descriptor: int) -> Stream:
        # What a scenario reads back may be larger than what a program may print.
        return Stream(descriptor, max(self._limits.output, 16 << 20), self.loop.more)

    def _open_fifo(self, name: str, path: str, words: str, *, writing: bool) -> Handle:
        """Open a FIFO when the other side does, without ever hanging in open() ourselves."""
        if not writing:
            return self._await_writer(name, path, words)
        opened: list[int] = []

        def attempt() -> bool:
            try:
                opened.append(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC))
            except OSError as error:
                if error.errno in (errno.ENXIO, errno.ENOENT):
                    return False
                raise CaseEndedError(Ended.REFUSED, f"opening {words}: {error.strerror}") from None
            return True

        self.loop.wait(attempt, f"a reader of {words}")
        if not stat.S_ISFIFO(os.fstat(opened[0]).st_mode):
            os.close(opened[0])
            raise CaseEndedError(Ended.REFUSED, f"{words} is not a FIFO")
        return Handle(name, write=opened[0], path=words)

    def _await_writer(self, name: str, path: str, words: str) -> Handle:
        """open(O_RDONLY) returns when a writer comes: only a blocking open can tell, so a thread makes it."""
        self.loop.wait(lambda: os.path.lexists(path), f"FIFO {words}")
        if not stat.S_ISFIFO(os.lstat(path).st_mode):
            raise CaseEndedError(Ended.REFUSED, f"{words} is not a FIFO")
        outcome: list[int] = []
        failure: list[OSError] = []

        def opener() -> None:
            try:
                outcome.append(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))
            except OSError as error:
                failure.append(error)

        thread = threading.Thread(target=opener, daemon=True)
        thread.start()
        try:
            self.loop.wait(lambda: not thread.is_alive(), f"a writer of {words}")
        except CaseEndedError:
            # Free the thread: our own write end is the writer that it waits for.
            os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC))
            thread.join()
            raise
        if failure:
            raise CaseEndedError(Ended.REFUSED, f"opening {words}: {failure[0].strerror}")
        return Handle(name, stream=self._reader(outcome[0]), path=words)

    def _open_file(self, step: wire.Open, path: str) -> Handle:
        flags = {
            "read": os.O_RDONLY,
            "write": os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
            "append": os.O_WRONLY | os.O_CREAT | os.O_APPEND,
        }[step.mode]
        try:
            descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise CaseEndedError(Ended.REFUSED, f"opening {step.path}: {error.strerror}") from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise CaseEndedError(Ended.REFUSED, f"{step.path} is not a regular file")
        if step.mode == "read":
            return Handle(step.name, stream=self._reader(descriptor), path=step.path)
        self._inside.give(descriptor)
        return Handle(step.name, write=descriptor, path=step.path)

    def _connect(self, step: wire.Open, path: str) -> Handle:
        kinds = {
            "stream": socket.SOCK_STREAM,
            "datagram": socket.SOCK_DGRAM,
            "seqpacket": socket.SOCK_SEQPACKET,
        }
        connection = socket.socket(socket.AF_UNIX, kinds[step.kind])
        connection.setblocking(False)
        if step.kind == "datagram":
            connection.bind(b"")  # an address of its own (autobind), so that it can be answered
        address = path if not step.path.startswith("@") else "\0" + step.path[1:]

        def attempt() -> bool:
            try:
                connection.connect(address)
            except BlockingIOError:  # the backlog is full
                return False
            except OSError as error:
                if error.errno == errno.ENOENT:
                    return False
                raise CaseEndedError(Ended.REFUSED, f"connecting to {step.path}: {error.strerror}") from None
            return True

        self.loop.wait(attempt, f"socket {step.path}")
        descriptor = connection.detach()
        os.set_blocking(descriptor, False)
        return Handle(step.name, write=descriptor, stream=self._reader(descriptor), path=step.path)

    @perform.register
    def _(self, step: wire.Write) -> bytes:
        data = self._fill_bytes(step.data)
        handle = self._handles.get(step.to)
        if handle is not None:
            if handle.write < 0:
                raise CaseEndedError(Ended.REFUSED, f"{step.to} is not open for writing")
            self._write_all(handle.write, data, handle.path or handle.name)
            return b""
        path = self._place(step.to)
        if os.path.lexists(path) and stat.S_ISREG(os.lstat(path).st_mode):
            handle = self._open_file(wire.Open(step.to, "file", step.to, "write"), path)
        else:
            handle = self._open_fifo(step.to, path, step.to, writing=True)
        try:
            self._write_all(handle.write, data, step.to)
        finally:
            handle.close()
            self.loop.acted()
        return b""

    @perform.register
    def _(self, step: wire.Read) -> bytes:
        handle = self._handles.get(step.source)
        if handle is None:
            path = self._place(step.source)
            self.loop.wait(lambda: os.path.lexists(path), step.source)
            if stat.S_ISREG(os.lstat(path).st_mode):
                return self._contents(step.source)
            handle = self._await_writer(step.source, path, step.source)
            self._hold(handle)
        stream = handle.stream
        if stream is None:
            raise CaseEndedError(Ended.REFUSED, f"{step.source} is not open for reading")
        self.loop.wait(
            lambda: stream.ended or (step.size > 0 and stream.total >= step.size),
            f"{step.size} bytes from {step.source}" if step.size else f"end of file on {step.source}",
        )
        return bytes(stream.received)

    @perform.register
    def _(self, step: wire.Close) -> bytes:
        name, _, end = step.name.rpartition(".")
        if step.name in self._handles:
            self._handles[step.name].close()
        elif end == "stdin" and name:
            for started in self._all(name):
                self._end_input(started)
        elif end == "stdout" and name:
            for started in self._all(name):
                if started.stdout is not None:
                    started.stdout.close()
        else:
            raise CaseEndedError(Ended.REFUSED, f"nothing called {step.name} is open")
        self.loop.acted()
        return b""

    def _end_input(self, started: Started) -> None:
        if started.tty and started.stdin >= 0 and started.alive:
            try:
                os.write(started.stdin, b"\x04")
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
        elif not started.tty:
            _close_stdin(started)
        self.loop.acted()

    @perform.register
    def _(self, step: wire.Make) -> bytes:
        owner = ipc.Owner(self._inside.owner, self._inside.group)
        name = self._fill(step.path or step.name)
        try:
            if step.kind in ("shm", "sem", "msg"):
                self._make_system_v(step, owner)
            elif step.kind == "posix-shm":
                ipc.make_posix_shm(name, step.size, step.mode, owner)
            elif step.kind == "posix-sem":
                ipc.make_posix_sem(name, step.values[0] if step.values else 0, step.mode, owner)
            elif step.kind == "mqueue":
                ipc.make_mqueue(name, mode=step.mode, owner=owner)
            else:
                self._make_file(step, self._place(step.path))
        except OSError as error:
            raise CaseEndedError(Ended.REFUSED, f"making {step.kind} {name}: {error}") from None
        self._census.adopt(step.kind, name if not step.key else "", self._ids.get(step.name, -1))
        self.loop.acted()
        return b""

    def _make_system_v(self, step: wire.Make, owner: ipc.Owner) -> None:
        if step.kind == "shm":
            number = ipc.make_shm(step.key, step.size, step.mode, owner)
        elif step.kind == "sem":
            number = ipc.make_sem(step.key, step.values, step.mode, owner)
        else:
            number = ipc.make_msg(step.key, step.mode, owner)
        self._ids[step.name] = number

    def _make_file(self, step: wire.Make, path: str) -> None:
        if step.kind == "fifo":
            os.mkfifo(path, step.mode)
        elif step.kind == "directory":
            os.mkdir(path, step.mode | 0o100)
        elif step.kind == "symlink":
            os.symlink(step.target, path)
        elif step.kind == "socket":
            with socket.socket(socket.AF_UNIX) as stale:
                stale.bind(path)
        else:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(path, flags, step.mode)
            with os.fdopen(descriptor, "wb") as made:
                made.write(self._fill_bytes(step.data))
        os.chown(path, self._inside.owner, self._inside.group, follow_symlinks=False)
        if step.kind != "symlink":
            os.chmod(path, step.mode)

    @perform.register
    def _(self, step: wire.Remove) -> bytes:
        try:
            os.unlink(self._place(step.path))
        except OSError as error:
            raise CaseEndedError(Ended.REFUSED, f"removing {step.path}: {error.strerror}") from None
        self.loop.acted()
        return b""

    @perform.register
    def _(self, step: wire.Signal) -> bytes:
        for started in self._all(step.to):
            for _ in range(step.times):
                for name in step.signals:
                    self._signal(started, signal.Signals[f"SIG{name}"], group=step.group)
        return b""

    def _signal(self, started: Started, number: signal.Signals, *, group: bool) -> None:
        """Send one, and wait until it has been taken, so that the next cannot merge with it."""
        if not started.alive:
            raise CaseEndedError(Ended.EXITED, f"{started.name} has ended before it could be sent {number.name}", started.name)
        if group:
            os.killpg(os.getpgid(started.pid), number)
        else:
            os.kill(started.pid, number)
        self.loop.acted()
        mask = 1 << (number - 1)

        def taken() -> bool:
            if not started.alive:
                return True
            now, status = procfs.stat(started.pid), procfs.status(started.pid)
            if now is None or status is None or now.state in "ZX":
                return True
            if number == signal.SIGSTOP:
                return now.state in "Tt"
            if number == signal.SIGCONT:
                return now.state not in "Tt"
            if now.state in "Tt":
                return True
            return not status.pending & mask

        # patient: a signal that is blocked for good is never taken, which is the program's own affair.
        self.loop.wait(taken, f"{started.name} to take {number.name}", patient=True)

    @perform.register
    def _(self, step: wire.Kill) -> bytes:
        for started in self._all(step.name):
            if started.alive:
                os.kill(started.pid, signal.SIGKILL)
                self.loop.acted()
                self.loop.wait(lambda: not started.alive, f"{started.name} to die", patient=False)
        return b""

    @perform.register
    def _(self, step: wire.Blocked) -> bytes:
        programs = self._all(step.name)
        what = step.call if step.call != "any" else "any call"
        words = f"{step.name} to be blocked in {what}" + (f" on {step.object}" if step.object else "")
        if step.call == "any":
            for started in programs:
                watch = Watch(lambda pid=started.pid: self.family.tree(pid))  # type: ignore[misc]
                self._await_call(
                    programs, lambda watch=watch: watch.look() in (Quiet.DEAD, Quiet.TIMED), words  # type: ignore[misc]
                )
        else:
            wanted = self._fill(step.object)

            def count() -> int:
                return sum(self._blocked(started, step.call, wanted) for started in programs)

            self._await_call(programs, lambda: count() >= step.count, words)
        for started in programs:
            self._census.look_at_descriptors(self.family.tree(started.pid), self.family.names)
        return b""

    def _await_call(self, programs: list[Started], blocked: Callable[[], bool], words: str) -> None:
        def done() -> bool:
            for started in programs:
                if not started.alive:
                    raise CaseEndedError(Ended.EXITED, f"{started.name} has ended", started.name)
            return blocked()

        self.loop.wait(done, words)

    def _blocked(self, started: Started, family: str, wanted: str) -> int:
        """How many processes of the tree are blocked in a call of that family, on that object."""
        found = 0
        for pid in self.family.tree(started.pid):
            found += any(
                call.family == family and (not wanted or self._about(pid, call, wanted)) for call in calls.blocked(pid)
            )
        return found

    def _about(self, pid: int, call: calls.Call, wanted: str) -> bool:
        """Is the call about what the step names: a path, a handle, or a descriptor number?"""
        if wanted.isdigit():
            return call.descriptor == int(wanted)
        handle = self._handles.get(wanted)
        if handle is not None:
            mine = handle.stream.descriptor if handle.stream is not None else handle.write
            return call.target == os.readlink(f"/proc/self/fd/{mine}")
        if wanted == "stdin":
            return call.descriptor == 0
        if call.path:
            cwd = procfs.cwd(pid) or self._inside.home
            return os.path.normpath(os.path.join(cwd, call.path)) == os.path.normpath(self._place(wanted))
        return call.target == os.path.normpath(self._place(wanted))

    @perform.register
    def _(self, step: wire.Handles) -> bytes:
        wanted = 0
        for name in step.signals:
            wanted |= 1 << (signal.Signals[f"SIG{name}"] - 1)
        for started in self._all(step.name):

            def ready(started: Started = started) -> bool:
                if not started.alive:
                    raise CaseEndedError(Ended.EXITED, f"{started.name} has ended", started.name)
                status = procfs.status(started.pid)
                return status is not None and (status.caught | status.blocked | status.ignored) & wanted == wanted

            self.loop.wait(ready, f"{started.name} to handle {', '.join(f'SIG{name}' for name in step.signals)}")
        return b""

    @perform.register
    def _(self, step: wire.Exists) -> bytes:
        path = self._fill(step.path)
        words = f"{step.kind} {path or hex(step.key)}" if step.kind != "any" else path
        self.loop.wait(lambda: self._exists(step, path) != step.gone, f"{words} to {'be gone' if step.gone else 'exist'}")
        return b""

    def _exists(self, step: wire.Exists, path: str) -> bool:
        tables: dict[str, Callable[[], Any]] = {"shm": ipc.shms, "sem": ipc.sems, "msg": ipc.msgs}
        if step.kind in tables:
            return any(entry.key == step.key for entry in tables[step.kind]())
        if step.kind == "posix-shm":
            return os.path.lexists("/dev/shm" + path)
        if step.kind == "posix-sem":
            return os.path.lexists("/dev/shm/sem." + path.lstrip("/"))
        if step.kind == "mqueue":
            return os.path.lexists("/dev/mqueue" + path)
        try:
            mode = os.lstat(self._place(path)).st_mode
        except OSError:
            return False
        if step.kind == "fifo":
            return stat.S_ISFIFO(mode)
        if step.kind == "socket":
            return stat.S_ISSOCK(mode)
        return True

    @perform.register
    def _(self, step: wire.Processes) -> bytes:
        started = self._one(step.name)
        self.loop.wait(
            lambda: len(self.family.tree(started.pid)) - 1 == step.count,
            f"{step.name} to have {step.count} child processes",
        )
        return b""

    @perform.register
    def _(self, step: wire.Finish) -> bytes:
        for started in self._all(step.name):
            if step.close_stdin:
                self._end_input(started)
        for started in self._all(step.name):
            self.loop.wait(lambda started=started: not started.alive, f"{started.name} to exit")  # type: ignore[misc]
        self.collect()
        return b""

    def collect(self) -> None:
        """Read what has been printed by programs that have ended, to the last byte."""
        for started in self.family.started.values():
            if started.alive:
                continue
            if started.tty and started.stdout is not None:
                stream = started.stdout
                # A terminal's bytes come by a worker of the kernel: its end is announced by EIO.
                self.loop.wait(lambda stream=stream: stream.ended, "the terminal to close", patient=True)  # type: ignore[misc]
            self.loop.drain_ended([started])
            for stream in (s for s in (started.stdout, started.stderr) if s is not None):
                if stream.over:
                    raise CaseEndedError(
                        Ended.FLOOD, f"{started.name} printed more than {self._limits.output} bytes", started.name
                    )

    @perform.register
    def _(self, step: wire.Contents) -> bytes:
        return self._contents(step.path)

    def _contents(self, path: str) -> bytes:
        try:
            return self._workspace.read_regular(self._fill(path), self._limits.output)
        except UnreadableError as error:
            raise CaseEndedError(Ended.REFUSED, str(error)) from None


def _close_stdin(started: Started) -> None:
    if started.stdin >= 0:
        os.close(started.stdin)
        started.stdin = -1

