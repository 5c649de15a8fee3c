"""Starting a program from within the driver, by launch_here.c."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Mapping, Sequence


class Vforking:
    """What launch.c does, without a program of its own that would have to be executed first.

    The child lives in the driver's memory until it executes its program, and the driver stands still meanwhile. So
    this is only for where nothing could stop that child: where no process of the submission is there, and the file
    is none of its own (which may be under a lease, and then execve() waits: fcntl(2)).
    """

    def __init__(self, library: int) -> None:
        """library: a descriptor of it (grader/backends/launcher.py). Raises OSError where it cannot be loaded."""
        # The interpreter's lock is kept: no other thread of the driver runs Python meanwhile.
        loaded = ctypes.PyDLL(f"/proc/self/fd/{library}")
        self._launch, self._failure = loaded.launch_here, loaded.launch_failure
        self._launch.argtypes = (ctypes.c_char_p, ctypes.c_long, ctypes.c_char_p, ctypes.c_long)
        self._launch.restype = ctypes.c_long
        self._failure.argtypes = ()
        self._failure.restype = ctypes.c_char_p

    def start(self, words: Sequence[str], env: Mapping[str, str]) -> tuple[int, bytes] | None:
        """The pid, and in the launcher's words what failed: nothing when the program was executed.

        There is no NUL in any of this. None: nothing was done, since there are too many words. Raises OSError where
        there can be no process.
        """
        arguments = _packed(words)
        environment = _packed([f"{key}={value}" for key, value in env.items()])
        pid: int = self._launch(arguments, len(arguments), environment, len(environment))
        if pid == -errno.E2BIG:
            return None
        if pid < 0:
            raise OSError(-pid, f"starting a program: {os.strerror(-pid)}")
        return pid, self._failure()


def _packed(words: Sequence[str]) -> bytes:
    return os.fsencode("\0".join((*words, "")))
