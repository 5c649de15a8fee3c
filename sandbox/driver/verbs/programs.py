"""Steps about programs: start, kill, finish."""

from __future__ import annotations

import os
import pty
import signal
import stat
import termios
from collections.abc import Mapping

from driver.launching import CLOSED, PATH, Launch, Launched
from driver.layout import SIZE as REGION_SIZE
from driver.layout import Way
from driver.loop import CaseEndedError
from driver.processes import Started
from driver.stage import Stage
from driver.streams import Stream
from driver.tracer import Tracer
from driver.verbs.data import end_input
from grader import wire
from grader.wire import Ended

# Address space beside limits.memory: the stacks of fifty threads, mapped and hardly used. The loop counts what is used.
_STACKS = 512 << 20


def start(stage: Stage, step: wire.Start) -> bytes:
    """Start a program once, or several times behind one gate."""
    if step.times == 1 and stage.tracer is None:
        _settle(stage, {step.name: _start(stage, step, step.name)})
        return b""
    names = [f"{step.name}.{number}" for number in range(1, step.times + 1)] if step.times > 1 else [step.name]
    waits, go = os.pipe2(os.O_CLOEXEC)
    launched: dict[str, Launched] = {}
    try:
        for name in names:
            launched[name] = _start(stage, step, name, gate=waits)
        if stage.tracer is not None:
            for name in names:
                stage.tracer.starts(name, stage.family.started[name].pid)
    finally:
        os.close(waits)
        os.close(go)
        _settle(stage, launched)
    if stage.tracer is not None:
        _await_birth(stage, stage.tracer, [stage.family.started[name] for name in names])
    return b""


def _settle(stage: Stage, launched: Mapping[str, Launched]) -> None:
    """Wait until these have begun, by name, or know why not."""
    try:
        for name, one in launched.items():
            stage.launcher.settle(one)
            stage.family.started[name].exec_error = one.error
    finally:
        for one in launched.values():
            one.forget()
    stage.loop.started()


# Seconds, as the loop counts them: who finds the table of processes full is not waited for any longer.
_BIRTH = 0.5


def _await_birth(stage: Stage, tracer: Tracer, born: list[Started]) -> None:
    """Let each hear of what was before its birth, and of nothing that the scenario does afterwards."""
    end = stage.loop.elapsed() + _BIRTH
    stage.loop.wait(
        lambda: all(not started.alive or tracer.knows(started.pid) for started in born) or stage.loop.elapsed() > end,
        "the beginning of a program",
        patient=True,
    )


def _start(stage: Stage, step: wire.Start, name: str, gate: int = -1) -> Launched:
    argv = tuple(stage.fill(word) for word in step.argv)
    file, address_space = _executable(stage, step, argv[0])
    environment = {
        "PATH": PATH,
        "HOME": stage.inside.home,
        "USER": "student",
        "LANG": "C.UTF-8",
        **({"TERM": "xterm"} if step.tty else {}),
        **({} if step.partner else stage.programs.environment),
        **{key: stage.fill(value) for key, value in step.env.items()},
    }
    launch = Launch(
        name=name,
        file=file,
        argv=argv,
        env=environment,
        cwd=stage.place(step.cwd),
        limits=stage.limits,
        address_space=address_space,
        more_memory=_STACKS + (REGION_SIZE if stage.tracer is not None else 0),
        trusted=step.partner,
    )
    return _start_on_terminal(stage, launch, gate) if step.tty else _start_on_pipes(stage, launch, step, gate)


def _executable(stage: Stage, step: wire.Start, command: str) -> tuple[str, bool]:
    if step.program:
        build = "partner" if step.partner else stage.programs.build
        path = f"{stage.inside.programs}/{build}/{step.program}"
        return path, step.partner or stage.programs.address_space
    if "/" in command:
        return os.path.join(stage.inside.home, command), True
    return command, True


def _start_on_pipes(stage: Stage, launch: Launch, step: wire.Start, gate: int) -> Launched:
    close_after: list[int] = []
    stdin, stdin_write = _input(stage, step.stdin, close_after)
    stdout, stdout_read = _output(stage, step.stdout, close_after)
    stderr, stderr_read = _output(stage, "pipe", close_after)
    try:
        made = stage.launcher.start(launch, (stdin, stdout, stderr), gate=gate)
    finally:
        for descriptor in close_after:
            os.close(descriptor)
    started = Started(launch.name, launch.argv, made.pid, stdout_read, stderr_read, stdin_write)
    _register(stage, started)
    if stdin_write >= 0:
        stage.will_write(stdin_write)
    return made


