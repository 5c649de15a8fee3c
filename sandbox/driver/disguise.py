"""A name that says nothing, in place of a command line that tells a submission where it runs."""

from __future__ import annotations

import contextlib
import ctypes
from pathlib import Path

from driver import kernel

_NAME = b"init"
_ARGUMENTS = slice(45, 47)  # of /proc/PID/stat behind the name: arg_start and arg_end (proc(5))


def disguise() -> None:
    """Show as `init` in /proc/PID/cmdline and comm: the arguments lie in memory of ours, and may be written to."""
    stat = Path("/proc/self/stat").read_bytes()
    start, end = (int(field) for field in stat[stat.rindex(b")") + 2 :].split()[_ARGUMENTS])
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)
        ctypes.memmove(start, _NAME, min(len(_NAME), end - start - 1))
    with contextlib.suppress(OSError):
        kernel.prctl(kernel.PR_SET_NAME, ctypes.cast(ctypes.c_char_p(_NAME), ctypes.c_void_p).value or 0)
