"""Which schedules and faults to try of a case, in which order, and how they are written. Pure.

One run of a concurrent program shows one order of events. Most orders in which it breaks differ from that one
by a single process that was late once, so a search of one delay each finds them: where a run (the *base* run)
has recorded which places each process came to, the case is played again once for each of those places, and there
a process is *held* until nobody else can go on. That is a state which the kernel tells, not a time, so that the
same point gives the same order on a slow machine and on a fast one.

The order of points is fixed by what they are, never by when they were met, so that two searches of the same
program with the same seed find the same failure first:

- points that hold everybody who comes to a place ("*") come before those of one task: they are few, and find most;
- then the first time before the second, places in the order of the program's text, tasks in the order of their birth;
- between these two, each task comes last everywhere once: some failures need somebody who is late more than once;
- then each task but the first one goes alone from its birth to each place: a parent runs on where it has forked,
  and is mostly ahead of its child, so that what comes in between two steps of the child is never what the parent does;
- at the end what came to light while somebody came last everywhere: the body of a loop that waits for him;
- where several cases of an exercise are searched, what no case before has tried comes first: where a budget does not
  last for every point, it lasts for every place.

Behind a call is before whatever the task comes to next, so it is a point of its own only where nothing may come: behind
what gives others leave to go on. The heap is nobody else's affair.

Children that were forked by the same line stand for each other beyond the first two and the last: what the third of
16 does in the place of the fourth is the same story with other names. And where only one of them came to a place,
because it was the first, that may be another one the next time: whoever comes there is held.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from grader.trace import FaultKind, Point, Visited

EVERYBODY = "*"
_FIRST = "0"  # the task that is born before all others
OCCURRENCES = 2  # so many times a task is held at a place that it comes to again
BATCH = 8  # runs that are asked for at a time at most; judging, which is done outside, stops it in between
_ALIKE = 2  # children of one line that are tried before those that stand for each other

_POINT = re.compile(
    r"(?P<task>\*|[0-9]+(?:\.t?[0-9]+)*)@(?P<program>[A-Za-z0-9_][A-Za-z0-9_.-]*)\+(?P<address>[0-9a-f]{1,8})"
    r"#(?P<occurrence>[1-9][0-9]{0,5})(?::(?P<fault>[a-z-]+)|(?P<onwards>\+)|(?P<first>\^))?"
)


def _calls(names: str) -> frozenset[str]:
    return frozenset(names.split())


_BLOCKING = _calls(
    "read write open wait waitpid waitid semop sem_wait sem_timedwait msgsnd msgrcv mq_send mq_receive accept connect "
    "recv send fcntl flock lockf poll select epoll_wait"
)
_MAKING = _calls("open mkfifo mknod mkdir symlink shmget semget msgget mq_open sem_open shm_open ftruncate")
_OPENING = _calls(
    "open fopen pipe socketpair socket accept dup shm_open mq_open sem_open eventfd signalfd epoll_create "
    "timerfd_create memfd_create mkstemp"
)
# After which of them a program may end without coming to another point, or a signal may come in before the next one: a
# child that ends before its parent has written down its pid, a FIFO whose name is not noted yet.
_LAST = _calls(
    "semop sem_post pthread_mutex_unlock pthread_cond_signal pthread_cond_broadcast pthread_rwlock_unlock "
    "pthread_spin_unlock pthread_barrier_wait write send msgsnd mq_send kill fcntl flock lockf unlink close "
    "pthread_cond_wait "  # woken, but without the mutex yet
    "fork mkfifo mknod"
)
_PRIVATE = _calls("malloc free")
_TIMES_OUT = "times_out"  # no call, but the place at which a wait with a time limit may end by that
# Which calls can fail in a way. After pause() and sigsuspend() EINTR is the rule and no fault.
FITS: Mapping[FaultKind, frozenset[str]] = MappingProxyType(
    {
        FaultKind.EINTR: _BLOCKING,
        FaultKind.SHORT_IO: frozenset({"read", "write", "send", "recv"}),
        FaultKind.ENOSPC: _MAKING | {"write"},
        FaultKind.EAGAIN_FORK: frozenset({"fork", "pthread_create"}),
        FaultKind.ENOMEM: frozenset({"malloc", "mmap", "shmat", "shmget", "semget", "msgget", "fork"}),
        FaultKind.EMFILE: _OPENING,
        FaultKind.EIO: frozenset({"read", "write", "msync"}),
        FaultKind.TIMEOUT: frozenset({_TIMES_OUT}),
        FaultKind.STOPPED: frozenset({"semop"}),
    }
)
# Of these there are mostly several, one after the other: the second one fails beside what the first has made. And a
# function that calls semop() does so for several semaphores: for one that counts, and then for the mutex.
_AGAIN = frozenset({FaultKind.EAGAIN_FORK, FaultKind.EMFILE, FaultKind.STOPPED})


# --- points as text ------------------------------------------------------------------------------


def parse_point(text: str, programs: Collection[str]) -> Point:
    """What `--replay` is given; the reverse of str(point). ValueError says what is wrong with it."""
    match = _POINT.fullmatch(text)
    if match is None:
        raise ValueError(
            f"'{text}' is no point of a schedule; copy it from a report: "
            "0.2@prog+1a3f#1 is the 2nd child of the 1st program, when it comes to that address for the 1st time"
        )
    if match["program"] not in programs:
        raise ValueError(f"there is no program '{match['program']}'; there is {', '.join(programs)}")
    fault = None
    if match["fault"] is not None:
        known = [kind.value for kind in FaultKind]
        if match["fault"] not in known:
            raise ValueError(f"there is no fault '{match['fault']}'; there are {', '.join(known)}")
        fault = FaultKind(match["fault"])
    onwards, first = (match[way] is not None for way in ("onwards", "first"))
    return Point(
        match["task"], match["program"], int(match["address"], 16), int(match["occurrence"]), fault, onwards, first
    )


# --- which points --------------------------------------------------------------------------------


def schedules(visited: Iterable[Visited], tried: Collection[Point] = ()) -> tuple[Point, ...]:
    """The points at which somebody is to be held, in the order in which they are to be tried.

    tried: points of other cases.
    """
    times: dict[tuple[str, int], dict[str, int]] = defaultdict(dict)  # place -> task -> so many times
    born: dict[str, tuple[str, int]] = {}
    for visit in visited:
        born[visit.task] = (visit.program, visit.born)
        if visit.call in _PRIVATE or visit.call == _TIMES_OUT or (visit.after and visit.call not in _LAST):
            continue
        tasks = times[visit.program, visit.address]
        tasks[visit.task] = max(tasks.get(visit.task, 0), visit.count)
    alike = _alike(born)
    representatives = _representatives(alike, born)
    everybody: list[Point] = []
    single: list[Point] = []
    for occurrence in range(1, OCCURRENCES + 1):
        for (program, address), tasks in sorted(times.items()):
            there = [task for task, count in tasks.items() if count >= occurrence]
            if len(there) > 1:
                everybody.append(Point(EVERYBODY, program, address, occurrence))
            elif there and _others(there[0], alike):
                single.append(Point(EVERYBODY, program, address, occurrence))
                continue
            single += [
                Point(task, program, address, occurrence)
                for task in sorted(there, key=_numbers)
                if task in representatives
            ]
        if occurrence == 1 and len(born) > 1:
            tried_last = sorted(representatives, key=_numbers)
            single += [Point(task, born[task][0], 0, onwards=True) for task in tried_last]
    alone = [
        Point(task, program, address, first=True)
        for (program, address), tasks in sorted(times.items())
        for task in sorted(tasks, key=_numbers)
        if task in representatives and task != _FIRST
    ]
    known = frozenset(tried)
    return tuple(sorted((*everybody, *single, *alone), key=lambda point: point in known))


def beyond(visited: Iterable[Visited], tried: Collection[Point]) -> tuple[Point, ...]:
    """The points that the base run did not show, where others have come to more places since."""
    known = frozenset(tried)
    return tuple(point for point in schedules(visited) if point not in known)


def time_outs(visited: Iterable[Visited], tried: Collection[Point] = ()) -> tuple[Point, ...]:
    """One point for each wait that has a time limit and each task that comes there: what if it is over?

    Nobody has promised to be faster than that. But what a program then does is its own affair: to give up is right,
    too. So only what the runtime sees counts in such a run, like a race with whoever holds what was not got.
    """
    visits = [visit for visit in visited if visit.call == _TIMES_OUT]
    born = {visit.task: (visit.program, visit.born) for visit in visits}
    representatives = _representatives(_alike(born), born)
    points = {
        Point(visit.task, visit.program, visit.address, 1, FaultKind.TIMEOUT)
        for visit in visits
        if visit.task in representatives
    }
    in_order = sorted(points - set(tried), key=lambda point: (point.program, point.address, _numbers(point.task)))
    return tuple(in_order)


def faults(visited: Iterable[Visited], kinds: Sequence[FaultKind]) -> tuple[Point, ...]:
    """The points for each call site and each kind of fault that fits its call, for the first task that comes there.

    One for each, and where the site is come to again a second one for what is mostly made several times. Where a
    fault is to be got over, whoever comes there meets it: one task may come there for another semaphore than the first.
    """
    first: dict[tuple[str, int], Visited] = {}
    most: dict[tuple[str, int], int] = defaultdict(int)
    for visit in visited:
        place = (visit.program, visit.address)
        most[place] = max(most[place], visit.count)
        if not visit.after and visit.call and (place not in first or _before(visit, first[place])):
            first[place] = visit
    return tuple(
        Point(EVERYBODY if kind is FaultKind.STOPPED else visit.task, program, address, occurrence, kind)
        for (program, address), visit in sorted(first.items())
        for kind in kinds
        if visit.call in FITS[kind]
        for occurrence in range(1, min(_count(kind, visit, most), 2 if kind in _AGAIN else 1) + 1)
    )


def _count(kind: FaultKind, visit: Visited, most: Mapping[tuple[str, int], int]) -> int:
    """How often the place of a visit is come to, by whoever meets this fault there."""
    return most[visit.program, visit.address] if kind is FaultKind.STOPPED else visit.count


def batch_size(seconds_left: float, seconds_each: float) -> int:
    """So many runs may be asked for at once, that the budget is hardly exceeded and a failure soon ends the search."""
    return max(1, min(BATCH, int(seconds_left / max(seconds_each, 0.001))))


def _alike(born: Mapping[str, tuple[str, int]]) -> list[list[str]]:
    """Tasks that began at the same line, together; born: task -> its program and the address at which it was forked."""
    alike: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for task, (program, address) in born.items():
        alike[task.rpartition(".")[0], program, address].append(task)
    return list(alike.values())


def _others(task: str, alike: Iterable[Collection[str]]) -> bool:
    """Whether another task might come in the place of this one."""
    lines = {task, *_ancestors(task)}
    return any(len(siblings) > 1 and lines & set(siblings) for siblings in alike)


def _representatives(alike: Iterable[Collection[str]], born: Collection[str]) -> set[str]:
    """The tasks that are tried."""
    left_out: set[str] = set()
    for siblings in alike:
        if "." in min(siblings):  # programs that the scenario started may have been started with different arguments
            left_out |= set(sorted(siblings, key=_numbers)[_ALIKE:-1])
    return {task for task in born if not left_out & {task, *_ancestors(task)}}


def _ancestors(task: str) -> Iterable[str]:
    while "." in task:
        task = task.rpartition(".")[0]
        yield task


def _before(one: Visited, other: Visited) -> bool:
    return _numbers(one.task) < _numbers(other.task)


def _numbers(task: str) -> tuple[int, ...]:
    """ "0.10" comes after "0.2"."""
    return tuple(int(part) for part in task.split(".") if part.isdigit())
