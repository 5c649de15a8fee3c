"""Steps about what processes do: signal, blocked, handles, processes."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Sequence

from driver import calls, procfs
from driver.layout import Way
from driver.loop import CaseEndedError
from driver.processes import Child, Started
from driver.stage import Stage
from driver.stuck import Quiet, Watch
from driver.tracer import Tracer
from grader import wire
from grader.wire import Ended


def send_signal(stage: Stage, step: wire.Signal) -> bytes:
    """Send signals, one by one."""
    for started in stage.members(step.to):
        for _ in range(step.times):
            for name in step.signals:
                _signal(stage, started, signal.Signals[f"SIG{name}"], group=step.group)
    return b""


def _signal(stage: Stage, started: Started | Child, number: signal.Signals, *, group: bool) -> None:
    """Send one, and wait until it has been taken, so that the next cannot merge with it."""
    stage.acts(Way.BY_SIGNAL)
    if not started.send(number, group=group):
        words = f"{started.name} has ended before it could be sent {number.name}"
        raise CaseEndedError(Ended.EXITED, words, started.name)
    stage.loop.acted()
    if number in (signal.SIGSTOP, signal.SIGCONT):
        reached = set(_group(stage, started)) if group else {started.pid}
        stage.family.halted -= reached
        if number == signal.SIGSTOP:
            stage.family.halted |= reached

    def taken() -> bool:
        members = _group(stage, started) if group else [started.pid]
        if started.alive and not all(_taken(pid, number) for pid in members):
            return False
        return not (started.alive and _dead(started.pid))  # if it died of it, the next step shall know

    # patient: a signal that is blocked for good is never taken, which is the program's own affair.
    stage.loop.wait(taken, f"{started.name} to take {number.name}", patient=True)
    if number == signal.SIGSTOP and stage.tracer is not None:
        for pid in _group(stage, started) if group else [started.pid]:
            _stop_elsewhere(stage.tracer, pid)


_TRIES = 1000


def _stop_elsewhere(tracer: Tracer, pid: int) -> None:
    """Who is stopped while it changes the region keeps all others from it: let it go on, and stop it again."""
    for _ in range(_TRIES):
        if not tracer.amid(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
            os.sched_yield()
            os.kill(pid, signal.SIGSTOP)
        for _ in range(_TRIES):  # no limits of the case hold here, and somebody else may continue it meanwhile
            if _taken(pid, signal.SIGSTOP):
                break
            os.sched_yield()


def _dead(pid: int) -> bool:
    """Is it a zombie? One whose other threads go on is none."""
    now = procfs.stat(pid)
    return now is not None and now.state in "ZX" and now.threads < 2


def _group(stage: Stage, started: Started | Child) -> list[int]:
    """The living processes of the process group of a program or child."""
    leader = procfs.stat(started.pid)
    found = []
    for pid in stage.family.living():
        now = procfs.stat(pid)
        if now is not None and leader is not None and now.pgrp == leader.pgrp:
            found.append(pid)
    return found


# Signals that do not end a process that has made no arrangement for them (signal(7)).
_HARMLESS = frozenset(
    {
        signal.SIGCHLD,
        signal.SIGCONT,
        signal.SIGURG,
        signal.SIGWINCH,
        signal.SIGSTOP,
        signal.SIGTSTP,
        signal.SIGTTIN,
        signal.SIGTTOU,
    }
)


def _taken(pid: int, number: signal.Signals) -> bool:
    """Has a process acted on a signal that it was sent? A stopped one does when it is continued."""
    tid, now = _thread(pid)
    status = procfs.status(pid, tid) if now is not None and now.state not in "ZX" else None
    if now is None or status is None:
        return True
    if number == signal.SIGSTOP:  # the threads stop one by one
        states = [found.state for one in procfs.tids(pid) if (found := procfs.stat(pid, one)) is not None]
        return all(state in "TtZX" for state in states)
    if number == signal.SIGCONT:
        return now.state not in "Tt"
    if now.state in "Tt" and number != signal.SIGKILL:
        return True
    mask = 1 << (number - 1)
    if number not in _HARMLESS and not (status.caught | status.ignored | status.blocked) & mask:
        # It is no longer pending before the process is seen to die of it. (Or a handler that serves
        # only once has been used up: then the process comes to rest, which ends a patient wait.)
        return False
    return not status.pending & mask


def _thread(pid: int) -> tuple[int, procfs.Stat | None]:
    """A living thread, and how it is: the first one, unless it has left by pthread_exit() while others go on."""
    first = procfs.stat(pid, pid)
    if first is None or first.state in "ZX":
        for tid in procfs.tids(pid):
            now = procfs.stat(pid, tid) if tid != pid else None
            if now is not None and now.state not in "ZX":
                return tid, now
    return pid, first


def blocked(stage: Stage, step: wire.Blocked) -> bytes:
    """Wait until processes of a program are blocked in a call."""
    programs = stage.members(step.name)
    what = step.call if step.call not in ("any", "asleep") else "any call"
    words = f"{step.name} to be blocked in {what}" + (f" on {step.object}" if step.object else "")
    if step.call in ("any", "asleep"):
        for program in stage.all(step.name):
            idle = _idle(stage, program) if step.call == "any" else _asleep(stage, program)
            _await_call(stage, programs, idle, words)
    else:
        wanted = stage.fill(step.object)

        def count() -> int:
            return sum(_blocked(stage, started, step.call, wanted) for started in programs)

        _await_call(stage, programs, lambda: count() >= step.count, words)
    for started in programs:
        stage.census.look_at_descriptors(stage.family.tree(started.pid), stage.family.names)
    return b""


def _idle(stage: Stage, started: Started) -> Callable[[], bool]:
    """A condition: the program and all its descendants are blocked, be it with a time-out."""
    watch = _watch(stage, started)
    return lambda: watch.look() in (Quiet.DEAD, Quiet.TIMED)


def _watch(stage: Stage, started: Started) -> Watch:
    """In the traced build every program imports alarm(): only the region tells who has set one."""
    tracer = stage.tracer
    if tracer is None:
        return Watch(lambda: stage.family.apart(started), programs=stage.program_paths())
    return Watch(lambda: stage.family.apart(started), alarm=tracer.alarm, holds=tracer.holds)


_LOOKS_AGAIN = 5  # so often a process may have waited for a time before it is said to poll


def _asleep(stage: Stage, started: Started) -> Callable[[], bool]:
    """A condition: the program and all its descendants are blocked for ever, but for what others do.

    Who is found again and again in a call with a time limit never will be. Raises CaseEndedError for that.
    """
    watch = _watch(stage, started)
    seen: dict[int, set[int]] = {}

    def asleep() -> bool:
        if watch.look() is Quiet.DEAD:
            return True
        for pid in stage.family.kin(started.pid):
            for call in calls.blocked(pid):
                tid = call.tid or pid
                status = procfs.status(pid, tid) if call.timed else None
                if status is not None:
                    seen.setdefault(tid, set()).add(status.voluntary)
                if len(seen.get(tid, ())) > _LOOKS_AGAIN:
                    stage.family.learn()
                    who = stage.family.name(pid)
                    words = f"{who} wakes up again and again to look: each time it waits in {call.name}() for a time"
                    raise CaseEndedError(Ended.REFUSED, words, who)
        return False

    return asleep


def _await_call(stage: Stage, programs: Sequence[Started | Child], blocked: Callable[[], bool], words: str) -> None:
    def done() -> bool:
        for started in programs:
            if not started.alive:
                raise CaseEndedError(Ended.EXITED, f"{started.name} has ended", started.name)
        return blocked()

    stage.loop.wait(done, words)


def _blocked(stage: Stage, started: Started | Child, family: str, wanted: str) -> int:
    """How many processes of the tree are blocked in a call of that family, on that object."""
    found = 0
    for pid in stage.family.kin(started.pid):
        found += any(
            family in call.families
            and (not wanted or _about(stage, pid, call, wanted))
            and not (family == "open" and stage.held([pid]))
            for call in calls.blocked(pid)
        )
    return found


def _about(stage: Stage, pid: int, call: calls.Call, wanted: str) -> bool:
    """Is the call about what the step names: a path, a handle, a descriptor number, the id of an object?"""
    watched = {descriptor for descriptor, _, _ in calls.watched(call.tid or pid, call)} | {call.descriptor}
    if wanted.isdigit():
        return int(wanted) in watched or int(wanted) == call.identifier
    if wanted in stage.ids:
        return stage.ids[wanted] == call.identifier
    if wanted == "stdin":
        return 0 in watched
    targets = {call.target} | {procfs.fd_link(pid, descriptor) or "" for descriptor in watched if descriptor >= 0}
    handle = stage.handles.get(wanted)
    if handle is not None:
        mine = handle.stream.descriptor if handle.stream is not None and not handle.stream.closed else handle.write
        return mine >= 0 and os.readlink(f"/proc/self/fd/{mine}") in targets
    if call.path:
        cwd = procfs.cwd(pid) or stage.inside.home
        return os.path.normpath(os.path.join(cwd, call.path)) == os.path.normpath(stage.place(wanted))
    return os.path.normpath(stage.place(wanted)) in targets


def handles(stage: Stage, step: wire.Handles) -> bytes:
    """Wait until a program catches, blocks or ignores signals. Where it never does, it is told which of them."""
    wanted = {name: 1 << (signal.Signals[name] - 1) for name in (f"SIG{short}" for short in step.signals)}
    for started in stage.members(step.name):

        def missing(started: Started | Child = started) -> list[str]:
            if not started.alive:
                raise CaseEndedError(Ended.EXITED, f"{started.name} has ended", started.name)
            status = procfs.status(started.pid, _thread(started.pid)[0])
            handled = status.caught | status.blocked | status.ignored if status is not None else 0
            return [name for name, bit in wanted.items() if not handled & bit]

        def ready(missing: Callable[[], list[str]] = missing) -> bool:
            return not missing()

        try:
            stage.loop.wait(ready, f"{started.name} to handle {', '.join(wanted)}")
        except CaseEndedError as end:
            if started.alive:
                end.detail = f"{started.name} neither catches {' nor '.join(missing())} nor blocks or ignores it"
            raise
    return b""


def processes(stage: Stage, step: wire.Processes) -> bytes:
    """Wait until a program has so many living descendants, so many of them that nobody has waited for."""
    (started, *_) = stage.members(step.name)

    def there() -> bool:
        if not started.alive and step.count > 0:
            raise CaseEndedError(Ended.EXITED, f"{started.name} has ended", started.name)
        tree = stage.family.tree(started.pid)
        if step.count not in (-1, len(tree) - 1) or stage.held(tree):
            return False
        return step.zombies in (-1, stage.family.unreaped_below(started.pid))

    words = [f"{step.count} child processes"] if step.count >= 0 else []
    words += [f"{step.zombies} zombie processes"] if step.zombies >= 0 else []
    stage.loop.wait(there, f"{step.name} to have {' and '.join(words)}")
    stage.family.learn()  # whoever was counted keeps their number, though the program may now wait for them
    return b""
