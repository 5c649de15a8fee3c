"""Steps about objects beside the program: make, remove, set a semaphore, exists, gone."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from driver import ipc
from driver.layout import Way
from driver.loop import CaseEndedError
from driver.stage import Stage
from grader import wire
from grader.wire import Ended

_KINDS: Mapping[str, Callable[[int], bool]] = MappingProxyType(
    {
        "any": lambda _: True,
        "fifo": stat.S_ISFIFO,
        "file": stat.S_ISREG,
        "directory": stat.S_ISDIR,
        "symlink": stat.S_ISLNK,
        "socket": stat.S_ISSOCK,
    }
)


def make(stage: Stage, step: wire.Make) -> bytes:
    """Make an object that belongs to the submission and does not count as left behind."""
    owner = ipc.Owner(stage.inside.owner, stage.inside.group)
    name = stage.fill(step.path or step.name)
    stage.acts(Way.BY_OBJECT)
    try:
        if step.kind in ("shm", "sem", "msg"):
            _make_system_v(stage, step, owner)
        elif step.kind == "posix-shm":
            ipc.make_posix_shm(name, step.size, step.mode, owner)
        elif step.kind == "posix-sem":
            ipc.make_posix_sem(name, step.values[0] if step.values else 0, step.mode, owner)
        elif step.kind == "mqueue":
            ipc.make_mqueue(name, mode=step.mode, owner=owner)
        else:
            _make_file(stage, step, stage.place(step.path))
    except OSError as error:
        raise CaseEndedError(Ended.REFUSED, f"making {step.kind} {name}: {error}") from None
    stage.census.adopt(step.kind, name if not step.key else "", stage.ids.get(step.name, -1))
    stage.loop.acted()
    return b""


def _make_system_v(stage: Stage, step: wire.Make, submission: ipc.Owner) -> None:
    if step.foreign and submission.uid == os.geteuid():  # ours, not the student's: no grade
        raise RuntimeError("in this sandbox there is no other user to whom an object could belong; take another one")
    owner = None if step.foreign else submission
    if step.kind == "shm":
        number = ipc.make_shm(step.key, step.size, step.mode, owner)
    elif step.kind == "sem":
        number = ipc.make_sem(step.key, step.values, step.mode, owner)
    else:
        number = ipc.make_msg(step.key, step.mode, owner)
    stage.ids[step.name] = number


def _make_file(stage: Stage, step: wire.Make, path: str) -> None:
    # A directory that its owner may read or write, it may enter too: 0600 is what a file has by default.
    mode = step.mode | (step.mode & 0o600 and 0o100) if step.kind == "directory" else step.mode
    if step.kind == "fifo":
        os.mkfifo(path, step.mode)
    elif step.kind == "directory":
        os.mkdir(path, mode)
    elif step.kind == "symlink":
        os.symlink(step.target, path)
    elif step.kind == "socket":
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(path)
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, step.mode)
        with os.fdopen(descriptor, "wb") as made:
            made.write(stage.fill_bytes(step.data))
    os.chown(path, stage.inside.owner, stage.inside.group, follow_symlinks=False)
    if step.kind != "symlink":
        os.chmod(path, mode)


def remove(stage: Stage, step: wire.Remove) -> bytes:
    """Unlink a path."""
    stage.acts(Way.BY_OBJECT)
    try:
        os.unlink(stage.place(step.path))
    except OSError as error:
        raise CaseEndedError(Ended.REFUSED, f"removing {step.path}: {error.strerror}") from None
    stage.loop.acted()
    return b""


def set_semaphores(stage: Stage, step: wire.SetSem) -> bytes:
    """SETALL on a set that the scenario made, or on the one that has the key."""
    number = stage.ids.get(step.name, -1)
    if number < 0:
        found = [entry.id for entry in ipc.sems() if step.key and _same_key(entry.key, step.key)]
        if not found:
            raise CaseEndedError(Ended.REFUSED, f"there is no semaphore set {step.name or hex(step.key)}")
        number = found[0]
    stage.acts(Way.BY_OBJECT)
    try:
        ipc.set_values(number, step.values)
    except OSError as error:
        raise CaseEndedError(Ended.REFUSED, f"setting semaphore set {step.name or hex(step.key)}: {error}") from None
    stage.loop.acted()
    return b""


def exists(stage: Stage, step: wire.Exists) -> bytes:
    """Wait until an object exists, or is gone."""
    path = stage.fill(step.path)
    words = f"{step.kind} {path or hex(step.key)}" if step.kind != "any" else path
    stage.loop.wait(
        lambda: _exists(stage, step, path) != step.gone, f"{words} to {'be gone' if step.gone else 'exist'}"
    )
    return b""


def _exists(stage: Stage, step: wire.Exists, path: str) -> bool:
    tables: dict[str, Callable[[], Any]] = {"shm": ipc.shms, "sem": ipc.sems, "msg": ipc.msgs}
    if step.kind in tables:
        return any(_same_key(entry.key, step.key) for entry in tables[step.kind]())
    if step.kind == "posix-shm":
        return os.path.lexists("/dev/shm/" + path.lstrip("/"))
    if step.kind == "posix-sem":
        return os.path.lexists("/dev/shm/sem." + path.lstrip("/"))
    if step.kind == "mqueue":
        return os.path.lexists("/dev/mqueue/" + path.lstrip("/"))
    try:
        mode = os.lstat(stage.place(path)).st_mode
    except OSError:
        return False
    return _KINDS[step.kind](mode)


def _same_key(found: int, wanted: int) -> bool:
    """The kernel's tables show a key_t, which has a sign; a scenario writes 0xcafe0001."""
    return found & 0xFFFFFFFF == wanted & 0xFFFFFFFF
