"""System V and POSIX objects: list them, make them, look into them, remove them.

Listing reads /proc/sysvipc, which shows every object of the IPC namespace whatever its mode.
The rest goes through glibc by ctypes. Where the kernel lets only an object's owner act and the
driver lacks CAP_SYS_ADMIN or CAP_IPC_OWNER (a container with few capabilities), the call is made
again with the owner's effective uid; the real and the saved uid stay the driver's, so that the
submission can neither signal nor trace it meanwhile.

A failing call raises OSError, with the call and its object as the file name:
`[Errno 17] File exists: 'semget(0x4d2)'`. Names of POSIX objects begin with a slash, as in C.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from driver import procfs

IPC_PRIVATE = 0
IPC_CREAT = 0o1000
IPC_EXCL = 0o2000
IPC_RMID = 0
IPC_SET = 1
IPC_STAT = 2
GETPID = 11
GETALL = 13
SETALL = 17
SHM_DEST = 0o1000

_SEMAPHORES_AT_MOST = 65536  # kernel.sem allows 32000 in a set by default; a sandbox far fewer
_MODE_BITS = 0o777


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is to own a made object: the submission, not the driver."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A System V shared memory segment. Times are seconds since 1970, 0 for never."""

    key: int
    id: int
    mode: int
    size: int
    cpid: int
    lpid: int
    nattch: int
    uid: int
    cuid: int
    atime: int
    dtime: int
    ctime: int
    removed: bool  # IPC_RMID was called; it goes with its last detach


@dataclass(frozen=True, slots=True)
class SemaphoreSet:
    """A System V semaphore set. The kernel does not tell who made it."""

    key: int
    id: int
    mode: int
    nsems: int
    uid: int
    cuid: int
    otime: int
    ctime: int


@dataclass(frozen=True, slots=True)
class Queue:
    """A System V message queue. lspid, lrpid: who sent and who received last, 0 for nobody."""

    key: int
    id: int
    mode: int
    cbytes: int
    qnum: int
    lspid: int
    lrpid: int
    uid: int
    cuid: int
    stime: int
    rtime: int
    ctime: int


@dataclass(frozen=True, slots=True)
class QueueAttributes:
    """What mq_getattr tells of a POSIX message queue."""

    maxmsg: int
    msgsize: int
    curmsgs: int


class _Permissions(ctypes.Structure):
    """Struct ipc_perm, the head of shmid_ds, semid_ds and msqid_ds, and room for their rest."""

    _fields_ = [
        ("key", ctypes.c_int),
        ("uid", ctypes.c_uint),
        ("gid", ctypes.c_uint),
        ("cuid", ctypes.c_uint),
        ("cgid", ctypes.c_uint),
        ("mode", ctypes.c_uint),
        ("rest", ctypes.c_ulong * 60),
    ]


class _MqAttributes(ctypes.Structure):
    _fields_ = [
        ("flags", ctypes.c_long),
        ("maxmsg", ctypes.c_long),
        ("msgsize", ctypes.c_long),
        ("curmsgs", ctypes.c_long),
        ("reserved", ctypes.c_long * 4),
    ]


def _load() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmget.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_int]
    libc.shmctl.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    libc.semget.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int]
    libc.semctl.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    libc.msgget.argtypes = [ctypes.c_int, ctypes.c_int]
    libc.msgctl.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    libc.shm_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_uint]
    libc.shm_unlink.argtypes = [ctypes.c_char_p]
    libc.sem_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_uint]
    libc.sem_open.restype = ctypes.c_void_p
    libc.sem_close.argtypes = [ctypes.c_void_p]
    libc.sem_unlink.argtypes = [ctypes.c_char_p]
    libc.mq_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p]
    libc.mq_getattr.argtypes = [ctypes.c_int, ctypes.c_void_p]
    libc.mq_unlink.argtypes = [ctypes.c_char_p]
    return libc


_libc = _load()


def _failed(call: str, what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), f"{call}({what})")


