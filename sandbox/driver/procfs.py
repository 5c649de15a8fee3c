"""What /proc tells about the processes of this PID namespace, typed and read fast.

Every reader may find that the process has just gone, or may not be looked at: the answer then is
None (or the entry is left out), never an exception. Each file is opened, read and closed anew; on
the paths that run every few milliseconds a read costs three system calls and no regular expression, and
what comes of it is a named tuple: to make a frozen dataclass of so many fields takes longer than the read.
Needs the same uid as the process, or CAP_SYS_PTRACE, for `syscall`, `fd`, `mem` and `maps`. Root in a
container often has neither; `look_as` lends it the submission's eyes.
"""

from __future__ import annotations

import contextlib
import functools
import os
import select
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from driver import kernel

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")

EXITING = 0x4  # flag of Stat.flags: PF_EXITING

_SMALL = 4096
_PROCESSES = 258  # where they begin in /proc: FIRST_PROCESS_ENTRY of fs/proc/internal.h, `self` and `thread-self`
_CHUNK = 1 << 16
_WORD = struct.Struct("=Q")


class Stat(NamedTuple):
    """/proc/PID/stat. Times in seconds; utime and stime are of all threads unless a tid was asked for.

    state: R runs, S sleeps, D sleeps deeply, T stopped, t traced, Z zombie, X dead, I idle.
    children_cpu: of children that were waited for. starttime: ticks since boot. rss: bytes.
    """

    pid: int
    comm: str
    state: str
    ppid: int
    pgrp: int
    session: int
    flags: int
    utime: float
    stime: float
    children_cpu: float
    threads: int
    starttime: int
    rss: int

    @property
    def cpu(self) -> float:
        """Seconds that the process itself used."""
        return self.utime + self.stime

    @property
    def living(self) -> bool:
        """Neither a zombie nor dead. A leader that has left while its threads go on counts as living."""
        return self.state not in "ZX" or self.threads > 1


class Status(NamedTuple):
    """The bits of /proc/PID/status: signal sets with bit N-1 for signal N, and context switches."""

    own_pending: int  # for this thread alone (SigPnd)
    shared_pending: int  # for the process (ShdPnd)
    blocked: int
    ignored: int
    caught: int
    voluntary: int
    involuntary: int

    @property
    def pending(self) -> int:
        """Sent, but not yet taken."""
        return self.own_pending | self.shared_pending

    @property
    def deliverable(self) -> int:
        """Pending and not blocked: about to be handled."""
        return self.pending & ~self.blocked


class Syscall(NamedTuple):
    """The system call that a task is blocked in. number -1: blocked, but in no system call."""

    number: int
    args: tuple[int, ...]
    stack: int


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer of timer_create(). clock: as in clockid_t. how: "signal", "thread" or "none"."""

    signal: int
    how: str
    clock: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line of /proc/PID/maps. path is "" for anonymous memory."""

    start: int
    end: int
    permissions: str
    offset: int
    inode: int
    path: str

    @property
    def shared(self) -> bool:
        """Other processes see what is written to it."""
        return self.permissions.endswith("s")


# --- raw -------------------------------------------------------------------------------------


