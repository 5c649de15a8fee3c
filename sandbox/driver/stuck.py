"""Can anything in a case still happen? Decided from /proc, in milliseconds, never by a time-out.

`Watch.look()` takes a snapshot of every task (thread) and compares it with the one of the look before.

Why equal snapshots prove that nothing ran
------------------------------------------
A snapshot lists the processes, then reads of each task, in this order, its state, /proc/PID/syscall
and its context switch counters. The kernel shows the arguments of a system call only of a task that
is off the processor, waiting for it to be switched out if need be. So a task was off the processor
at its reading of `syscall` in both snapshots. Had it run between its reading of the counters in the
first and its reading of `syscall` in the second, it would have been switched out again before the
latter, and a counter would be higher. A wake-up that it has not followed yet shows as state R, or as a
signal that is pending and not blocked. Hence no task that is blocked in both ran meanwhile.

Let E be the moment at which the second listing comes to its end. The kernel lists pids in ascending
order, and gives them out so; whoever lives at E is listed, also where tasks that each fork and exit run
ahead of the listing (but for the wrap-around at pid_max). A task that is listed and gone when it is read
makes this look RUNNING. One that is a zombie in both snapshots did not live at E. One that is in the
second alone, or in another state there, makes them unequal. So all who live at E are blocked in both,
and E lies between: at E nothing runs. A zombie announces its death in the same critical section
(tasklist_lock) in which it becomes one; kill(0, 0) before each snapshot waits for that lock, so no
announcement is under way.

Nothing ran; can something begin to? Only what is no process of the case can begin it:
- the driver: whoever acts calls `reset()`. What a program wrote before it fell asleep may still be
  in a pipe when `look` says DEAD: drain once more before believing that the case is stuck.
- a time-out, from the call's arguments, SO_RCVTIMEO, SO_SNDTIMEO or a terminal's VTIME: TIMED.
- a timerfd in a call that watches it, from fdinfo, or in anybody's hands where somebody waits for an epoll set, which
  watches it also when its own descriptor has been closed; a POSIX timer, unless it runs on CPU time or its
  signal cannot arrive. The kernel does not say whether a POSIX timer is armed, so it counts.
- alarm() and setitimer(), which show nowhere. A pending one cannot be excluded if SIGALRM could
  arrive (some thread does not block it, and it is not ignored) and the executable or a library of
  its own names alarm, ualarm or setitimer, or calls system calls by number with one of theirs.
  ITIMER_VIRTUAL and ITIMER_PROF stand still with the process. fork() drops interval timers, exec()
  keeps them: so an image that names both a timer and an exec function casts doubt on all others.
  A static executable always contains setitimer and therefore counts, unless the `alarm` argument knows.
- the kernel's own workers: a terminal's input is pushed on by one (poll() on the terminal waits for
  it); loopback network packets by softirq (per-processor backlogs and TCP queues must be empty). Disk
  waits are state D and never quiet. What is read, polled or opened and is of no known kind is RUNNING.
All this is read after the second snapshot; a third one must equal it before DEAD is said.

Stopped (T) tasks take no part until someone sends SIGCONT or SIGKILL: blocked for ever, but for a POSIX timer that
does so. A task in vfork(), posix_spawn() or system() waits for its child in state D; that is known and allowed.

What is not seen: system calls that are made by own assembler code, 32-bit programs (never quiet),
an alarm() from an executable that called exec() before the first look at it, unless it is among the
`programs` that the watch was told of.
"""

from __future__ import annotations

import _thread
import ctypes
import os
import select
import signal
import socket
import stat
import struct
import termios
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from driver import calls, procfs
from driver.alarms import Alarms, names_in
from driver.calls import Call
from driver.holds import Holds

