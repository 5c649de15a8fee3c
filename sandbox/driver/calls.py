"""System calls that can block, as a student would name them, and what such a call waits for.

`decode` turns the numbers of /proc/PID/syscall into a `Call` without looking anywhere else.
`locate` then finds what it is about: the path that is opened, what the descriptor is open on.
`blocked` does both for every thread of a process. Numbers are those of x86_64 and aarch64.

A *family* is the word of the `blocked` step (docs/exercise-format.md). A call can be of several: a
read() from a socket is "read" and "recv", from a signalfd "read" and "signal". A family that is ""
says that the call is not known to block: nothing may be concluded from it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from dataclasses import dataclass
from typing import NamedTuple

from driver import procfs
from driver.procfs import Stat, Syscall

_NONE = -1
_AT_FDCWD = -100
_CLONE_VFORK = 0x4000
_FUTEX_COMMANDS = 0x7F  # without FUTEX_PRIVATE_FLAG and FUTEX_CLOCK_REALTIME
_FUTEX_WAITS = {0, 6, 9, 11, 13}  # WAIT, LOCK_PI, WAIT_BITSET, WAIT_REQUEUE_PI, LOCK_PI2
_FCNTL_WAITS = {7, 38}  # F_SETLKW, F_OFD_SETLKW
_SMALLEST_STACK = 1 << 32  # below it: a 32-bit program, which has other numbers
_POLLFD = struct.Struct("=ihh")
_POLLIN, _POLLOUT = 0x1, 0x4
_MOST_WATCHED = 256


class Call(NamedTuple):
    """One system call in which a task is blocked.

    name: as in a C program ("semop", "waitpid"). family: see above; families: all that fit.
    timed: a time-out ends it. descriptor: which one it is about, or -1. path: what open() was given,
    absolute where it is relative to a directory descriptor. target: what the descriptor is open on, as
    /proc/PID/fd shows it; for a futex the file or object in which it lies. path and target are known
    only after `locate`. tid: which thread. number: of the system call, on this machine.
    """

    name: str
    family: str
    args: tuple[int, ...]
    timed: bool = False
    descriptor: int = _NONE
    path: str = ""
    target: str = ""
    also: frozenset[str] = frozenset()
    tid: int = 0
    number: int = _NONE

    @property
    def families(self) -> frozenset[str]:
        """Every word that a student may use for this call."""
        return self.also | {self.family}

    @property
    def identifier(self) -> int:
        """Of the System V set or queue that it is about, or -1."""
        return self.args[0] & 0x7FFFFFFF if self.family in ("semop", "msgrcv", "msgsnd") else _NONE


@dataclass(frozen=True, slots=True)
class _Rule:
    """How to read one system call.

    name: for people. until: the argument that points to a time limit, if it does not point nowhere.
    milliseconds: the argument that is a time limit unless it is negative. descriptor: which argument.
    """

    name: str
    family: str
    descriptor: int = _NONE
    until: int = _NONE
    milliseconds: int = _NONE
    always_timed: bool = False


_NO_NUMBER = -2  # this processor has no such call

_RULES: dict[tuple[int, int], _Rule] = {  # (x86_64, aarch64)
    (0, 63): _Rule("read", "read", descriptor=0),
    (19, 65): _Rule("readv", "read", descriptor=0),
    (17, 67): _Rule("pread", "read", descriptor=0),
    (295, 69): _Rule("preadv", "read", descriptor=0),
    (327, 286): _Rule("preadv2", "read", descriptor=0),
    (1, 64): _Rule("write", "write", descriptor=0),
    (20, 66): _Rule("writev", "write", descriptor=0),
    (18, 68): _Rule("pwrite", "write", descriptor=0),
    (296, 70): _Rule("pwritev", "write", descriptor=0),
    (328, 287): _Rule("pwritev2", "write", descriptor=0),
    (2, _NO_NUMBER): _Rule("open", "open"),
    (257, 56): _Rule("open", "open"),
    (437, 437): _Rule("openat2", "open"),
    (85, _NO_NUMBER): _Rule("creat", "open"),
    (275, 76): _Rule("splice", "splice", descriptor=0),
    (276, 77): _Rule("tee", "splice", descriptor=0),
    (278, 75): _Rule("vmsplice", "splice", descriptor=0),
    (40, 71): _Rule("sendfile", "splice", descriptor=0),
    (61, 260): _Rule("waitpid", "wait"),
    (247, 95): _Rule("waitid", "wait"),
    (58, _NO_NUMBER): _Rule("vfork", "vfork"),
    (56, 220): _Rule("vfork", "vfork"),
    (435, 435): _Rule("vfork", "vfork"),
    (65, 193): _Rule("semop", "semop"),
    (220, 192): _Rule("semop", "semop", until=3),
    (70, 188): _Rule("msgrcv", "msgrcv"),
    (69, 189): _Rule("msgsnd", "msgsnd"),
    (243, 183): _Rule("mq_receive", "mq-receive", descriptor=0, until=4),
    (242, 182): _Rule("mq_send", "mq-send", descriptor=0, until=4),
    (202, 98): _Rule("futex", "sem-wait", until=3),
    (449, 449): _Rule("futex_waitv", "sem-wait", until=3),
    (72, 25): _Rule("fcntl", "lock", descriptor=0),
    (73, 32): _Rule("flock", "lock", descriptor=0),
    (7, _NO_NUMBER): _Rule("poll", "poll", milliseconds=2),
    (271, 73): _Rule("poll", "poll", until=2),
    (23, _NO_NUMBER): _Rule("select", "poll", until=4),
    (270, 72): _Rule("select", "poll", until=4),
    (232, _NO_NUMBER): _Rule("epoll_wait", "poll", descriptor=0, milliseconds=3),
    (281, 22): _Rule("epoll_wait", "poll", descriptor=0, milliseconds=3),
    (441, 441): _Rule("epoll_wait", "poll", descriptor=0, until=3),
    (34, _NO_NUMBER): _Rule("pause", "signal"),
    (130, 133): _Rule("sigsuspend", "signal"),
    (128, 137): _Rule("sigwait", "signal", until=2),
    (35, 101): _Rule("sleep", "sleep", always_timed=True),
    (230, 115): _Rule("sleep", "sleep", always_timed=True),
    (219, 128): _Rule("restart_syscall", "sleep", always_timed=True),
    (43, 202): _Rule("accept", "accept", descriptor=0),
    (288, 242): _Rule("accept", "accept", descriptor=0),
    (42, 203): _Rule("connect", "connect", descriptor=0),
    (45, 207): _Rule("recv", "recv", descriptor=0),
    (47, 212): _Rule("recvmsg", "recv", descriptor=0),
    (299, 243): _Rule("recvmmsg", "recv", descriptor=0, until=4),
    (44, 206): _Rule("send", "send", descriptor=0),
    (46, 211): _Rule("sendmsg", "send", descriptor=0),
    (307, 269): _Rule("sendmmsg", "send", descriptor=0),
}
MACHINE = platform.machine()
_COLUMN = 1 if MACHINE == "aarch64" else 0
_BY_NUMBER = {numbers[_COLUMN]: rule for numbers, rule in _RULES.items()} if MACHINE in ("x86_64", "aarch64") else {}
_FAMILIES_BESIDE = {"recv": {"read"}, "send": {"write"}}  # of calls that only sockets have
_SOCKET_FAMILIES = {"read": {"recv"}, "write": {"send"}}
_VFORK, _CLONE, _CLONE3 = (58, 56, 435) if _COLUMN == 0 else (_NO_NUMBER, 220, 435)
_OPEN, _CREAT, _OPENAT2 = (2, 85, 437) if _COLUMN == 0 else (_NO_NUMBER, _NO_NUMBER, 437)


def _int(value: int) -> int:
    """The value of a register as a C int."""
    return ctypes.c_int(value & 0xFFFFFFFF).value


# --- from the numbers alone ------------------------------------------------------------------


def decode(syscall: Syscall) -> Call:
    """The call, from its number and arguments alone. Its family is "" if it is not known to block."""
    rule, args = _BY_NUMBER.get(syscall.number), syscall.args
    if rule is None or len(args) < 6 or syscall.stack < _SMALLEST_STACK or not _waits(syscall):
        return Call(f"system call {syscall.number}", "", args, number=syscall.number)
    timed = (
        rule.always_timed
        or (rule.until >= 0 and args[rule.until] != 0)
        or (rule.milliseconds >= 0 and _int(args[rule.milliseconds]) >= 0)
    )
    descriptor = _int(args[rule.descriptor]) if rule.descriptor >= 0 else _NONE
    also = frozenset(_FAMILIES_BESIDE.get(rule.family, ()))
    if not timed and _watches_nothing(rule.name, args):
        also = frozenset({"signal"})  # pause() is made so where there is no such system call
    return Call(rule.name, rule.family, args, timed, descriptor, also=also, number=syscall.number)


def _waits(syscall: Syscall) -> bool:
    """Does a call that is many in one (futex, fcntl, clone) wait, with these arguments?"""
    name, args = _BY_NUMBER[syscall.number].name, syscall.args
    if name == "futex":
        return args[1] & _FUTEX_COMMANDS in _FUTEX_WAITS
    if name == "fcntl":
        return _int(args[1]) in _FCNTL_WAITS
    if syscall.number == _CLONE:
        return bool(args[0] & _CLONE_VFORK)
    return True


def _watches_nothing(name: str, args: tuple[int, ...]) -> bool:
    return (name == "poll" and args[1] == 0) or (name == "select" and _int(args[0]) == 0)


# --- with a look at the process --------------------------------------------------------------


def is_vfork(pid: int, syscall: Syscall) -> bool:
    """Does the task wait, deeply asleep, for its child to call execve() or _exit()? (vfork, posix_spawn, system.)"""
    if syscall.number == _CLONE3 and syscall.args:
        flags = procfs.word_at(pid, syscall.args[0])
        return flags is not None and bool(flags & _CLONE_VFORK)
    return syscall.number in (_VFORK, _CLONE) and decode(syscall).family == "vfork"


def resume(pid: int, tid: int, call: Call) -> Call:
    """What restart_syscall() goes on with after a stop: poll() without a time-out, or a timed call.

    The registers still hold the arguments of the first call; which call it was tells only the place in
    the kernel. Where that is not known either, the call counts as timed.
    """
    if "poll" not in procfs.wchan(pid, tid):
        return call
    return call._replace(name="poll", family="poll", timed=_int(call.args[2]) >= 0)


def locate(pid: int, call: Call) -> Call:
    """The same call with path and target, and with the families that depend on them."""
    if call.family == "open":
        return call._replace(path=_opened(pid, call))
    if call.family == "sem-wait":
        return call._replace(target=_memory_name(pid, call.args[0]))
    if call.descriptor < 0:
        return call
    target = procfs.fd_link(pid, call.descriptor) or ""
    also = call.also
    if target.startswith("socket:"):
        also |= _SOCKET_FAMILIES.get(call.family, set())
    elif target == "anon_inode:[signalfd]":
        also |= {"signal"}
    return call._replace(target=target, also=also)


def blocked(pid: int) -> list[Call]:
    """The calls in which the threads of a process are blocked now; threads that run are left out."""
    leader = procfs.stat(pid)
    if leader is None:
        return []
    if leader.threads == 1:
        calls = [_blocked_in(pid, pid, leader)]
    else:
        calls = [blocked_in(pid, tid) for tid in procfs.tids(pid)]
    return [locate(pid, call) for call in calls if call is not None and call.family]


def blocked_in(pid: int, tid: int) -> Call | None:
    """The call in which one thread is blocked, not located; None if it runs, is stopped or has gone."""
    stat = procfs.stat(pid, tid)
    return _blocked_in(pid, tid, stat) if stat is not None else None


def _blocked_in(pid: int, tid: int, stat: Stat) -> Call | None:
    if stat.state not in "SD":
        return None
    syscall = procfs.syscall(pid, tid)
    if syscall is None or (stat.state == "D" and not is_vfork(pid, syscall)):
        return None
    call = decode(syscall)._replace(tid=tid)
    return resume(pid, tid, call) if call.name == "restart_syscall" else call


def _opened(pid: int, call: Call) -> str:
    """The path that an open() was given."""
    if call.number in (_OPEN, _CREAT):
        return procfs.text_at(pid, call.args[0]) or ""
    directory, path = _int(call.args[0]), procfs.text_at(pid, call.args[1]) or ""
    if not path or path.startswith("/") or directory == _AT_FDCWD:
        return path
    base = procfs.fd_link(pid, directory)
    return os.path.join(base, path) if base else path


def open_mode(pid: int, call: Call) -> int:
    """O_RDONLY, O_WRONLY or O_RDWR: how an open() that is blocked wants to open."""
    if call.number == _CREAT:
        return os.O_WRONLY
    if call.number == _OPENAT2:
        return (procfs.word_at(pid, call.args[2]) or 0) & os.O_ACCMODE
    return call.args[1 if call.number == _OPEN else 2] & os.O_ACCMODE


NAMED_SEMAPHORES = "/dev/shm/sem."


def _memory_name(pid: int, address: int) -> str:
    """The name of the semaphore ("/name"), or the file, in which an address lies; "" for other memory."""
    found = procfs.mapping_at(pid, address)
    if found is None or not found.path.startswith("/"):
        return ""
    return _semaphore_name(found) if found.path.startswith(NAMED_SEMAPHORES) else found.path


def _semaphore_name(found: procfs.Mapping) -> str:
    """Whoever made a named semaphore sees its file under a passing name: look for the inode."""
    directory, _, start = NAMED_SEMAPHORES.rpartition("/")
    try:
        with os.scandir(directory) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(start) and entry.inode() == found.inode]
    except OSError:
        names = []
    return "/" + names[0].removeprefix(start) if names else ""


def watched(pid: int, call: Call) -> list[tuple[int, bool, bool]]:
    """(descriptor, for reading, for writing) of each descriptor that a call of the poll family watches."""
    if call.name == "poll":
        return _polled(pid, call.args[0], min(call.args[1], _MOST_WATCHED))
    if call.name == "select":
        return _selected(pid, call.args)
    if call.name == "epoll_wait":
        return in_epoll(pid, call.descriptor)
    return []


def _polled(pid: int, pointer: int, count: int) -> list[tuple[int, bool, bool]]:
    room = procfs.memory(pid, pointer, count * _POLLFD.size) or b""
    return [
        (descriptor, bool(events & _POLLIN), bool(events & _POLLOUT))
        for descriptor, events, _ in _POLLFD.iter_unpack(room)
        if descriptor >= 0
    ]


def _selected(pid: int, args: tuple[int, ...]) -> list[tuple[int, bool, bool]]:
    count = min(max(_int(args[0]), 0), 1024)
    size = (count + 63) // 64 * 8
    sets = [
        int.from_bytes(procfs.memory(pid, pointer, size) or b"" if pointer else b"", "little") for pointer in args[1:4]
    ]
    reading, writing = sets[0] | sets[2], sets[1]
    both = reading | writing
    return [(bit, bool(reading >> bit & 1), bool(writing >> bit & 1)) for bit in range(count) if both >> bit & 1]


def in_epoll(pid: int, descriptor: int) -> list[tuple[int, bool, bool]]:
    """What an epoll descriptor watches, in the form of `watched`."""
    text = procfs.read_all(f"/proc/{pid}/fdinfo/{descriptor}") or b""
    found = []
    for line in text.split(b"\n"):
        words = line.split()
        if len(words) >= 4 and words[0] == b"tfd:":
            events = int(words[3], 16)
            found.append((int(words[1]), bool(events & _POLLIN), bool(events & _POLLOUT)))
    return found
