"""Checks on what a program leaves behind, by what the census found after each case.

`no-leftover-ipc`, `no-leftover-files`, `no-stray-processes`, `no-open-locks`,
`no-leaked-descriptors`.
"""

from __future__ import annotations

import fnmatch
import itertools
from collections.abc import Iterator, Mapping

from grader import CaseObservation, Ended, Expected, Finding, Kind, Leftover, at, hookimpl, located, place_json, spot

_IPC = "no-leftover-ipc"
_FILES = "no-leftover-files"
_PROCESSES = "no-stray-processes"
_CHECKS = {
    Kind.SHM: _IPC,
    Kind.SEM: _IPC,
    Kind.MSG: _IPC,
    Kind.POSIX_SHM: _IPC,
    Kind.POSIX_SEM: _IPC,
    Kind.MQUEUE: _IPC,
    Kind.FIFO: _IPC,
    Kind.SOCKET: _IPC,
    Kind.ABSTRACT_SOCKET: _IPC,
    Kind.FILE: _FILES,
    Kind.DIRECTORY: _FILES,
    Kind.SYMLINK: _FILES,
    # One check: whether a child was dead when its parent ended, or a moment later, is the scheduler's.
    Kind.STRAY: _PROCESSES,
    Kind.ORPHAN: _PROCESSES,
    Kind.ZOMBIE: _PROCESSES,
    Kind.LOCK: "no-open-locks",
    Kind.DESCRIPTOR: "no-leaked-descriptors",
}
_BECAUSE = {
    Kind.SHM: "System V objects live until they are removed or the machine restarts, long after their makers.",
    Kind.SEM: "System V objects live until they are removed or the machine restarts, long after their makers.",
    Kind.MSG: "System V objects live until they are removed or the machine restarts, long after their makers.",
    Kind.POSIX_SHM: "A POSIX object lives until it is unlinked, however its makers end.",
    Kind.POSIX_SEM: "A POSIX object lives until it is unlinked, however its makers end.",
    Kind.MQUEUE: "A POSIX object lives until it is unlinked, however its makers end.",
    Kind.FIFO: "A FIFO is a name in the file system: the next start finds the old one.",
    Kind.SOCKET: "A socket's file stays when the server has gone, and the next bind() fails with EADDRINUSE.",
    Kind.ZOMBIE: "Who does not wait for a child keeps its entry in the process table, and never learns how it ended.",
    Kind.ORPHAN: "A child that outlives its parent is nobody's: nobody waits for it or hears how it ended.",
    Kind.STRAY: "A process that goes on after the program has ended uses the machine until somebody kills it.",
    Kind.LOCK: "A lock that is still held keeps everybody else out.",
    Kind.DESCRIPTOR: "A descriptor that is inherited by accident keeps a pipe open: its reader never sees end-of-file.",
}
_HINTS = {
    Kind.SHM: "Where is shmctl(id, IPC_RMID, NULL) called, by the last process to use it, and is it on every way out?",
    Kind.SEM: "Where is semctl(id, 0, IPC_RMID) called, and is it on every way out?",
    Kind.MSG: "Where is msgctl(id, IPC_RMID, NULL) called, and is it on every way out?",
    Kind.POSIX_SHM: "Where is shm_unlink() called?",
    Kind.POSIX_SEM: "Where is sem_unlink() called? sem_close() does not remove the name.",
    Kind.MQUEUE: "Where is mq_unlink() called? mq_close() does not remove the name.",
    Kind.FIFO: "Where is unlink() called, and is it on every way out, also after an error or a signal?",
    Kind.SOCKET: "Where is unlink() called on the socket's path, also when a signal ends the server?",
    Kind.ABSTRACT_SOCKET: "Which process still holds the socket open, and why does it live?",
    Kind.FILE: "Who should remove it, and when?",
    Kind.STRAY: "Which loop in the child never ends when its parent has gone?",
    Kind.ORPHAN: "Does the parent wait for every child before it exits?",
    Kind.ZOMBIE: "Is there one wait() or waitpid() for each fork()?",
    Kind.LOCK: "Which way out of the critical section does not unlock?",
    Kind.DESCRIPTOR: "Which descriptors does the child not need? Close them before exec, or open them with O_CLOEXEC.",
}