_SYS_PIDFD_GETFD = 438  # on every architecture
_SO_DOMAIN = 39
_SO_RCVTIMEO, _SO_SNDTIMEO = 20, 21
_TIMEVAL = struct.Struct("=qq")
_TTY_MAJORS = {5, *range(136, 144)}  # /dev/tty and /dev/pts/N
_ALARM = 1 << (signal.SIGALRM - 1)
_QUIET_FILES = {"anon_inode:[eventfd]", "anon_inode:[signalfd]", "anon_inode:[pidfd]", "anon_inode:inotify"}
_READING = {"read", "recv", "accept"}
_WRITING = {"write", "send", "connect"}
_CPU_CLOCKS = {2, 3}  # CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID; of other processes: negative
# TCP states in which the kernel sends nothing by itself: ESTABLISHED, CLOSE, CLOSE_WAIT, LISTEN
_TCP_AT_REST = {b"01", b"07", b"08", b"0A"}
# FIN_WAIT2, TIME_WAIT: neither does it here, and when their time is over (timer 3) nobody is woken.
_TCP_CLOSED = {b"05", b"06"}
# Of a stopped process: they continue it, or end it, whatever it has made of them.
_ENDS_STOP = {signal.SIGCONT, signal.SIGKILL}
# What is read and what is written by a call that moves bytes between two descriptors: numbers of arguments.
_MOVES = {"splice": (0, 2), "tee": (0, 1), "sendfile": (1, 0)}

_libc = ctypes.CDLL(None, use_errno=True)


class Quiet(Enum):
    """What may still happen in a case.

    RUNNING: something runs or may run, or waits for what is not understood. TIMED: all are blocked,
    a time-out or a timer may wake one. DEAD: all are blocked for ever. EMPTY: no living process.
    """

    RUNNING = "running"
    TIMED = "timed"
    DEAD = "dead"
    EMPTY = "empty"


class Rest(Enum):
    """What a look at all tasks shows. RAN: all rest, but somebody ran since the look before; RESTS: nobody did."""

    RUNS = "runs"
    RAN = "ran"
    RESTS = "rests"


class _Wait(Enum):
    """What one call, or one descriptor that it watches, allows to conclude."""

    FOREVER = 0
    TIMED = 1
    UNKNOWN = 2


class _Task(NamedTuple):
    """A task in a snapshot. born: start time, against reuse of pids; status: from SigPnd on.

    Of a zombie syscall and status are empty.
    """

    pid: int
    tid: int
    born: bytes
    state: bytes
    syscall: bytes = b""
    status: bytes = b""

    @property
    def stopped(self) -> bool:
        return self.state in b"Tt"

    @property
    def zombie(self) -> bool:
        return self.state == b"Z"


Snapshot = tuple[_Task, ...]


