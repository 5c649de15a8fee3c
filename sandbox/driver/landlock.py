"""Landlock (landlock(7)): which files a process may use, and beyond which it may not signal.

For a sandbox without a mount namespace of its own: rules hide what would otherwise be absent. A rule set
is a descriptor; `launch` (or `restrict`) puts a process under it for good. Asked for a right that the
kernel's version does not know, it refuses, so only known ones are named.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # on every architecture
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_VERSION_1 = (1 << 13) - 1
_REFER, _TRUNCATE = 1 << 13, 1 << 14  # versions 2 and 3. IOCTL_DEV stays free: terminals need it
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2

READ = _EXECUTE | _READ_FILE | _READ_DIR
USE = _READ_FILE | _WRITE_FILE | _READ_DIR | _TRUNCATE  # devices
CHANGE = _VERSION_1 | _REFER | _TRUNCATE

SCOPES = 6  # the version from which on signals can be kept in

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def version() -> int:
    """Of the kernel's Landlock; 0 where there is none, or a container's own filter forbids it."""
    return max(int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))), 0)


def ruleset(rules: Iterable[tuple[str, int]], *, scoped: bool = False) -> int:
    """A descriptor. rules: (path, rights beneath it); what does not exist is left out.

    scoped: whoever is under it cannot signal, nor reach by abstract sockets, anybody who is not.
    """
    known = version()
    rights = _VERSION_1 | (_REFER if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)
    wanted = _Ruleset(rights, 0, _SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if scoped else 0)
    size = ctypes.sizeof(wanted) if known >= SCOPES else 8
    made = _checked(_libc.syscall(_CREATE, ctypes.byref(wanted), ctypes.c_size_t(size), ctypes.c_uint(0)))
    try:
        for path, allowed in rules:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                _allow(made, path, allowed & rights)
    except OSError:
        os.close(made)
        raise
    return made


def _allow(made: int, path: str, allowed: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            allowed &= _OF_FILES
        beneath = _Beneath(allowed, parent)
        _checked(_libc.syscall(_ADD, made, ctypes.c_int(1), ctypes.byref(beneath), ctypes.c_uint(0)))
    finally:
        os.close(parent)


def restrict(made: int) -> None:
    """Put this thread under a rule set. It must have PR_SET_NO_NEW_PRIVS."""
    _checked(_libc.syscall(_RESTRICT, made, ctypes.c_uint(0)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