def read(path: str, size: int = _SMALL) -> bytes | None:
    """One read() of at most `size` bytes from the start of a file of /proc."""
    try:
        # What lies behind a descriptor of a process may be under a lease, and then open() waits (fcntl(2)).
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.read(descriptor, size)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def read_all(path: str, limit: int = 1 << 22) -> bytes | None:
    """A whole file of /proc, which gives long ones page by page; no more than about `limit` bytes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    parts, total = [], 0
    try:
        while total < limit and (part := os.read(descriptor, _CHUNK)):
            parts.append(part)
            total += len(part)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return b"".join(parts)


def table(path: str) -> bytes:
    """A file of /proc that is about no process in particular, as it is now; empty where the kernel has none.

    It is opened once, for the namespaces of who asks, and read from its start again each time: a third of the
    system calls, none of which looks up a path. Raises OSError, as whoever counts on the table must know.
    """
    descriptor = _kept(path, os.getpid())
    if descriptor < 0:
        return b""
    text = os.pread(descriptor, _CHUNK, 0)
    if text.count(b"\n") < 2:  # one line, or a heading with nothing below it
        return text
    whole = bytearray(text)
    while more := os.pread(descriptor, _CHUNK, len(whole)):
        whole += more
    return bytes(whole)


@functools.cache
def _kept(path: str, pid: int) -> int:  # noqa: ARG001 - a fork may live in other namespaces
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return -1


def open_file(path: str, flags: int) -> int:
    """os.open() of something that is reached through /proc/PID. Raises OSError."""
    return os.open(path, flags | os.O_CLOEXEC)


def file_stat(path: str) -> os.stat_result:
    """os.stat() of something that is reached through /proc/PID. Raises OSError."""
    return os.stat(path)


def _numbers_in(path: str) -> list[int]:
    try:
        return [int(name) for name in os.listdir(path) if name.isdecimal()]
    except OSError:
        return []


def _numbers_behind(directory: int, place: int) -> list[int]:
    try:
        os.lseek(directory, place, os.SEEK_SET)
        return [int(name) for name in os.listdir(directory) if name.isdecimal()]
    except OSError:
        return []


def link(path: str) -> str | None:
    """What a symbolic link of /proc points to."""
    try:
        return os.readlink(path)
    except OSError:
        return None


def look_as(uid: int, gid: int) -> None:
    """From now on, look at /proc with the file system identity of the submission (setfsuid(2)).

    For a driver that is root without CAP_SYS_PTRACE: the kernel then lets only those look at a process who have
    its uid (ptrace(2)). Such an identity opens files, and does nothing else: kill(2) and ptrace(2) of us
    still ask for the real and the saved uid. Each reader is replaced by one that takes the
    identity on for as long as it reads, so that drivers who need none of this do not pay for it.
    """

    def seen(reader: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(reader)
        def look(*arguments: Any) -> Any:
            kernel.setfsid(uid, gid)
            try:
                return reader(*arguments)
            finally:
                kernel.setfsid(0, 0)

        return look

    @contextlib.contextmanager
    def really() -> Iterator[None]:
        os.setresuid(uid, 0, 0)
        try:
            yield
        finally:
            os.setresuid(0, 0, 0)

    for reader in (read, read_all, memory, open_file, file_stat, _numbers_in, _numbers_behind, link):
        globals()[reader.__name__] = seen(reader)
    globals()["as_their_tracer"] = really


@contextlib.contextmanager
def as_their_tracer() -> Iterator[None]:
    """Within it pidfd_getfd(2) works on the submission's processes: it asks for the real uid.

    After `look_as` the real uid is the submission's for that long, so a process of its that runs could send
    us a signal; this is for moments in which none runs, and who hits it gets no grade.
    """
    yield


def _task(pid: int, tid: int | None) -> str:
    return f"/proc/{pid}" if tid is None else f"/proc/{pid}/task/{tid}"


# --- processes and threads -------------------------------------------------------------------


def pids() -> list[int]:
    """Every process of the PID namespace of this /proc, zombies included, in ascending order.

    The kernel's own entries, which come first, are passed over: they take five times as long as the processes of a
    case. A list that begins with the first process lacks none, whatever the kernel makes of the place to begin at.
    """
    found = _numbers_behind(_kept("/proc", os.getpid()), _PROCESSES)
    return found if found and found[0] == 1 else _numbers_in("/proc")


def last_pid() -> int:
    """The pid that was given last: they are given in ascending order, so it counts processes and threads."""
    return int((table("/proc/loadavg") or b"0").split()[-1])


def tids(pid: int) -> list[int]:
    """The threads of a process, in the order in which they were made."""
    return _numbers_in(f"/proc/{pid}/task")


def children(pid: int, threads: Iterable[int] | None = None) -> list[int]:
    """The children of all threads of a process, or of those that are named, zombies included."""
    found: list[int] = []
    for tid in tids(pid) if threads is None else threads:
        text = read_all(f"/proc/{pid}/task/{tid}/children")
        if text:
            found += map(int, text.split())
    return found


def parse_stat(text: bytes) -> Stat | None:
    """The content of a stat file. comm may hold blanks and brackets, so its end is searched from behind."""
    start, end = text.find(b"("), text.rfind(b")")
    fields = text[end + 2 :].split(None, 23)
    if start < 0 or len(fields) < 23:
        return None
    return Stat(
        pid=int(text[:start]),
        comm=text[start + 1 : end].decode("utf-8", "replace"),
        state=fields[0].decode("ascii"),
        ppid=int(fields[1]),
        pgrp=int(fields[2]),
        session=int(fields[3]),
        flags=int(fields[6]),
        utime=int(fields[11]) / TICKS,
        stime=int(fields[12]) / TICKS,
        children_cpu=(int(fields[13]) + int(fields[14])) / TICKS,
        threads=int(fields[17]),
        starttime=int(fields[19]),
        rss=int(fields[21]) * PAGE,
    )


def stat(pid: int, tid: int | None = None) -> Stat | None:
    """State, parent, times of a process or of one of its threads."""
    text = read(_task(pid, tid) + "/stat")
    return parse_stat(text) if text else None


_PF_EXITING = 0x4


def exiting(pid: int) -> bool:
    """It is on its way out: it has closed its descriptors, or will, and nothing of the program runs any more."""
    words = (read(_task(pid, None) + "/stat") or b"").rpartition(b")")[2].split()
    return len(words) > 6 and bool(int(words[6]) & _PF_EXITING)


def _field(text: bytes, name: bytes) -> bytes:
    start = text.find(name)
    if start < 0:
        return b"0"
    start += len(name)
    return text[start : text.find(b"\n", start)]


def parse_status(text: bytes) -> Status:
    """The content of a status file."""
    # Counted from the last field before them, since "Name:" is the program's to choose.
    bits = text[text.rfind(b"\nSigQ:") :]
    return Status(
        own_pending=int(_field(bits, b"\nSigPnd:"), 16),
        shared_pending=int(_field(bits, b"\nShdPnd:"), 16),
        blocked=int(_field(bits, b"\nSigBlk:"), 16),
        ignored=int(_field(bits, b"\nSigIgn:"), 16),
        caught=int(_field(bits, b"\nSigCgt:"), 16),
        voluntary=int(_field(bits, b"\nvoluntary_ctxt_switches:")),
        involuntary=int(_field(bits, b"\nnonvoluntary_ctxt_switches:")),
    )


def status(pid: int, tid: int | None = None) -> Status | None:
    """Signal sets and context switches of a process's leader, or of one of its threads."""
    text = read(_task(pid, tid) + "/status", 2 * _SMALL)
    return parse_status(text) if text else None


