"""The few system calls that Python 3.11 does not offer, by ctypes, raising OSError with their names."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import platform
from collections.abc import Collection

CLONE_PARENT = 0x00008000
CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MNT_DETACH = 2

MOUNT_ATTR_RDONLY = 0x1
MOUNT_ATTR_NOSUID = 0x2
MOUNT_ATTR_NODEV = 0x4
_AT_FDCWD = -100
_AT_RECURSIVE = 0x8000

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
_PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38

CAP_SETGID = 6
CAP_SETUID = 7
CAP_SETPCAP = 8

_SIGCHLD = 17
_CALLS = {  # clone, pivot_root, mount_setattr
    "x86_64": (56, 155, 442),
    "aarch64": (220, 41, 442),
}
# Found once, here: ctypes looks a function up at its first use, which would be in each process that is forked.
_libc = ctypes.CDLL(None, use_errno=True)
_syscall, _mount, _umount2, _prctl, _sethostname = (
    getattr(_libc, name) for name in ("syscall", "mount", "umount2", "prctl", "sethostname")
)
_libc_holding_gil = ctypes.PyDLL(None, use_errno=True)
_MountAttributes = ctypes.c_uint64 * 4  # struct mount_attr, mount_setattr(2)


class UnsupportedMachineError(OSError):
    """The processor is one whose system call numbers are not known here."""


@functools.cache
def _numbers() -> tuple[int, int, int]:
    try:
        return _CALLS[platform.machine()]
    except KeyError:
        raise UnsupportedMachineError(f"processor {platform.machine()} is not supported by the local sandbox") from None


def _check(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def clone(flags: int) -> int:
    """fork() into new namespaces (clone(2)): 0 in the child, which is the PID 1 of a new PID namespace.

    With CLONE_PARENT alone: into none, and the child is a child of our parent.

    Unlike unshare + fork it costs one copy of the process. The interpreter must be told around the
    call, as os.fork() does it, and must keep its lock during it.
    """
    number = _numbers()[0]
    before, parent, child = (
        getattr(ctypes.pythonapi, name) for name in ("PyOS_BeforeFork", "PyOS_AfterFork_Parent", "PyOS_AfterFork_Child")
    )
    before()
    pid: int = _libc_holding_gil.syscall(number, ctypes.c_ulong(flags | _SIGCHLD), None, None, None, None)
    if pid == 0:
        child()
        return 0
    parent()
    return _check(pid, "clone() into new namespaces")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2). target is a path; source may be /proc/self/fd/N."""
    given = (source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags), data.encode() or None)
    _check(_mount(*given), f"mount {kind or source} on {target}")


def unmount(target: str, flags: int = MNT_DETACH) -> None:
    """umount2(2)."""
    _check(_umount2(target.encode(), flags), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    """pivot_root(2)."""
    _check(_syscall(_numbers()[1], new.encode(), old.encode()), "pivot_root")


def make_mount(target: str, attributes: int, *, recursive: bool = True) -> None:
    """mount_setattr(2), Linux 5.12: set MOUNT_ATTR_* on a mount and, if recursive, all below it."""
    packed = _MountAttributes(attributes, 0, 0, 0)
    result = _syscall(
        _numbers()[2], _AT_FDCWD, target.encode(), _AT_RECURSIVE if recursive else 0, packed, ctypes.sizeof(packed)
    )
    _check(result, f"make {target} read-only (mount_setattr, Linux 5.12 or later)")


def setfsid(uid: int, gid: int) -> None:
    """setfsuid(2), setfsgid(2): with whose permissions this thread alone opens files. They tell no errors."""
    _libc.setfsgid(gid)
    _libc.setfsuid(uid)


def prctl(option: int, value: int) -> None:
    """prctl(2) with one argument."""
    _check(_prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl({option})")


def bound_capabilities(kept: Collection[int]) -> None:
    """What this process executes from now on gets these capabilities at most (capabilities(7), bounding set)."""
    capability = 0
    while capability in kept or _prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) >= 0:
        capability += 1
    if not capability or ctypes.get_errno() != errno.EINVAL:  # the kernel has no capability beyond
        _check(-1, f"dropping capability {capability}")


def sethostname(name: str) -> None:
    """sethostname(2)."""
    _check(_sethostname(name.encode(), len(name)), "sethostname")
