"""Steps about bytes: send, expect, open, write, read, close, contents."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import stat
from collections.abc import Iterable

import pexpect

from driver import procfs
from driver.layout import Way
from driver.loop import CaseEndedError
from driver.processes import Started
from driver.stage import Handle, Stage
from driver.streams import Stream
from driver.workspace import UnreadableError
from grader import wire
from grader.wire import Ended


def send(stage: Stage, step: wire.Send) -> bytes:
    """Write to a program's stdin, or to a handle."""
    if step.to in stage.handles:
        return write(stage, wire.Write(step.to, step.data))
    for started in stage.all(step.to):
        if started.stdin < 0:
            raise CaseEndedError(Ended.REFUSED, f"standard input of {started.name} is closed", started.name)
        try:
            _write_all(stage, started.stdin, stage.fill_bytes(step.data), f"standard input of {started.name}")
        except CaseEndedError:
            _let_end(stage, [started])
            raise
    return b""


def _let_end(stage: Stage, programs: Iterable[Started]) -> None:
    """Its ends are closed before a process that exits is gone: what it exits with is to be told as well."""
    for started in programs:
        if started.alive and procfs.exiting(started.pid):
            stage.loop.wait(started.has_ended, f"{started.name} to exit", announced=True)


def _write_all(stage: Stage, descriptor: int, data: bytes, where: str) -> None:
    rest = memoryview(data)
    while rest:
        stage.acts(Way.BY_DATA)
        try:
            rest = rest[os.write(descriptor, rest) :]
            stage.loop.acted()
        except BlockingIOError:
            stage.loop.wait(lambda: procfs.writable(descriptor), f"room in {where}", writable=descriptor)
        except OSError as error:
            if error.errno in (errno.EPIPE, errno.ECONNRESET, errno.EIO):
                stage.loop.acted()
                raise CaseEndedError(
                    Ended.REFUSED, f"nobody reads {where} any more ({errno.errorcode[error.errno]})"
                ) from None
            raise CaseEndedError(Ended.REFUSED, f"writing to {where}: {error.strerror}") from None


_TOLD = 256  # bytes of what came instead of what was expected


def expect(stage: Stage, step: wire.Expect) -> bytes:
    """Wait until a pattern has come."""
    sources = [step.source] if step.source in stage.handles else [s.name for s in stage.all(step.source)]
    for source in sources:
        stream, name = stage.stream(source, step.stream)
        pattern = stage.fill(step.pattern)
        try:
            for _ in range(step.count):
                if step.kind == "text":
                    stream.await_text(pattern.encode())
                elif step.kind == "line":
                    stream.await_line(pattern.encode())
                else:
                    stream.await_pattern(pattern.encode())
        except pexpect.EOF:
            if source not in stage.handles:
                _let_end(stage, stage.all(source))
            what = "that" if step.kind == "regex" else repr(pattern)  # no student is to read patterns
            end = CaseEndedError(Ended.END_OF_FILE, f"{name} closed its {step.stream} before {what} came", name)
            end.unmatched = stream.pending(_TOLD)
            raise end from None
        except CaseEndedError as end:
            end.unmatched = stream.pending(_TOLD)
            raise
    return b""


def open_(stage: Stage, step: wire.Open) -> bytes:
    """Hold an end of something under a name."""
    path = stage.place(step.path) if step.path else ""
    words = step.path or step.name
    if step.kind == "pipe":
        read, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        _hold(stage, Handle(step.name, write=write, stream=_reader(stage, read)))
    elif step.kind == "fifo":
        _hold(stage, _open_fifo(stage, step.name, path, words, writing=step.mode == "write"))
    elif step.kind == "file":
        _hold(stage, _open_file(stage, step, path))
    else:
        _hold(stage, _connect(stage, step, path))
    return b""