def _checked(result: int, call: str, what: str) -> int:
    if result == -1:
        raise _failed(call, what)
    return result


@contextlib.contextmanager
def _effective(uid: int) -> Iterator[None]:
    before = os.geteuid()
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(before)


def _as_owner(uid: int | None, action: Callable[[], int]) -> int:
    """Act, and where only the owner may, act again as the owner."""
    try:
        return action()
    except PermissionError:
        if uid is None or uid == os.geteuid():
            raise
    with _effective(uid):
        return action()


# --- System V: what there is ---------------------------------------------------------------
#
# Before and after most cases a table says the same, so what it says is kept.


def _rows(table: bytes) -> list[list[int]]:
    """Those of a file in /proc/sysvipc as numbers; the third column, the mode, is octal."""
    rows = [line.split() for line in table.splitlines()[1:]]
    return [[int(row[0]), int(row[1]), int(row[2], 8), *map(int, row[3:])] for row in rows]


def shms() -> tuple[Segment, ...]:
    """Every System V shared memory segment of this IPC namespace."""
    return _shms(procfs.table("/proc/sysvipc/shm"))


@functools.lru_cache(maxsize=2)
def _shms(table: bytes) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            key=row[0] & 0xFFFFFFFF,
            id=row[1],
            mode=row[2] & _MODE_BITS,
            size=row[3],
            cpid=row[4],
            lpid=row[5],
            nattch=row[6],
            uid=row[7],
            cuid=row[9],
            atime=row[11],
            dtime=row[12],
            ctime=row[13],
            removed=bool(row[2] & SHM_DEST),
        )
        for row in _rows(table)
    )


def sems() -> tuple[SemaphoreSet, ...]:
    """Every System V semaphore set of this IPC namespace."""
    return _sems(procfs.table("/proc/sysvipc/sem"))


@functools.lru_cache(maxsize=2)
def _sems(table: bytes) -> tuple[SemaphoreSet, ...]:
    return tuple(
        SemaphoreSet(
            key=row[0] & 0xFFFFFFFF,
            id=row[1],
            mode=row[2] & _MODE_BITS,
            nsems=row[3],
            uid=row[4],
            cuid=row[6],
            otime=row[8],
            ctime=row[9],
        )
        for row in _rows(table)
    )


def msgs() -> tuple[Queue, ...]:
    """Every System V message queue of this IPC namespace."""
    return _msgs(procfs.table("/proc/sysvipc/msg"))


@functools.lru_cache(maxsize=2)
def _msgs(table: bytes) -> tuple[Queue, ...]:
    return tuple(
        Queue(
            key=row[0] & 0xFFFFFFFF,
            id=row[1],
            mode=row[2] & _MODE_BITS,
            cbytes=row[3],
            qnum=row[4],
            lspid=row[5],
            lrpid=row[6],
            uid=row[7],
            cuid=row[9],
            stime=row[11],
            rtime=row[12],
            ctime=row[13],
        )
        for row in _rows(table)
    )


# --- System V: make, look into, remove -----------------------------------------------------


def _key(key: int) -> str:
    return f"0x{key & 0xFFFFFFFF:x}" if key else "IPC_PRIVATE"


def _signed(key: int) -> int:
    return ctypes.c_int(key).value


def _hand_over(call: str, what: int, control: Callable[[int, object], int], mode: int, owner: Owner | None) -> None:
    """Give a made object to its owner; semctl, shmctl and msgctl differ only in `control`."""
    if owner is None:
        return
    record = _Permissions()
    _checked(control(IPC_STAT, ctypes.byref(record)), call, f"{what}, IPC_STAT")
    record.uid, record.gid, record.mode = owner.uid, owner.gid, mode & _MODE_BITS
    _checked(control(IPC_SET, ctypes.byref(record)), call, f"{what}, IPC_SET")


