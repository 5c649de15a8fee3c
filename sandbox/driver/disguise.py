"""A name that says nothing, in place of a command line that tells a submission where it runs."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os

from driver import kernel

_NAME = b"init"
_SHOWN = ctypes.create_string_buffer(_NAME)
_ARGUMENTS = slice(45, 47)  # of /proc/PID/stat behind the name: arg_start and arg_end (proc(5))


@functools.cache
def find_arguments() -> tuple[int, int]:
    """Where the arguments begin and end. Who forks finds them beforehand: they lie there in the fork, too."""
    # Not by a file object: in a fork, what no other code of the driver has run yet costs half a millisecond.
    descriptor = os.open("/proc/self/stat", os.O_RDONLY | os.O_CLOEXEC)
    try:
        stat = os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
    start, end = (int(field) for field in stat[stat.rindex(b")") + 2 :].split()[_ARGUMENTS])
    return start, end


def disguise() -> None:
    """Show as `init` in /proc/PID/cmdline and comm: the arguments lie in memory of ours, and may be written to."""
    start, end = find_arguments()
    if 0 < start < end:
        ctypes.memset(start, 0, end - start)
        ctypes.memmove(start, _NAME, min(len(_NAME), end - start - 1))
    with contextlib.suppress(OSError):
        kernel.prctl(kernel.PR_SET_NAME, ctypes.addressof(_SHOWN))