def parse_syscall(text: bytes) -> Syscall | None:
    """The content of a syscall file; None if the task runs."""
    words = text.split()
    if not words or words[0] == b"running":
        return None
    number = int(words[0])
    values = [int(word, 16) for word in words[1:]]
    return Syscall(number, tuple(values[:-2]), values[-2] if len(values) >= 2 else 0)


def switches(pid: int) -> bytes:
    """What changes in a process's status when its leader runs: signals and context switches, as they stand there."""
    text = read(_task(pid, None) + "/status", 2 * _SMALL) or b""
    return text[text.rfind(b"\nSigQ:") :]


def syscall(pid: int, tid: int | None = None) -> Syscall | None:
    """What a task is blocked in; None if it runs, has gone, or may not be looked at."""
    text = read(_task(pid, tid) + "/syscall")
    return parse_syscall(text) if text else None


def counter(pid: int, tid: int | None = None) -> int | None:
    """The instruction pointer of a task that does not run; None if it does, or may not be looked at."""
    words = (read(_task(pid, tid) + "/syscall") or b"").split()
    return int(words[-1], 16) if len(words) > 2 else None


def shared(pid: int) -> int:
    """Bytes of files and of shared memory that are resident in a process."""
    words = (read(f"/proc/{pid}/statm") or b"").split()
    return int(words[2]) * PAGE if len(words) > 2 else 0


def wchan(pid: int, tid: int | None = None) -> str:
    """The kernel function in which a task sleeps; "" where the kernel does not tell."""
    text = read(_task(pid, tid) + "/wchan")
    return text.decode("ascii", "replace") if text and text != b"0" else ""


def exe(pid: int) -> str | None:
    """Path of the program that a process runs, also where its first thread has left by pthread_exit()."""
    own = link(f"/proc/{pid}/exe")
    return own if own is not None else next(filter(None, (link(f"/proc/{tid}/exe") for tid in tids(pid))), None)


def cwd(pid: int) -> str | None:
    """Working directory of a process."""
    return link(f"/proc/{pid}/cwd")


def cmdline(pid: int) -> tuple[str, ...] | None:
    """The argument vector, as the process shows it now; empty for a zombie."""
    text = read_all(f"/proc/{pid}/cmdline", _CHUNK)
    if text is None:
        return None
    return tuple(word.decode("utf-8", "replace") for word in text.removesuffix(b"\0").split(b"\0")) if text else ()