class Watch:
    """Looks at the processes of one case, again and again.

    pids: gives the processes of the case, all of them, zombies too, from one listing of /proc, without
    the driver's own; where it is in doubt about one, it must give it. programs: paths
    of executables that may have been run before the first look (what was built). alarm: tells of a pid
    whether an alarm() or setitimer() is pending, None if it does not know either (a record kept by a
    preloaded library). holds: whom a schedule holds; while there is anybody, nothing but RUNNING is said.
    releases: they are let go when nobody else can go on.
    """

    def __init__(
        self,
        pids: Callable[[], Iterable[int]],
        *,
        programs: Iterable[str] = (),
        alarm: Callable[[int], bool | None] | None = None,
        holds: Holds | None = None,
        releases: bool = False,
    ) -> None:
        self._pids = pids
        self._holds = holds
        self._releases = releases
        self._before: Snapshot | None = None
        self._alarms = Alarms(programs, alarm)

    def reset(self) -> None:
        """The driver acted: wrote, read, closed, sent a signal. What was seen before proves nothing now."""
        self._before = None

    def look(self) -> Quiet:
        """What may still happen, judged by this look and the one before. Never waits."""
        before, self._before = self._before, None
        now = self._snapshot()
        if now is None:
            return Quiet.RUNNING
        if not now:
            return Quiet.EMPTY
        self._before = now
        if now != before:
            return Quiet.RUNNING
        verdict = _judge(now, self._alarms)
        if self._holds is not None and verdict is not Quiet.RUNNING and self._waits_for_held(self._holds, verdict, now):
            return Quiet.RUNNING
        if verdict is Quiet.DEAD and self._snapshot() != now:
            self._before = None
            return Quiet.RUNNING
        return verdict

    def _waits_for_held(self, holds: Holds, verdict: Quiet, now: Snapshot) -> bool:
        """Is somebody held who will go on: now, or when those have slept who sleep (a millisecond, driver.holds)?"""
        waiting = [(task.tid, _call(task)) for task in now if not task.zombie and not task.stopped]
        if not any(holds.holds(tid, call) for tid, call in waiting):
            return False
        if not self._releases or (verdict is Quiet.TIMED and any(call.family == "sleep" for _, call in waiting)):
            return True
        self._before = None
        return holds.release()

    def rest(self) -> Rest:
        """What has gone on since the look before, whatever may still happen and whoever is held. Never waits."""
        before, self._before = self._before, self._snapshot()
        if self._before is None:
            return Rest.RUNS
        return Rest.RESTS if self._before == before else Rest.RAN

    def dead(self, pids: Iterable[int]) -> Snapshot | None:
        """The tasks of these processes, if each is blocked for ever by what it waits in itself.

        Equal for two looks between which none of them ran.
        """
        found = self._snapshot(sorted(pids))
        return found if found and _judge(found, self._alarms) is Quiet.DEAD else None

    def _snapshot(self, pids: Iterable[int] | None = None) -> Snapshot | None:
        """Every task; None as soon as one is seen to run or to go. pids: of which processes, by default all."""
        os.kill(0, 0)
        # All states first: where something runs, as most often, that is cheaply seen.
        found: list[_Task] = []
        for pid in self._pids() if pids is None else pids:
            if not self._list_tasks(pid, found):
                return None
        tasks = []
        for task in found:
            closer = task if task.zombie else _look_closer(task)
            if closer is None:
                return None
            tasks.append(closer)
        return tuple(tasks)

    def _list_tasks(self, pid: int, found: list[_Task]) -> bool:
        """Append the tasks of a process; False as soon as one is found that runs or has gone."""
        leader = _state(f"/proc/{pid}/stat")
        if leader is None:
            return False
        comm, state, threads, born = leader
        self._alarms.note(pid, comm)
        if threads <= 1:
            found.append(_Task(pid, pid, born, state))
            return state in _AT_REST
        for tid in procfs.tids(pid):
            thread = _state(f"/proc/{pid}/task/{tid}/stat")
            if thread is None or thread[1] not in _AT_REST:
                return False
            found.append(_Task(pid, tid, thread[3], thread[1]))
        return True


# --- snapshot --------------------------------------------------------------------------------


def _state(path: str) -> tuple[bytes, bytes, int, bytes] | None:
    """(comm, state, number of threads, start time) from a stat file; state R for one that is exiting."""
    text = procfs.read(path)
    if text is None:
        return None
    end = text.rfind(b")")
    fields = text[end + 2 :].split(None, 20)
    if len(fields) < 20:
        return None
    state = fields[0]
    if state not in b"ZX" and int(fields[6]) & procfs.EXITING:
        state = b"R"
    return text[:end], state, int(fields[17]), fields[19]


def _look_closer(task: _Task) -> _Task | None:
    """The same with syscall and status; None if it runs, is about to, or waits in a way not understood."""
    base = f"/proc/{task.pid}/task/{task.tid}"
    syscall = procfs.read(base + "/syscall")
    text = procfs.read(base + "/status", 8192)
    if not syscall or not text or syscall.startswith(b"running"):
        return None
    if task.state == b"D":
        parsed = procfs.parse_syscall(syscall)
        if parsed is None or not calls.is_vfork(task.tid, parsed):
            return None
    status = text[text.rfind(b"\nSigPnd:") :]
    # Most have no signal pending at all; then nothing need be parsed.
    if (
        task.state == b"S"
        and not status.startswith(_NOTHING_PENDING)
        and procfs.parse_status(b"\nSigQ:" + status).deliverable
    ):
        return None
    return task._replace(syscall=syscall, status=status)


_AT_REST = (b"S", b"D", b"T", b"t", b"Z")
_NOTHING_PENDING = b"\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\n"


# --- judgement -------------------------------------------------------------------------------


