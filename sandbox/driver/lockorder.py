"""Circles in the order in which locks were taken: they explain a case that got stuck, and accuse nobody.

The runtime records edges: who held `first` wanted `second`. Where edges of different processes lead round in a
circle, each might wait for the next. That cannot happen where all of them hold one more lock meanwhile (a gate), or
a semaphore that lets fewer in than the circle is long; and a semaphore that is given by others than those who took
it, or that was ever larger than 1, is a signal or a counter, no lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from driver.layout import Edge, HeldMode, Lockset, Sync, SyncKind
from driver.region import Reading

_SEMAPHORES = (SyncKind.SYNC_SEMAPHORE, SyncKind.SYNC_POSIX_SEMAPHORE)
_LOCKS = (*_SEMAPHORES, SyncKind.SYNC_MUTEX, SyncKind.SYNC_RWLOCK, SyncKind.SYNC_FILE_LOCK)
_LONGEST = 6
_MOST = 8  # circles that are told


def circles(reading: Reading) -> list[tuple[Edge, ...]]:
    """Each once: edges in which the second lock of one is the first of the next."""
    graph: dict[int, list[Edge]] = {}
    for edge in reading.edges:
        if all(_is_lock(reading.syncs[sync]) for sync in (edge.first, edge.second)):
            graph.setdefault(edge.first, []).append(edge)
    found: list[tuple[Edge, ...]] = []
    seen: set[frozenset[tuple[int, int]]] = set()
    for start in sorted(graph):
        for circle in _from(start, graph):
            key = frozenset((edge.first, edge.second) for edge in circle)
            if key not in seen and not _guarded(reading, circle):
                seen.add(key)
                found.append(circle)
                if len(found) == _MOST:
                    return found
    return found


def _is_lock(sync: Sync) -> bool:
    return sync.kind in _LOCKS and not (sync.kind in _SEMAPHORES and (not sync.keeps_out() or sync.most > 1))


def _from(start: int, graph: Mapping[int, Sequence[Edge]], steps: int = 20_000) -> Iterator[tuple[Edge, ...]]:
    """Circles through a lock in which it is the smallest number. steps: no more are taken."""
    paths: list[tuple[Edge, ...]] = [(edge,) for edge in graph[start]]
    while paths and steps:
        steps -= 1
        path = paths.pop()
        last = path[-1].second
        if last == start:
            if len(path) > 1:
                yield path
            continue
        if len(path) == _LONGEST or last < start or any(edge.first == last for edge in path):
            continue
        tasks = {edge.task for edge in path}
        paths += [(*path, edge) for edge in graph.get(last, ()) if edge.task not in tasks]


def _guarded(reading: Reading, circle: Sequence[Edge]) -> bool:
    """Do all of them hold something besides that lets fewer in than the circle is long?"""
    inside = {edge.first for edge in circle}
    gates = [_held(reading.locksets, edge.lockset) - inside for edge in circle]
    return any(_room(reading.syncs[gate]) < len(circle) for gate in set.intersection(*gates))


def _held(locksets: Sequence[Lockset], number: int) -> set[int]:
    if number >= len(locksets):
        return set()
    lockset = locksets[number]
    return {held.sync for held in lockset.held[: lockset.count] if held.mode != HeldMode.HELD_SHARED}


def _room(sync: Sync) -> int:
    return max(sync.most, 1) if sync.kind in _SEMAPHORES else 1