def timers(pid: int) -> list[Timer] | None:
    """Timers of timer_create(), armed or not (the kernel does not say which). None: it cannot tell."""
    text = read_all(f"/proc/{pid}/timers")
    if text is None:
        return None
    found: list[Timer] = []
    number, how = 0, ""
    for line in text.split(b"\n"):
        name, _, value = line.partition(b": ")
        if name == b"signal":
            number = int(value.partition(b"/")[0])
        elif name == b"notify":
            how = value.partition(b"/")[0].decode("ascii", "replace")
        elif name == b"ClockID":
            found.append(Timer(number, how, int(value)))
    return found


# --- descriptors -----------------------------------------------------------------------------


def fds(pid: int) -> list[int]:
    """The open descriptors of a process."""
    return _numbers_in(f"/proc/{pid}/fd")


def fd_link(pid: int, descriptor: int) -> str | None:
    """What a descriptor is open on: a path, "pipe:[8]", "socket:[9]", "anon_inode:[timerfd]"."""
    return link(f"/proc/{pid}/fd/{descriptor}")


def fd_links(pid: int) -> Iterator[tuple[int, str]]:
    """Every open descriptor of a process with what it is open on."""
    for descriptor in fds(pid):
        opened = fd_link(pid, descriptor)
        if opened is not None:
            yield descriptor, opened


def fd_info(pid: int, descriptor: int) -> dict[str, str] | None:
    """The lines of /proc/PID/fdinfo/N by their names; where a name repeats, the last one."""
    text = read_all(f"/proc/{pid}/fdinfo/{descriptor}")
    if text is None:
        return None
    lines = (line.partition(":") for line in text.decode("utf-8", "replace").split("\n"))
    return {name.strip(): value.strip() for name, _, value in lines if name}


def fd_flags(pid: int, descriptor: int) -> int | None:
    """The flags of open(2) that a descriptor has: `flags & os.O_ACCMODE` tells how it may be used."""
    info = fd_info(pid, descriptor)
    return int(info["flags"], 8) if info is not None and "flags" in info else None


def writable(descriptor: int) -> bool:
    """Would write() on this own descriptor return at once (with success or an error)?"""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))


# --- memory ----------------------------------------------------------------------------------


def memory(pid: int, address: int, size: int) -> bytes | None:
    """`size` bytes of a process's memory, or None if they are not all there."""
    try:
        descriptor = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.pread(descriptor, size, address)
    except (OSError, OverflowError):
        return None
    finally:
        os.close(descriptor)
    return found if len(found) == size else None


def words(pid: int, address: int, size: int) -> tuple[int, ...]:
    """The unsigned 64-bit numbers in so many bytes of a process's memory, as far as there is some."""
    made: list[int] = []
    here, end = address & ~7, (address & ~7) + size
    while here < end:
        part = memory(pid, here, min(PAGE - here % PAGE, end - here))
        if part is None:
            break
        made += [number for (number,) in _WORD.iter_unpack(part)]
        here += len(part)
    return tuple(made)


def text_at(pid: int, address: int, limit: int = 4096) -> str | None:
    """The NUL-terminated string at an address of a process."""
    found = b""
    while len(found) < limit:
        # Never across a page border in one go: the next page may not be mapped.
        here = address + len(found)
        part = memory(pid, here, min(PAGE - here % PAGE, limit))
        if part is None:
            return None
        end = part.find(b"\0")
        if end >= 0:
            return (found + part[:end]).decode("utf-8", "surrogateescape")
        found += part
    return None


def word_at(pid: int, address: int) -> int | None:
    """The unsigned 64-bit number at an address of a process."""
    found = memory(pid, address, 8)
    return int(_WORD.unpack(found)[0]) if found is not None else None


def maps(pid: int) -> list[Mapping]:
    """The memory map of a process; empty if it has none or may not be looked at."""
    text = read_all(f"/proc/{pid}/maps") or b""
    found = []
    for line in text.decode("utf-8", "surrogateescape").split("\n"):
        words = line.split(None, 5)
        if len(words) < 5:
            continue
        start, _, end = words[0].partition("-")
        path = words[5] if len(words) > 5 else ""
        found.append(Mapping(int(start, 16), int(end, 16), words[1], int(words[2], 16), int(words[4]), path))
    return found


def mapping_at(pid: int, address: int) -> Mapping | None:
    """The part of the memory map in which an address lies."""
    return next((found for found in maps(pid) if found.start <= address < found.end), None)
