"""Where a process is that uses the CPU and makes no call that would tell: by its registers and its stack.

What is traced keeps a frame pointer, and so does its runtime: from each frame there is a way to the one of its caller
(System V ABI, 3.2.2). Code of the C library keeps none. Where it is in there, the frame pointer is still that of
whoever called it, and the return address is the first on the stack that lies in the program.

The registers are read by ptrace(2), of threads that are stopped anyway and will be killed. Where that is forbidden
(sandbox/seccomp.json) /proc/PID/task/TID/syscall (proc(5)) has the instruction pointer, which is enough for a loop in
the program's own code.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from driver import procfs

_ATTACH, _DETACH, _GET_REGISTERS, _GENERAL = 16, 17, 0x4204, 1  # PTRACE_..., NT_PRSTATUS
_WALL = 0x40000000  # __WALL: a thread, too
_REGISTERS = 64  # room for so many
# Which of them is the frame pointer, the stack pointer, the instruction pointer: struct user_regs_struct.
_WHICH = {"x86_64": (4, 19, 16), "aarch64": (29, 31, 32)}
_LARGEST_FRAME = 1 << 20
_STACK = 4096  # bytes of it that are searched for a return address
_MOST = 24  # frames
_TRIES = 20_000  # looks, between which whoever wants to run may


@dataclass(frozen=True)
class Sample:
    """A thread as it ran. program: path. addresses: in it, from where it was outwards."""

    tid: int
    program: str
    addresses: tuple[int, ...]


class _Vector(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def sample(pid: int, programs: Collection[str]) -> list[Sample]:
    """The threads of a process that run, if it is one of these programs; it is stopped afterwards."""
    program = procfs.exe(pid)
    if program is None or program not in programs:
        return []
    running = [tid for tid in procfs.tids(pid) if _runs(pid, tid)]
    parts = [part for part in procfs.maps(pid) if part.path == program]
    if not running or not parts:
        return []
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGSTOP)
    base = min(part.start for part in parts)
    code = [range(part.start, part.end) for part in parts if "x" in part.permissions]
    made = []
    for tid in running:
        registers = _registers(tid)
        counter = _counter(pid, tid) if registers is None else 0
        found = _callers(pid, *registers, code) if registers else (counter for part in code if counter in part)
        made.append(Sample(tid, program, tuple(dict.fromkeys(address - base for address in found))))
    return made


def _runs(pid: int, tid: int) -> bool:
    stat = procfs.stat(pid, tid)
    return stat is not None and stat.state == "R"


def _counter(pid: int, tid: int) -> int:
    """The instruction pointer of a thread that has been sent SIGSTOP; 0 where it cannot be had."""
    for _ in range(_TRIES):
        if (found := procfs.counter(pid, tid)) is not None:
            return found
        os.sched_yield()
    return 0


def _callers(pid: int, frame: int, stack: int, counter: int, code: list[range]) -> Iterator[int]:
    """Where it is in the program, and from where that was called, outwards."""

    def inside(address: int) -> bool:
        return any(address in part for part in code)

    if inside(counter):
        yield counter
        returns = _before_its_frame(pid, stack, counter)
        if inside(returns - 1):
            yield returns - 1
    else:
        words = procfs.words(pid, stack, min(max(frame - stack, 0), _STACK))
        yield from [word - 1 for word in words if inside(word - 1)][:1]  # a call is before where it returns to
    for _ in range(_MOST):
        pair = procfs.words(pid, frame, 16) if frame % 8 == 0 and frame >= stack else ()
        if len(pair) < 2:
            break
        outer, address = pair
        if inside(address - 1):
            yield address - 1
        if not frame < outer < frame + _LARGEST_FRAME:
            break
        frame = outer
    # Where that has led nowhere: a function may do its first tests without a frame.
    yield from [word - 1 for word in procfs.words(pid, stack, 16) if inside(word - 1)]


def _before_its_frame(pid: int, stack: int, counter: int) -> int:
    """The return address of a function that has no frame yet, or none any more, by its code; 0 if it has one.

    x86_64: `push %rbp; mov %rsp, %rbp` begin it, perhaps behind an `endbr64`, and `ret` ends it.
    """
    code = procfs.memory(pid, counter - 1, 5) if platform.machine() == "x86_64" else None
    if code is None:
        return 0
    if code[1:].startswith((b"\x55", b"\xc3", b"\xf3\x0f\x1e\xfa")):
        return procfs.word_at(pid, stack) or 0
    return (procfs.word_at(pid, stack + 8) or 0) if code.startswith(b"\x55\x48\x89\xe5") else 0


def _stopped(tid: int) -> bool:
    """Has a thread that is attached to stopped? One that waits for its child by vfork(2) may never do so."""
    for _ in range(_TRIES):
        if os.waitpid(tid, _WALL | os.WNOHANG)[0] == tid:
            return True
        os.sched_yield()
    return False


def _registers(tid: int) -> tuple[int, int, int] | None:
    """Frame, stack and instruction pointer of a thread that has been sent SIGSTOP; None where they cannot be had."""
    which = _WHICH.get(platform.machine())
    if which is None:
        return None
    ptrace = ctypes.CDLL(None, use_errno=True).ptrace
    ptrace.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    ptrace.restype = ctypes.c_long
    if ptrace(_ATTACH, tid, None, None) == -1:
        return None
    try:
        if not _stopped(tid):
            return None
        room = ctypes.create_string_buffer(8 * _REGISTERS)
        vector = _Vector(ctypes.addressof(room), len(room))
        if ptrace(_GET_REGISTERS, tid, _GENERAL, ctypes.addressof(vector)) == -1:
            return None
        values = struct.unpack(f"={_REGISTERS}Q", room.raw)
        return values[which[0]], values[which[1]], values[which[2]]
    except OSError:
        return None
    finally:
        ptrace(_DETACH, tid, None, signal.SIGSTOP)