def _hold(stage: Stage, handle: Handle) -> None:
    previous = stage.handles.pop(handle.name, None)
    if previous is not None:
        previous.close()
    stage.handles[handle.name] = handle
    if handle.write >= 0:
        stage.will_write(handle.write)
    # Nothing comes to a file by itself: a step reads it, or a program that gets it as its stdin.
    if handle.stream is not None and not stat.S_ISREG(os.fstat(handle.stream.descriptor).st_mode):
        stage.loop.follow(handle.name, handle.stream)
    stage.loop.acted()


def _reader(stage: Stage, descriptor: int) -> Stream:
    # What a scenario reads back may be larger than what a program may print.
    return Stream(descriptor, max(stage.limits.output, 16 << 20), stage.loop.more)


def _open_fifo(stage: Stage, name: str, path: str, words: str, *, writing: bool) -> Handle:
    """Open a FIFO when the other side does, without ever hanging in open() ourselves."""
    if not writing:
        return _await_writer(stage, name, path, words)
    opened: list[int] = []

    def attempt() -> bool:
        _is_to_be_written(stage, path)
        try:
            opened.append(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC))
        except OSError as error:
            if error.errno in (errno.ENXIO, errno.ENOENT):
                return False
            raise CaseEndedError(Ended.REFUSED, f"opening {words}: {error.strerror}") from None
        return True

    stage.loop.wait(attempt, f"a reader of {words}")
    if not stat.S_ISFIFO(os.fstat(opened[0]).st_mode):
        os.close(opened[0])
        raise CaseEndedError(Ended.REFUSED, f"{words} is not a FIFO")
    return Handle(name, write=opened[0], path=words)


def _is_to_be_written(stage: Stage, path: str) -> None:
    """Say so before it is opened: that alone lets a reader go on."""
    if stage.tracer is None:
        return
    with contextlib.suppress(OSError):
        found = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            stage.will_write(found)
        finally:
            os.close(found)
    stage.acts(Way.BY_DATA)


def _await_writer(stage: Stage, name: str, path: str, words: str) -> Handle:
    """Open a FIFO for reading when a writer does. Our open() returns at once, and lets the writer's return."""
    stage.loop.wait(lambda: _mode(path) != 0, f"FIFO {words}")
    if not stat.S_ISFIFO(_mode(path)):
        raise CaseEndedError(Ended.REFUSED, f"{words} is not a FIFO")
    stage.acts(Way.BY_DATA)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise CaseEndedError(Ended.REFUSED, f"opening {words}: {error.strerror}") from None
    if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):  # the program has put something else there meanwhile
        os.close(descriptor)
        raise CaseEndedError(Ended.REFUSED, f"{words} is not a FIFO")
    stage.loop.acted()
    stream = _reader(stage, descriptor)
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)

    def came() -> bool:
        """Is there a writer, or was there one? (poll(2): no POLLHUP before the first has come.)"""
        if poll.poll(0):
            return True
        try:
            stream.feed(os.read(descriptor, 1))  # 0 bytes: nobody; a byte: came just now
        except BlockingIOError:  # read(2): there is a writer, and nothing from it yet
            return True
        return stream.total > 0

    try:
        stage.loop.wait(came, f"a writer of {words}")
    except CaseEndedError:
        stream.close()
        raise
    return Handle(name, stream=stream, path=words)


def _open_file(stage: Stage, step: wire.Open, path: str) -> Handle:
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
        return Handle(step.name, stream=_reader(stage, descriptor), path=step.path)
    stage.inside.give(descriptor)
    return Handle(step.name, write=descriptor, path=step.path)


def _connect(stage: Stage, step: wire.Open, path: str) -> Handle:
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
        stage.acts(Way.BY_DATA)
        try:
            connection.connect(address)
        except BlockingIOError:  # the backlog is full
            return False
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ECONNREFUSED):  # not bound yet; bound, and not listening yet
                return False
            raise CaseEndedError(Ended.REFUSED, f"connecting to {step.path}: {error.strerror}") from None
        return True

    try:
        stage.loop.wait(attempt, f"somebody at socket {step.path}")
    except CaseEndedError:
        connection.close()
        raise
    descriptor = connection.detach()
    os.set_blocking(descriptor, False)
    return Handle(step.name, write=descriptor, stream=_reader(stage, descriptor), path=step.path)