def _judge(tasks: Snapshot, alarms: Alarms) -> Quiet:
    """What may wake one of these blocked tasks: nothing understood, a time-out, nothing at all."""
    living = [task for task in tasks if not task.zombie]
    if not living:
        return Quiet.EMPTY
    if any(task.stopped and _timer_ends_stop(task.tid) for task in living):
        return Quiet.TIMED
    awake = [task for task in living if not task.stopped]
    waiting: list[tuple[_Task, Call]] = []
    for task in awake:
        call = _call(task)
        if not call.family:
            return Quiet.RUNNING
        waiting.append((task, call))
    if any(call.timed for _, call in waiting):
        return Quiet.TIMED
    waits = {_wait(task, call) for task, call in waiting}
    if _Wait.UNKNOWN in waits:
        return Quiet.RUNNING
    if _Wait.TIMED in waits:
        return Quiet.TIMED
    if any(map(_watches_set, waiting)) and any(_has_armed_timerfd(task.tid) for task in living):
        return Quiet.TIMED
    return Quiet.TIMED if _a_signal_may_come(waiting, alarms) else Quiet.DEAD


def _a_signal_may_come(waiting: Sequence[tuple[_Task, Call]], alarms: Alarms) -> bool:
    """By a timer of any kind, to one of these that it would wake."""
    processes: dict[int, list[tuple[_Task, Call]]] = {}
    for task, call in waiting:
        processes.setdefault(task.pid, []).append((task, call))
    return any(
        _timer_may_fire(own) or (_may_arrive(own, _ALARM) and alarms.possible(pid, own[0][0].tid, own[0][1]))
        for pid, own in processes.items()
    )


def _call(task: _Task) -> Call:
    parsed = procfs.parse_syscall(task.syscall)
    if parsed is None:
        return Call("", "", ())
    call = calls.decode(parsed)
    return calls.resume(task.pid, task.tid, call) if call.name == "restart_syscall" else call


def _wait(task: _Task, call: Call) -> _Wait:
    """What can end a call without a time-out of its own."""
    if call.family == "open":
        return _Wait.FOREVER if _opens_fifo(task, call) else _Wait.UNKNOWN
    if call.family == "splice":
        return _Wait.FOREVER if "pipe" in procfs.wchan(task.pid, task.tid) else _between(task, call)
    if call.family == "poll":
        return _worst(task, calls.watched(task.tid, call), "poll")
    if call.family in _READING or call.family in _WRITING:
        return _descriptor(task, call.descriptor, call.family)
    return _Wait.FOREVER


def _between(task: _Task, call: Call) -> _Wait:
    """A call that moves bytes from one descriptor to another waits for either; for a file it does not."""
    numbers = _MOVES.get(call.name)
    if numbers is None:
        return _Wait.UNKNOWN
    found = []
    for number, family in zip(numbers, ("read", "write"), strict=True):
        descriptor = call.args[number]
        try:
            is_file = stat.S_ISREG(procfs.file_stat(f"/proc/{task.tid}/fd/{descriptor}").st_mode)
        except OSError:
            return _Wait.UNKNOWN
        found.append(_Wait.FOREVER if is_file else _descriptor(task, descriptor, family))
    return max(found, key=lambda wait: wait.value)


def _opens_fifo(task: _Task, call: Call) -> bool:
    """open() also waits for file leases and for devices; only of a FIFO it is known to be for ever."""
    place = procfs.wchan(task.pid, task.tid)
    if place:
        return "wait_for_partner" in place or "fifo_open" in place
    path = calls.locate(task.tid, call).path
    root = "root" if path.startswith("/") else "cwd"
    try:
        return stat.S_ISFIFO(procfs.file_stat(f"/proc/{task.tid}/{root}/{path}").st_mode)
    except (OSError, ValueError):
        return False


def _worst(task: _Task, watched: Sequence[tuple[int, bool, bool]], family: str, sets: set[int] | None = None) -> _Wait:
    """sets: the epoll descriptors that have been looked into by now."""
    sets = set() if sets is None else sets
    found = [_descriptor(task, descriptor, family, sets) for descriptor, _, _ in watched]
    return max(found, key=lambda wait: wait.value, default=_Wait.FOREVER)