def make_shm(key: int, size: int, mode: int = 0o600, owner: Owner | None = None) -> int:
    """Make a segment (key 0: IPC_PRIVATE) that did not exist; its id."""
    flags = IPC_CREAT | IPC_EXCL | (mode & _MODE_BITS)
    made = _checked(_libc.shmget(_signed(key), size, flags), "shmget", _key(key))

    def control(command: int, record: object) -> int:
        return int(_libc.shmctl(made, command, record))

    _hand_over("shmctl", made, control, mode, owner)
    return made


def make_sem(key: int, values: Sequence[int], mode: int = 0o600, owner: Owner | None = None) -> int:
    """Make a set with one semaphore for each value; its id."""
    flags = IPC_CREAT | IPC_EXCL | (mode & _MODE_BITS)
    made = _checked(_libc.semget(_signed(key), len(values), flags), "semget", _key(key))

    def control(command: int, record: object) -> int:
        return int(_libc.semctl(made, 0, command, record))

    _set_all(made, values)
    _hand_over("semctl", made, control, mode, owner)
    return made


def make_msg(key: int, mode: int = 0o600, owner: Owner | None = None) -> int:
    """Make an empty message queue; its id."""
    flags = IPC_CREAT | IPC_EXCL | (mode & _MODE_BITS)
    made = _checked(_libc.msgget(_signed(key), flags), "msgget", _key(key))

    def control(command: int, record: object) -> int:
        return int(_libc.msgctl(made, command, record))

    _hand_over("msgctl", made, control, mode, owner)
    return made


def values(semid: int, uid: int | None = None, nsems: int | None = None) -> tuple[int, ...]:
    """The value of each semaphore of a set.

    uid: its owner, tried where the driver itself may not look. nsems: how many, where it is known.
    """
    if nsems is None:
        nsems = next((found.nsems for found in sems() if found.id == semid), 0)
    # Room for any set: the one that is read may not be the one that was listed.
    room = (ctypes.c_ushort * _SEMAPHORES_AT_MOST)()

    def read() -> int:
        return _checked(_libc.semctl(semid, 0, GETALL, room), "semctl", f"{semid}, GETALL")

    _as_owner(uid, read)
    return tuple(room[:nsems])


def set_values(semid: int, values: Sequence[int]) -> None:
    """Set every semaphore of a set; there must be as many values as semaphores."""
    nsems = next((found.nsems for found in sems() if found.id == semid), len(values))
    if nsems != len(values):
        raise OSError(errno.EINVAL, f"the set has {nsems} semaphores, not {len(values)}", f"semctl({semid}, SETALL)")
    _set_all(semid, values)


def _set_all(semid: int, values: Sequence[int]) -> None:
    room = (ctypes.c_ushort * len(values))(*values)
    _checked(_libc.semctl(semid, 0, SETALL, room), "semctl", f"{semid}, SETALL")


def last_pid(semid: int, number: int, uid: int | None = None) -> int:
    """Which process changed this semaphore last: 0 if none did, or it is in another PID namespace."""

    def read() -> int:
        return _checked(_libc.semctl(semid, number, GETPID, None), "semctl", f"{semid}, {number}, GETPID")

    return _as_owner(uid, read)


def remove_shm(shmid: int, uid: int | None = None) -> None:
    """Remove a segment; it lives on, without its key, while a process has it attached."""
    _as_owner(uid, lambda: _checked(_libc.shmctl(shmid, IPC_RMID, None), "shmctl", f"{shmid}, IPC_RMID"))


def remove_sem(semid: int, uid: int | None = None) -> None:
    """Remove a semaphore set; who waits in semop gets EIDRM."""
    _as_owner(uid, lambda: _checked(_libc.semctl(semid, 0, IPC_RMID, None), "semctl", f"{semid}, IPC_RMID"))


def remove_msg(msqid: int, uid: int | None = None) -> None:
    """Remove a message queue with all that is in it."""
    _as_owner(uid, lambda: _checked(_libc.msgctl(msqid, IPC_RMID, None), "msgctl", f"{msqid}, IPC_RMID"))


