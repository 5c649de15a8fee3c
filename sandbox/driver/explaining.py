"""What the runtime of a traced build knows, put into what the driver saw by itself: leftovers, wait-for graph."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from driver import graph
from driver.census import Census
from driver.layout import Origin, OriginNumber
from driver.marks import marked, resolve
from driver.region import text
from driver.tracing import Account, at
from grader import trace
from grader.wire import CaseObservation, Kind, Leftover, Waiter, WaitGraph

_SYSTEM_V = {
    Kind.SHM: OriginNumber.ORIGIN_SHM,
    Kind.SEM: OriginNumber.ORIGIN_SEM,
    Kind.MSG: OriginNumber.ORIGIN_MSG,
}
_BY_NAME = {
    Kind.POSIX_SHM: OriginNumber.ORIGIN_POSIX_SHM,
    Kind.POSIX_SEM: OriginNumber.ORIGIN_POSIX_SEM,
    Kind.MQUEUE: OriginNumber.ORIGIN_MQUEUE,
    Kind.ABSTRACT_SOCKET: OriginNumber.ORIGIN_SOCKET,
}
_FILES = {
    Kind.FIFO: OriginNumber.ORIGIN_FIFO,
    Kind.SOCKET: OriginNumber.ORIGIN_SOCKET,
    Kind.FILE: OriginNumber.ORIGIN_FILE,
    Kind.DIRECTORY: OriginNumber.ORIGIN_DIRECTORY,
    Kind.SYMLINK: OriginNumber.ORIGIN_SYMLINK,
}
_INSIDE_STDIO = ("read", "write")  # which stdio makes where the runtime does not see it, in its last call
_PROCESSES = (Kind.STRAY, Kind.ORPHAN, Kind.ZOMBIE)
# Of marks in the words of waits.py.
_OBJECTS = {
    "pipe": OriginNumber.ORIGIN_PIPE,
    "socket": OriginNumber.ORIGIN_SOCKET,
    "sem": OriginNumber.ORIGIN_SEM,
    "msg": OriginNumber.ORIGIN_MSG,
    "fifo": OriginNumber.ORIGIN_FIFO,
}


def explained(seen: CaseObservation, account: Account, census: Census) -> CaseObservation:
    """The same observation; leftovers have their origins, waiters their lines, and what they wait for its maker."""
    return replace(
        seen,
        leftovers=tuple(_with_origin(leftover, account, census) for leftover in seen.leftovers),
        graph=_Graph(account).explained(seen.graph) if seen.graph is not None else None,
    )


def unexplained(seen: CaseObservation) -> CaseObservation:
    """The same where nothing is known: without the marks in the words of its graph."""
    if seen.graph is None:
        return seen
    waiters = tuple(replace(waiter, words=resolve(waiter.words, _plain)) for waiter in seen.graph.waiters)
    return replace(seen, graph=replace(seen.graph, waiters=waiters))


def _plain(_kind: str, _number: int, words: str) -> str:
    return words


# --- leftovers -----------------------------------------------------------------------------------


def _with_origin(leftover: Leftover, account: Account, census: Census) -> Leftover:
    if leftover.kind in _PROCESSES:
        pid = leftover.facts.get("pid", "")
        return replace(leftover, origin=account.born(int(pid)) if pid.isdecimal() else None)
    wanted = _wanted(leftover, census)
    return replace(leftover, origin=account.found(wanted)) if wanted is not None else leftover


def _wanted(leftover: Leftover, census: Census) -> Callable[[Origin], bool] | None:
    """Which origin is that of a leftover? None where it can have none."""
    kind = leftover.kind
    if kind in _SYSTEM_V:
        number, identity = _SYSTEM_V[kind], leftover.facts.get("id", "")
        return lambda origin: origin.kind == number and str(origin.id) == identity
    if kind in _BY_NAME:
        number = _BY_NAME[kind]
        return lambda origin: origin.kind == number and text(origin.name) == leftover.name
    file = census.identity(leftover)
    if kind is Kind.DESCRIPTOR:
        return lambda origin: (
            (origin.device, origin.id) == file
            and origin.kind
            not in (
                *_SYSTEM_V.values(),
                *_BY_NAME.values(),
            )
        )
    if kind not in _FILES:
        return None
    number, path = _FILES[kind], os.path.join(census.workspace.home, leftover.name)
    return lambda origin: (
        origin.kind == number
        and ((origin.device, origin.id) == file or os.path.join(census.workspace.home, text(origin.name)) == path)
    )


# --- the wait-for graph ----------------------------------------------------------------------------


class _Graph:
    def __init__(self, account: Account) -> None:
        self._account = account

    def explained(self, seen: WaitGraph) -> WaitGraph:
        waiters = tuple(map(self._waiter, seen.waiters))
        dead = {waiter.name: waiter.waits_for for waiter in waiters if waiter.dead}
        return WaitGraph(waiters, seen.cycle or graph.cycle(dead))

    def _waiter(self, waiter: Waiter) -> Waiter:
        account, marks = self._account, dict(marked(waiter.words))
        number = account.waiting(marks.get("task", 0))
        words = resolve(waiter.words, self._better)
        made = next((found for kind, key in marks.items() if (found := self._origin(kind, key)) is not None), None)
        if number < 0:
            last = account.living(marks.get("task", 0)) if waiter.call in _INSIDE_STDIO else -1
            if waiter.command != account.command(last):  # exec() has made another program of it
                last = -1
            place, caller = (account.at(last), account.called_from(last)) if last >= 0 else (None, None)
            return replace(waiter, words=words, object=made, place=place, caller=caller)
        held = [found for found in account.held_by(account.waits_for(number)) if found[0] != waiter.name]
        for name, place in held:
            if name not in words:
                words += f", taken by {name}{at(place) if place is not None else ''}"
        return replace(
            waiter,
            words=words,
            waits_for=tuple(dict.fromkeys((*waiter.waits_for, *(name for name, _ in held)))),
            place=account.at(number),
            caller=account.called_from(number),
            object=made or account.made(account.waits_for(number)),
        )

    def _origin(self, kind: str, number: int) -> trace.Origin | None:
        wanted = _OBJECTS.get(kind)
        if wanted is None:
            return None
        return self._account.found(lambda origin: origin.kind == wanted and origin.id == number)

    def _better(self, kind: str, number: int, words: str) -> str:
        """ "a pipe" becomes "the pipe from pipe() at pipeline.c:31"; of others it is added between brackets."""
        found = self._origin(kind, number)
        if found is None or not found.call:
            return words
        made = f"from {found.call}(){at(found.place)}"
        if kind == "fifo":
            return f"{words} ({made})"
        return f"the {kind} {made}" if words else f"{made}, "