def _descriptor(task: _Task, descriptor: int, family: str, sets: set[int] | None = None) -> _Wait:
    """What can make an open file ready, when all processes are blocked."""
    try:
        found = procfs.file_stat(f"/proc/{task.tid}/fd/{descriptor}")
    except OSError:
        return _Wait.UNKNOWN
    if stat.S_ISFIFO(found.st_mode):
        return _Wait.FOREVER
    if stat.S_ISSOCK(found.st_mode):
        return _socket(task, descriptor, family)
    if stat.S_ISCHR(found.st_mode) and os.major(found.st_rdev) in _TTY_MAJORS:
        return _terminal(task, descriptor)
    link = procfs.fd_link(task.tid, descriptor) or ""
    if link == "anon_inode:[timerfd]":
        return _Wait.TIMED if _timerfd_armed(task.tid, descriptor) else _Wait.FOREVER
    if link == "anon_inode:[eventpoll]":
        return _epoll(task, descriptor, set() if sets is None else sets)
    if link in _QUIET_FILES or (stat.S_ISREG(found.st_mode) and _is_queue(task.tid, descriptor)):
        return _Wait.FOREVER
    return _Wait.UNKNOWN


def _is_queue(pid: int, descriptor: int) -> bool:
    """Is this regular file a POSIX message queue (which can be polled)? Its content begins so."""
    return procfs.read(f"/proc/{pid}/fd/{descriptor}", 6) == b"QSIZE:"


def _epoll(task: _Task, descriptor: int, sets: set[int]) -> _Wait:
    """A set may hold files whose descriptors were closed since (so every timerfd counts, see _judge).

    A number in it may meanwhile stand for another set, and even for this one: each is looked into once.
    """
    if descriptor in sets:
        return _Wait.FOREVER
    sets.add(descriptor)
    inner = calls.in_epoll(task.tid, descriptor)
    return _worst(task, inner, "poll", sets)


def _watches_set(waiting: tuple[_Task, Call]) -> bool:
    """Is an epoll set what a task waits for, or among what it polls?"""
    task, call = waiting
    watched = [descriptor for descriptor, _, _ in calls.watched(task.tid, call)] if call.family == "poll" else []
    return any(procfs.fd_link(task.tid, one) == "anon_inode:[eventpoll]" for one in {call.descriptor, *watched})


def _has_armed_timerfd(tid: int) -> bool:
    return any(link == "anon_inode:[timerfd]" and _timerfd_armed(tid, fd) for fd, link in procfs.fd_links(tid))


def _timerfd_armed(pid: int, descriptor: int) -> bool:
    info = procfs.fd_info(pid, descriptor)
    return info is None or info.get("it_value") != "(0, 0)"


def _borrow(task: _Task, descriptor: int) -> int | None:
    """A descriptor of our own on what another process has open (pidfd_getfd), or None."""
    try:
        handle = _handle(task)
    except OSError:
        return None
    try:
        with procfs.as_their_tracer():
            got: int = _libc.syscall(ctypes.c_long(_SYS_PIDFD_GETFD), handle, descriptor, ctypes.c_uint(0))
    finally:
        os.close(handle)
    return got if got >= 0 else None


def _handle(task: _Task) -> int:
    """Of the thread, for the first one may have left: Linux 6.9 (pidfd_open(2), PIDFD_THREAD); else of its process."""
    try:
        return os.pidfd_open(task.tid, os.O_EXCL)
    except OSError:
        return os.pidfd_open(task.pid)


def _terminal(task: _Task, descriptor: int) -> _Wait:
    """Have the kernel deliver what was typed (poll does), and look for a time-out between bytes."""
    mine = _borrow(task, descriptor)
    if mine is None:
        return _Wait.UNKNOWN
    try:
        poll = select.poll()
        poll.register(mine, select.POLLIN)
        poll.poll(0)
        mode = termios.tcgetattr(mine)
    except (OSError, termios.error):
        return _Wait.UNKNOWN
    finally:
        os.close(mine)
    timed = not mode[3] & termios.ICANON and mode[6][termios.VTIME] not in (0, b"\0")
    return _Wait.TIMED if timed else _Wait.FOREVER