def burn_first_ids() -> None:
    """Use up id 0 of each System V kind, before any case.

    Ids of a fresh namespace start at 0, which is also IPC_PRIVATE and what an uninitialised
    variable holds: programs that take an id for a key would work, or hang, by luck. The objects
    are removed again, so that none is there to be counted; the kernel does not give the id twice.
    """
    remove_shm(make_shm(IPC_PRIVATE, 1))
    remove_sem(make_sem(IPC_PRIVATE, [0]))
    remove_msg(make_msg(IPC_PRIVATE))


# --- POSIX ----------------------------------------------------------------------------------


def _settle(descriptor: int, mode: int, owner: Owner | None) -> None:
    """The mode as asked for, whatever the umask; then the owner."""
    os.fchmod(descriptor, mode & _MODE_BITS)
    if owner is not None:
        os.fchown(descriptor, owner.uid, owner.gid)


def make_posix_shm(name: str, size: int, mode: int = 0o600, owner: Owner | None = None) -> None:
    """Make a POSIX shared memory object of that size, filled with zero bytes."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = _checked(_libc.shm_open(os.fsencode(name), flags, 0o600), "shm_open", name)
    try:
        os.ftruncate(descriptor, size)
        _settle(descriptor, mode, owner)
    finally:
        os.close(descriptor)


def make_posix_sem(name: str, value: int, mode: int = 0o600, owner: Owner | None = None) -> None:
    """Make a POSIX named semaphore."""
    made = _libc.sem_open(os.fsencode(name), os.O_CREAT | os.O_EXCL, 0o600, value)
    if not made:
        raise _failed("sem_open", name)
    _checked(_libc.sem_close(made), "sem_close", name)
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(f"/dev/shm/sem.{name.removeprefix('/')}", flags)
    try:
        _settle(descriptor, mode, owner)
    finally:
        os.close(descriptor)


def make_mqueue(
    name: str, maxmsg: int = 10, msgsize: int = 8192, mode: int = 0o600, owner: Owner | None = None
) -> None:
    """Make a POSIX message queue. EINVAL: more than /proc/sys/fs/mqueue allows."""
    attributes = _MqAttributes(maxmsg=maxmsg, msgsize=msgsize)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NONBLOCK | os.O_CLOEXEC
    made = _libc.mq_open(os.fsencode(name), flags, 0o600, ctypes.byref(attributes))
    descriptor = _checked(made, "mq_open", name)
    try:
        _settle(descriptor, mode, owner)
    finally:
        os.close(descriptor)


def mqueue_attributes(name: str) -> QueueAttributes:
    """What a queue holds and how much it can hold."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = _checked(_libc.mq_open(os.fsencode(name), flags, 0, None), "mq_open", name)
    attributes = _MqAttributes()
    try:
        _checked(_libc.mq_getattr(descriptor, ctypes.byref(attributes)), "mq_getattr", name)
    finally:
        os.close(descriptor)
    return QueueAttributes(attributes.maxmsg, attributes.msgsize, attributes.curmsgs)


def posix_sem_value(content: bytes) -> int | None:
    """The value of a named semaphore, from the content of its file /dev/shm/sem.NAME.

    glibc keeps it in the low half of the first eight bytes on 64-bit machines; elsewhere None.
    """
    if len(content) != 32 or sys.maxsize < 2**32:
        return None
    return int.from_bytes(content[:8], sys.byteorder) & 0xFFFFFFFF


def remove_posix_shm(name: str) -> None:
    """shm_unlink."""
    _checked(_libc.shm_unlink(os.fsencode(name)), "shm_unlink", name)


def remove_posix_sem(name: str) -> None:
    """sem_unlink."""
    _checked(_libc.sem_unlink(os.fsencode(name)), "sem_unlink", name)


def remove_mqueue(name: str) -> None:
    """mq_unlink."""
    _checked(_libc.mq_unlink(os.fsencode(name)), "mq_unlink", name)
