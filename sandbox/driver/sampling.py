"""Where a process is that uses the CPU and makes no call that would tell: by its registers and its stack.

A thread that runs is stopped, and then /proc/PID/task/TID/syscall (proc(5)) has its stack pointer and its instruction
pointer. Where that is in a library, some word of the stack is the address to which the library will return:
those in the program's own code are told in the order in which they come, and whoever knows lines takes the first
that has one.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Collection
from dataclasses import dataclass

from driver import procfs

_STACK = 4096  # bytes that are looked at
_MOST = 24  # addresses
_TRIES = 1000


@dataclass(frozen=True)
class Sample:
    """A thread as it ran. program: path. addresses: in it, from where it was outwards."""

    tid: int
    program: str
    addresses: tuple[int, ...]


def sample(pid: int, programs: Collection[str]) -> list[Sample]:
    """The threads of a process that run, if it is one of these programs; it is stopped afterwards."""
    program = procfs.exe(pid)
    if program is None or program not in programs:
        return []
    running = [tid for tid in procfs.tids(pid) if _state(pid, tid) == "R"]
    if not running:
        return []
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGSTOP)
    parts = [part for part in procfs.maps(pid) if part.path == program]
    if not parts:
        return []
    base = min(part.start for part in parts)
    code = [range(part.start, part.end) for part in parts if "x" in part.permissions]
    made = []
    for tid in running:
        tries = 0
        while _state(pid, tid) == "R" and tries < _TRIES:
            os.sched_yield()
            tries += 1
        found = procfs.registers(pid, tid)
        if found is None:
            continue
        stack, counter = found
        returns = [word - 1 for word in procfs.words(pid, stack, _STACK)]  # of a call, where it was made
        inside = [address - base for address in (counter, *returns) if any(address in part for part in code)]
        made.append(Sample(tid, program, tuple(dict.fromkeys(inside))[:_MOST]))
    return made


def _state(pid: int, tid: int) -> str:
    stat = procfs.stat(pid, tid)
    return stat.state if stat is not None else ""