def _socket(task: _Task, descriptor: int, family: str) -> _Wait:
    """Its own time-outs, and for network sockets whether anything is under way."""
    mine = _borrow(task, descriptor)
    if mine is None:
        return _Wait.UNKNOWN
    try:
        made = socket.socket(fileno=mine)
    except OSError:
        os.close(mine)
        return _Wait.UNKNOWN
    try:
        domain = made.getsockopt(socket.SOL_SOCKET, _SO_DOMAIN)
        if family in _READING and _time_limit(made, _SO_RCVTIMEO):
            return _Wait.TIMED
        if family in _WRITING and _time_limit(made, _SO_SNDTIMEO):
            return _Wait.TIMED
    finally:
        _let_go(made)
    if domain in (socket.AF_UNIX, socket.AF_NETLINK):
        return _Wait.FOREVER
    if domain in (socket.AF_INET, socket.AF_INET6):
        return _Wait.FOREVER if _network_at_rest(task.tid) else _Wait.TIMED
    return _Wait.UNKNOWN


def _let_go(made: socket.socket) -> None:
    """Close it. Its process may have died just now: then this is the last close, which may linger (socket(7))."""
    if made.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
        _thread.start_new_thread(os.close, (made.detach(),))  # the module threading would look at itself in each fork
    else:
        made.close()


def _time_limit(made: socket.socket, option: int) -> bool:
    return made.getsockopt(socket.SOL_SOCKET, option, _TIMEVAL.size) != bytes(_TIMEVAL.size)


def _network_at_rest(pid: int) -> bool:
    """No packet waits in a backlog and no TCP socket has anything to send, again or at all."""
    for line in (procfs.read_all(f"/proc/{pid}/net/softnet_stat") or b"").split(b"\n"):
        words = line.split()
        if len(words) > 11 and int(words[11], 16):
            return False
    for table in ("tcp", "tcp6"):
        for line in (procfs.read_all(f"/proc/{pid}/net/{table}") or b"").split(b"\n")[1:]:
            words = line.split()
            if len(words) < 6:
                continue
            sending, timer = words[4].partition(b":")[0], words[5].partition(b":")[0]
            closed = words[3] in _TCP_CLOSED
            if not (closed or words[3] in _TCP_AT_REST) or int(sending, 16):
                return False
            if timer not in (b"00", b"02") and not (closed and timer == b"03"):
                return False
    return True


# --- timers ----------------------------------------------------------------------------------


def _may_arrive(own: Sequence[tuple[_Task, Call]], mask: int) -> bool:
    """Could this signal, sent by a timer, change anything in the process?"""
    for task, call in own:
        bits = procfs.parse_status(b"\nSigQ:" + task.status)
        if not bits.blocked & mask and (not bits.ignored & mask or call.name == "sigwait"):
            return True
    tid = own[0][0].tid
    for descriptor, link in procfs.fd_links(tid):
        if link == "anon_inode:[signalfd]":
            info = procfs.fd_info(tid, descriptor) or {}
            if int(info.get("sigmask", "0"), 16) & mask:
                return True
    return False


def _timer_may_fire(own: Sequence[tuple[_Task, Call]]) -> bool:
    """A timer of timer_create() that runs on real time and whose signal can arrive."""
    tid = own[0][0].tid
    sent = _sent_by_timers(tid)
    if sent is None:
        return _names_timers(tid)
    return any(_may_arrive(own, 1 << (number - 1)) for number in sent)


def _timer_ends_stop(tid: int) -> bool:
    """May a timer of a stopped process let it go on, or end it?"""
    sent = _sent_by_timers(tid)
    return _names_timers(tid) if sent is None else not _ENDS_STOP.isdisjoint(sent)


def _names_timers(tid: int) -> bool:
    """For a kernel that does not show them."""
    return "timer_settime" in (names_in(f"/proc/{tid}/exe") or {"timer_settime"})


def _sent_by_timers(tid: int) -> list[int] | None:
    """The signals of all timers of a process that run on real time; None: the kernel does not show them."""
    timers = procfs.timers(tid)
    if timers is None:
        return None
    real = [timer for timer in timers if timer.clock >= 0 and timer.clock not in _CPU_CLOCKS]
    return [timer.signal for timer in real if timer.how != "none"]