def write(stage: Stage, step: wire.Write) -> bytes:
    """Write to a handle, or open, write and close a path."""
    data = stage.fill_bytes(step.data)
    handle = stage.handles.get(step.to)
    if handle is not None:
        if handle.write < 0:
            raise CaseEndedError(Ended.REFUSED, f"{step.to} is not open for writing")
        _write_all(stage, handle.write, data, handle.path or handle.name)
        return b""
    path = stage.place(step.to)
    if stat.S_ISREG(_mode(path)):
        handle = _open_file(stage, wire.Open(step.to, "file", step.to, "write"), path)
    else:
        handle = _open_fifo(stage, step.to, path, step.to, writing=True)
    try:
        _write_all(stage, handle.write, data, step.to)
    finally:
        stage.acts(Way.BY_DATA)
        handle.close()
        stage.loop.acted()
    return b""


def _mode(path: str) -> int:
    """What lies at a path, as st_mode; 0 if nothing does: the program may remove it at any moment."""
    try:
        return os.lstat(path).st_mode
    except OSError:
        return 0


def read(stage: Stage, step: wire.Read) -> bytes:
    """Read from a handle or path, until end of file or until enough has come."""
    handle = stage.handles.get(step.source)
    opened = handle is None
    if handle is None:
        path = stage.place(step.source)
        stage.loop.wait(lambda: _mode(path) != 0, step.source)
        if stat.S_ISREG(_mode(path)):
            return _contents(stage, step.source)
        handle = _await_writer(stage, step.source, path, step.source)
        _hold(stage, handle)
    stream = handle.stream
    if stream is None:
        raise CaseEndedError(Ended.REFUSED, f"{step.source} is not open for reading")
    stage.loop.follow(step.source, stream)
    try:
        stage.loop.wait(
            lambda: stream.ended or 0 < step.size <= stream.waiting,
            f"{step.size} bytes from {step.source}" if step.size else f"end of file on {step.source}",
        )
    except CaseEndedError as end:
        end.unmatched = stream.pending(_TOLD)
        raise
    data = stream.take(step.size)
    if opened:
        stage.acts(Way.BY_DATA)
        stage.handles.pop(step.source).close()
        stage.loop.acted()
    return data


def close(stage: Stage, step: wire.Close) -> bytes:
    """Close a handle, or an end of a program's."""
    stage.acts(Way.BY_DATA)
    name, _, end = step.name.rpartition(".")
    if step.name in stage.handles:
        stage.handles[step.name].close()
    elif end == "stdin" and name:
        for started in stage.all(name):
            end_input(stage, started)
    elif end == "stdout" and name:
        for started in stage.all(name):
            if started.stdout is not None:
                started.stdout.close()
    else:
        raise CaseEndedError(Ended.REFUSED, f"nothing called {step.name} is open")
    stage.loop.acted()
    return b""


def end_input(stage: Stage, started: Started) -> None:
    """End of input for a program: close its pipe, or type Ctrl-D on its terminal."""
    if started.tty and started.stdin >= 0 and started.alive:
        try:
            _write_all(stage, started.stdin, b"\x04", f"the terminal of {started.name}")
        except CaseEndedError as end:
            if end.ended is not Ended.REFUSED:  # nobody has the terminal open any more
                raise
    elif not started.tty:
        stage.acts(Way.BY_DATA)
        started.close_stdin()
    stage.loop.acted()


def contents(stage: Stage, step: wire.Contents) -> bytes:
    """What a file holds now."""
    return _contents(stage, step.path)


def _contents(stage: Stage, path: str) -> bytes:
    try:
        return stage.workspace.read_regular(stage.fill(path), stage.limits.output)
    except UnreadableError as error:
        raise CaseEndedError(Ended.REFUSED, str(error)) from None
