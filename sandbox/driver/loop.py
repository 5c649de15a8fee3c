"""Waiting: the one loop in which the driver waits for states, and notices how a case can end.

A wait names a condition. Between two looks at it the loop drains every stream, reaps whoever has
exited, and asks `stuck.Watch` whether anything in the case can still happen. There is no sleep:
`select` wakes when something came; its short time-outs only pace the looks at states that the
kernel shows but does not announce (blocked in a call, signal taken, file exists).
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Collection, Iterable

from driver import procfs
from driver.holds import Holds
from driver.partial import Partial
from driver.processes import Family, Started
from driver.streams import Stream
from driver.stuck import Quiet, Rest, Watch
from grader.wire import Ended, Limits, WaitGraph

_LOADING = 0.0005  # seconds that exec and the dynamic linker take: to look before is worth nothing, and costs
_QUIET_AFTER = 0.0016  # a pause of this length without an event is worth a look at all processes
_LIMITS_EVERY = 0.01  # seconds between looks at CPU time and memory
_LATE = 0.25  # seconds; who looks so late was kept from looking, as by a virtual machine that stood still
_CHURN = 100  # processes a second: more of them can use much CPU time that is never seen
_GROUP_CPU = 4  # all processes of a case together may use so many times the limit of one
_NAPS = 20  # looks that find everybody at rest, but not where they were: they go on for ever, a bit at a time
_COMPUTES = 0.05  # seconds of CPU time after which somebody is not waited for any longer
_PATIENCE = 20  # who is kept from the CPU has so many times the wall limit to get to its end


class CaseEndedError(Exception):
    """The case cannot go on; `ended` and the rest say why. Not a failure of ours."""

    def __init__(self, ended: Ended, detail: str, process: str = "", graph: WaitGraph | None = None) -> None:
        super().__init__(detail)
        self.ended = ended
        self.detail = detail
        self.process = process
        self.graph = graph
        self.unmatched = b""  # the end of what had come instead of what a step waited for


class OverloadedError(Exception):
    """Several times the wall limit has passed, and the submission got no CPU for most of it: our fault, not its own."""


class ChildSignal:
    """Makes the exit of any child readable on a descriptor (signal.set_wakeup_fd)."""

    def __init__(self) -> None:
        self.descriptor, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)

    def clear(self) -> None:
        """Forget what was announced, before reaping."""
        try:
            while os.read(self.descriptor, 4096):
                pass
        except BlockingIOError:
            pass


class Loop:
    """The event loop of one case."""

    def __init__(
        self,
        family: Family,
        limits: Limits,
        child_signal: ChildSignal,
        graph: Callable[[], WaitGraph] | None,
        *,
        meanwhile: Callable[[], None] = lambda: None,
        first: float = 0.0002,
        pace: float = 0.008,
        programs: tuple[str, ...] = (),
        alarm: Callable[[int], bool | None] | None = None,
        holds: Holds | None = None,
        shared: Callable[[int], int] = lambda _: 0,
        circle: Callable[[Collection[int]], frozenset[int]] | None = None,
        image: Callable[[int], str] = "/proc/{}/exe".format,
    ) -> None:
        """meanwhile: is called every 10 ms while something is waited for. first, pace: seconds that a wait lasts at
        first, and at most, before it looks again.

        programs, alarm: what is known of alarms (see stuck.Watch). holds: whom a schedule holds. shared: of the
        resident memory of a process, the part that is ours. circle, image: as partial.Partial asks
        for them; None: only the whole case can be stuck.
        """
        self._family = family
        self._limits = limits
        self._child_signal = child_signal
        self._make_graph = graph
        self._meanwhile = meanwhile
        self._streams: list[tuple[str, Stream]] = []
        self._watch = Watch(family.pids, programs=programs, alarm=alarm, holds=holds, releases=True)
        self._partial = Partial(self._watch, family.living, circle, image) if circle is not None else None
        self._holds = holds
        self._shared = shared
        self._first, self._pace = first, pace
        self._began = time.monotonic()
        self._loaded = 0.0  # when the program that was started last can be in its main()
        self._looked_at_limits = self._began
        self._first_pid = procfs.last_pid()
        # Seconds in which some process wanted to run (what of them it got, its CPU time tells), or we did.
        self._kept = 0.0
        self._elapsed = 0.0  # seconds since it began, at the last look at limits (see elapsed())
        self._last_seen: dict[tuple[int, int], float] = {}
        self._used = 0.0  # CPU seconds of all, at the last look at limits
        self._lost = 0.0  # CPU seconds of processes that have ended, when they were last seen
        self.quiet: Quiet = Quiet.RUNNING
        self._quiet_rounds = 0

    def let_run(self) -> None:
        """Wait until the programs have come as far as they can, or will never rest. Raises CaseEndedError as wait().

        Who sleeps for a time rests, too. Who computes, or naps again and again, is not waited for to its end.
        """
        self.acted()
        pause, naps = self._first, 0
        self._check_limits(at_once=True)
        used = self._used
        while naps < _NAPS and self._used - used < _COMPUTES:
            self._check_limits()
            if self._pump(pause, -1):
                pause = self._first
                continue
            pause = min(pause * 2, self._pace)
            rest = self._watch.rest()
            if rest is Rest.RESTS:
                break
            naps += rest is Rest.RAN
        self.acted()

    def follow(self, name: str, stream: Stream) -> None:
        """Drain this stream from now on, if that is not done yet; name: whose it is."""
        if all(other is not stream for _, other in self._streams):
            self._streams.append((name, stream))

    def forget(self, stream: Stream) -> None:
        """Leave a stream to somebody else."""
        self._streams = [(name, other) for name, other in self._streams if other is not stream]

    def acted(self) -> None:
        """The driver did something that may wake a process."""
        self._watch.reset()
        self._quiet_rounds = 0
        self.quiet = Quiet.RUNNING

    def started(self) -> None:
        """The driver has started a program."""
        self.acted()
        self._loaded = time.monotonic() + _LOADING

    def more(self, stream: Stream) -> None:
        """Wait until the stream has more or has ended (for streams.Stream)."""
        before = stream.total
        self.wait(lambda: stream.total > before or stream.ended, "output", needs=self._writers(stream), announced=True)

    def await_exit(self, started: Started) -> None:
        """Wait until a program has exited, which nobody else can bring about. Raises CaseEndedError as wait()."""
        if started.alive and self._holds is None:
            # Most are at their end by now, and what they have printed is read then: the loop is woken once, not twice.
            moved, _ = self._select([], [], _QUIET_AFTER)
            if moved:
                self.acted()
        self.wait(started.has_ended, f"{started.name} to exit", needs=lambda: [started.pid], announced=True)

    def wait(
        self,
        done: Callable[[], bool],
        words: str,
        *,
        writable: int = -1,
        patient: bool = False,
        needs: Callable[[], Collection[int]] | None = None,
        announced: bool = False,
    ) -> None:
        """Return when done() is true. Raises CaseEndedError when it never will be.

        words: what is waited for. writable: a descriptor whose readiness for writing may make it
        true. patient: also return (with self.quiet set) once nothing moves any more. needs: processes without
        which it cannot become true; None: that is not known. announced: nothing makes it true but what wakes the
        loop (somebody exits, a stream has more), so that to look at it again and again is worth nothing.
        """
        # Whom a schedule holds, if anybody, is let go by a look at all: then nothing announces what is waited for.
        first = _QUIET_AFTER if announced and self._holds is None else self._first
        pause = max(first, self._loaded - time.monotonic())
        if self._partial is not None:
            self._partial.begin()
        held = still = moved = skipped = False
        while not done():
            if still:  # a look at all processes costs more than one at the condition, and this came first
                if self._look(done, words, patient=patient):
                    return
                if held and not self._held():
                    pause = first  # they have been let go
                if needs is not None and self._partial is not None and not patient:
                    self._look_at_part(self._partial, done, words, needs)
            # Of two events in a row, as at the end of who has run for long, there is no look after the first.
            skipped = moved and not skipped
            if not skipped:
                self._check_limits()
            moved = self._pump(pause, writable)
            pause = first if moved or self._loaded else min(pause * 2, self._pace)
            self._loaded = 0.0  # from now on it can be anywhere
            held = not moved and self._held()
            # Where something has just moved, a look would not tell more than it costs.
            still = not moved and (pause >= _QUIET_AFTER or patient or held)

    def _held(self) -> bool:
        """Does somebody wait for a look that finds nobody else to go on?"""
        return self._holds is not None and self._holds.pending()

    def _graph(self) -> WaitGraph | None:
        return self._make_graph() if self._make_graph is not None else None

    def _look(self, done: Callable[[], bool], words: str, *, patient: bool) -> bool:
        """One look at whether anything can still happen; True ends the wait (patiently)."""
        self.quiet = self._watch.look()
        self._family.learn(self._family.listed)
        if self.quiet is Quiet.RUNNING:
            self._quiet_rounds = 0
            return False
        if self._pump(0.0, -1):
            return False
        if done():
            return True
        if patient:
            return True
        if self.quiet is Quiet.DEAD:
            self._check_limits(at_once=True)  # who took too much and then fell asleep is not just stuck
            graph = self._graph()
            # Building the graph took time: is all still as it was? (explain.md: a closing chain of
            # ends-of-file was misjudged without this.)
            if self._watch.look() is not Quiet.DEAD or self._pump(0.0, -1) or done():
                return done()
            raise CaseEndedError(Ended.STUCK, f"waiting for {words}", graph=graph)
        if self.quiet is Quiet.EMPTY:
            # Whose exit is not announced yet is heard of all the same; one more round, so that the last bytes are read.
            self._family.reap()
            if done():
                return True
            self._quiet_rounds += 1
            if self._quiet_rounds > 1:
                raise CaseEndedError(Ended.EXITED, f"waiting for {words}: no process is left")
        return False

    def _look_at_part(
        self,
        partial: Partial,
        done: Callable[[], bool],
        words: str,
        needs: Callable[[], Collection[int]],
    ) -> None:
        """Raises CaseEndedError where the wait is for processes that are dead while others are not."""
        if not partial.due(needs) or not partial.certain(needs()):
            return
        graph = self._graph()
        if self._pump(0.0, -1) or done() or not partial.still():
            return
        raise CaseEndedError(Ended.STUCK, f"waiting for {words}", graph=graph)

    def _writers(self, stream: Stream) -> Callable[[], Collection[int]] | None:
        """Whoever can write what a stream waits for, if it comes by a pipe."""
        link = procfs.link(f"/proc/self/fd/{stream.descriptor}") or ""
        if not link.startswith("pipe:"):
            return None
        return lambda: [pid for pid in self._family.living() if _writes_to(pid, link)]

    def _pump(self, pause: float, writable: int) -> bool:
        """Drain and reap what is ready within `pause` seconds. True if anything was."""
        reading = {stream.descriptor: (name, stream) for name, stream in self._streams if not stream.ended}
        moved, ready = self._select(reading, [writable] if writable >= 0 else [], pause)
        for descriptor in ready:
            name, stream = reading[descriptor]
            moved = stream.drain() or moved
            if stream.over:
                raise CaseEndedError(Ended.FLOOD, f"{name} printed more than {self._limits.output} bytes", name)
        if moved:
            self._watch.reset()
            self._quiet_rounds = 0
        return moved

    def _select(self, reading: Iterable[int], writing: Iterable[int], pause: float) -> tuple[bool, list[int]]:
        """Reap whoever exits. Somebody has, or can be written to; which of reading has something."""
        signalled = self._child_signal.descriptor
        ready, can_write, _ = select.select([signalled, *reading], writing, [], pause)
        if signalled not in ready:
            return bool(can_write), ready
        self._child_signal.clear()
        self._family.reap()
        ready.remove(signalled)
        return True, ready

    def elapsed(self) -> float:
        """Seconds of the case, but of what somebody had to wait for a processor only what he used of it."""
        self._check_limits(at_once=True)
        return self._elapsed

    def _check_limits(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if now - self._looked_at_limits < _LIMITS_EVERY and not at_once:
            return
        self._meanwhile()
        since, self._looked_at_limits = now - self._looked_at_limits, now
        used, total, pid, resident, runnable = self._usage()
        self._used = total
        self._kept += since if runnable else max(0.0, since - _LATE)
        # Somebody who naps looks, on a busy machine, as if it were kept from the CPU most of the time; so the
        # time that it had decides, and a right program that is slow only by that comes to its end.
        passed, wall = now - self._began, self._limits.wall
        self._elapsed = passed - self._kept + total
        if self._holds is not None and self._holds.overdue(total, self._elapsed):
            self.acted()
        if used > self._limits.cpu or total > self._limits.cpu * _GROUP_CPU:
            self._family.learn()
            who = self._family.name(pid)
            raise CaseEndedError(Ended.CPU, f"{who} used {used:.1f} s of CPU time", who, self._graph())
        if resident > self._limits.memory and resident - self._ours() > self._limits.memory:
            self._family.learn()
            words = f"more than {self._limits.memory >> 20} MiB of memory"
            raise CaseEndedError(Ended.MEMORY, words, self._family.name(pid))
        if passed > wall:
            born = procfs.last_pid() - self._first_pid  # negative: they have begun anew
            # Elsewhere (inplace) the processes of others count too.
            churn = os.getpid() == 1 and not 0 <= born <= _CHURN * passed
            if churn or self._elapsed > wall:
                self._family.learn()
                raise CaseEndedError(Ended.WALL, f"after {wall:.0f} s", graph=self._graph())
            if passed > _PATIENCE * wall:
                raise OverloadedError(
                    f"the submission wanted to run for {passed:.0f} s and got {total:.2f} s of CPU time"
                )

    def _usage(self) -> tuple[float, float, int, int, bool]:
        """CPU seconds of the hungriest process and of all, its pid, bytes resident of all, does one want to run."""
        most, total, who, resident = 0.0, self._family.reaped_cpu, 0, 0
        living = 0.0
        runnable = False
        seen: dict[tuple[int, int], float] = {}
        for pid in self._family.pids():
            stat = procfs.stat(pid)
            if stat is None:
                continue
            seen[pid, stat.starttime] = stat.cpu
            total += stat.cpu + stat.children_cpu
            living += stat.cpu
            resident += stat.rss
            runnable = runnable or stat.state == "R"
            if stat.cpu >= most:
                most, who = stat.cpu, pid
        # Where SIGCHLD is ignored, the kernel adds the time of those that end to nobody's.
        self._lost += sum(cpu for process, cpu in self._last_seen.items() if process not in seen)
        self._last_seen = seen
        # Two sums that both miss something and count nothing twice.
        return most, max(total, living + self._lost), who, resident, runnable

    def _ours(self) -> int:
        """Bytes of resident memory that count for several processes and are none of their doing."""
        return sum(map(self._shared, self._family.pids()))

    def drain_ended(self, programs: Iterable[Started]) -> None:
        """Read what programs that have exited left in their pipes."""
        for started in programs:
            for stream in (started.stdout, started.stderr):
                while stream is not None and not stream.ended and not stream.over and stream.drain():
                    pass


def _writes_to(pid: int, link: str) -> bool:
    """Has a process this pipe open for writing?"""
    return any(
        opened == link and ((procfs.fd_flags(pid, descriptor) or os.O_RDWR) & os.O_ACCMODE) != os.O_RDONLY
        for descriptor, opened in procfs.fd_links(pid)
    )