def _start_on_terminal(stage: Stage, launch: Launch, gate: int) -> Launched:
    master, slave = pty.openpty()
    os.set_inheritable(master, False)
    stage.inside.give(slave)
    settings = termios.tcgetattr(slave)
    settings[1] &= ~termios.ONLCR  # what the program prints, as it prints it
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, settings)
    try:
        made = stage.launcher.start(launch, (slave, slave, slave), gate=gate, terminal=True)
        stage.will_write(slave)
    except CaseEndedError:
        os.close(master)
        raise
    finally:
        os.close(slave)
    stream = Stream(master, stage.limits.output, stage.loop.more)
    _register(
        stage,
        Started(
            launch.name,
            launch.argv,
            made.pid,
            stream,
            None,
            os.dup(master),
            tty=True,
            leader=made.leader,
            leader_fd=made.leader_fd,
        ),
    )
    return made


def _register(stage: Stage, started: Started) -> None:
    stage.family.add(started)
    if started.stdin >= 0:
        os.set_blocking(started.stdin, False)
    for stream in (started.stdout, started.stderr):
        if stream is not None:
            stage.loop.follow(started.name, stream)


def _input(stage: Stage, source: str, close_after: list[int]) -> tuple[int, int]:
    """Descriptors for a program's stdin and for the driver's end of it (-1: none)."""
    if source == "pipe":
        read, write = os.pipe2(os.O_CLOEXEC)
        close_after.append(read)
        return read, write
    if source == "closed":
        return CLOSED, -1
    if source == "null":
        descriptor = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        close_after.append(descriptor)
        return descriptor, -1
    handle = stage.handle(source)
    if handle.stream is None:
        raise CaseEndedError(Ended.REFUSED, f"{source} cannot be read from")
    # What comes now is the program's: the driver must not read it away, nor leave its own mode on it.
    stage.loop.forget(handle.stream)
    os.set_blocking(handle.stream.descriptor, True)
    return handle.stream.descriptor, -1


def _output(stage: Stage, target: str, close_after: list[int]) -> tuple[int, Stream | None]:
    if target == "pipe":
        read, write = os.pipe2(os.O_CLOEXEC)
        close_after.append(write)
        return write, Stream(read, stage.limits.output, stage.loop.more)
    if target == "closed":
        return CLOSED, None
    if target == "null":
        descriptor = os.open("/dev/null", os.O_WRONLY | os.O_CLOEXEC)
        close_after.append(descriptor)
        return descriptor, None
    handle = stage.handle(target)
    if handle.write < 0:
        raise CaseEndedError(Ended.REFUSED, f"{target} cannot be written to")
    if not stat.S_ISFIFO(os.fstat(handle.write).st_mode):
        os.set_blocking(handle.write, True)
        return handle.write, None
    # An open file of its own: what is blocking for the program must not be so for the driver.
    descriptor = os.open(f"/proc/self/fd/{handle.write}", os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    os.set_blocking(descriptor, True)
    close_after.append(descriptor)
    return descriptor, None


def kill(stage: Stage, step: wire.Kill) -> bytes:
    """SIGKILL, and wait until it is gone."""
    for started in stage.members(step.name):
        if started.alive:
            stage.acts(Way.BY_SIGNAL)
            stage.family.about_to_kill(started.pid)
            started.send(signal.SIGKILL)  # it may be gone already: its parent may end it too
            stage.loop.acted()
            stage.loop.wait(started.has_ended, f"{started.name} to die")
    return b""


def finish(stage: Stage, step: wire.Finish) -> bytes:
    """Close its stdin, wait until it has exited, and read all that it printed."""
    for started in stage.all(step.name):
        if step.close_stdin:
            end_input(stage, started)
    for started in stage.all(step.name):
        stage.loop.await_exit(started)
    collect(stage)
    return b""


def collect(stage: Stage) -> None:
    """Read what has been printed by programs that have ended, to the last byte."""
    for started in stage.family.started.values():
        if started.alive:
            continue
        if started.tty and started.stdout is not None:
            # A terminal's bytes come by a worker of the kernel: its end is announced by EIO.
            stage.loop.wait(started.stdout.has_ended, "the terminal to close", patient=True)
        stage.loop.drain_ended([started])
        for stream in (started.stdout, started.stderr):
            if stream is not None and stream.over:
                raise CaseEndedError(
                    Ended.FLOOD, f"{started.name} printed more than {stage.limits.output} bytes", started.name
                )