_HEADS = {
    Kind.STRAY: "still running after the program has ended",
    Kind.ORPHAN: "outlived its parent",
    Kind.ZOMBIE: "never waited for",
    Kind.LOCK: "still locked",
    Kind.DESCRIPTOR: "leaked into another program",
}
_RELATION = {Kind.STRAY: "started by", Kind.ORPHAN: "child of", Kind.ZOMBIE: "child of"}
# Facts that read by themselves; the others are told with their names ("key 0x1234").
_BARE = frozenset({"bytes", "size", "state", "command", "is", "values"})


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "no-leftover-ipc": "no IPC object, FIFO or socket is left behind",
        "no-leftover-files": "no file, directory or link is left behind",
        "no-stray-processes": "every child is waited for, and none outlives the program",
        "no-open-locks": "no file lock is still held",
        "no-leaked-descriptors": "no descriptor reaches a program that has no use for it",
    }


@hookimpl
def grader_check_case(expected: Expected, observation: CaseObservation) -> Iterator[Finding]:
    """One finding for each thing that the case does not say may stay, processes of a kind together."""
    if observation.build not in ("plain", "traced") or observation.ended is not Ended.DONE:
        return
    found = [left for left in observation.leftovers if not _may_stay(left, expected.leaves)]
    for kind, group in itertools.groupby(found, key=lambda left: left.kind):
        members = list(group)
        if kind in _RELATION and len(members) > 1:
            yield _finding(members[0], _together(kind, members))
        else:
            for leftover in members:
                yield _finding(leftover, _told(leftover))


def _may_stay(leftover: Leftover, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(leftover.name, pattern) for pattern in patterns)


def _finding(leftover: Leftover, told: str) -> Finding:
    kind, origin = leftover.kind, leftover.origin
    return Finding(
        _CHECKS[kind],
        f"{_HEADS.get(kind, 'left behind')}: {told}",
        expected="nothing left behind",
        seen=told,
        because=_BECAUSE.get(kind, "The next run, and the next user, find what this one left."),
        hint=_HINTS.get(kind, ""),
        locations=located(origin.place, origin.caller) if origin else (),
        data={
            "kind": kind.value,
            "name": leftover.name,
            "owner": leftover.owner,
            **leftover.facts,
            **({"made": {"call": origin.call, "place": place_json(origin.place)}} if origin else {}),
        },
    )


def _together(kind: Kind, members: list[Leftover]) -> str:
    names = [left.facts.get("process") or left.owner or left.name for left in members]
    return f"{len(members)} {kind.value}es: {', '.join(names)}"


def _told(leftover: Leftover) -> str:
    """In one line: "shared memory segment, key 0x1234, 4 bytes, created by shm_counter"."""
    named = leftover.name and leftover.name != leftover.facts.get("key")
    parts = [leftover.kind.value + (f" {leftover.name}" if named else "")]
    parts += [value if key in _BARE else f"{key} {value}" for key, value in leftover.facts.items()]
    made = _made(leftover)
    if made:
        parts.append(made)
    elif leftover.owner:
        parts.append(f"{_RELATION.get(leftover.kind, 'created by')} {leftover.owner}")
    return ", ".join(parts)


def _made(leftover: Leftover) -> str:
    """ "created by shmget() of shm_counter at shm_counter.c:38 in make(), called from shm_counter.c:90"."""
    origin = leftover.origin
    if origin is None or not spot(origin.place):
        return ""
    where = at(origin.place, origin.caller)
    if leftover.kind is Kind.DESCRIPTOR:
        return f"it comes from {origin.call}(){where}"
    if leftover.kind in _RELATION:
        return f"{_RELATION[leftover.kind]} {leftover.owner or origin.process}, forked{where}"
    if leftover.kind is Kind.LOCK:
        return f"held by {leftover.owner or origin.process}, locked by {origin.call}(){where}"
    return f"created by {origin.call}() of {leftover.owner or origin.process}{where}"
