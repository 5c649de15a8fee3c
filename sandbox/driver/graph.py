"""Who waits for whom, in words that a second-year student understands.

`wait_graph` looks once at every task of a case and makes one `Waiter` of each: what it waits for as a
sentence without its subject, who could end the wait, and whether anybody will. It is asked when
`stuck` said DEAD, or when a limit ended the case; in the second case some may still run, so what it
says of those is a glimpse.

Who is dead is the greatest fixpoint of "nobody who could end my wait is alive": start with all who
are blocked without a time-out, and take out, until nothing changes, whoever could be woken by one that
runs, has a time-out, or was taken out before. `Wait.enders` must therefore name at least all who
could; None means any process of the case. What the scenario holds open does not count: when the graph
is asked for, the scenario waits too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from driver.scene import Scene, Task
from driver.waits import Explainer, Wait
from grader.wire import Waiter, WaitGraph

_MOST_EDGES = 16  # names in one Waiter.waits_for; a hundred that wait for each other need no more


def wait_graph(
    pids: Iterable[int],
    names: Mapping[int, str],
    held: Mapping[str, str],
    *,
    halted: Collection[int] = (),
    marks: bool = False,
) -> WaitGraph:
    """The wait-for graph of these processes.

    names: what is already known of pids, also of ended ones ("reader", "child 2 of reader"); the others
    are named here. held: for what the driver itself holds open, as /proc/PID/fd shows it, the words for it.
    halted: whom the scenario has stopped. marks: objects and tasks are marked in the words (driver.marks), for
    somebody who can say more of them.
    """
    case = Scene(sorted(pids), names, held, marks, halted)
    waits = {task.tid: Explainer(case, task).wait() for task in case.tasks}
    dead = _dead(case.tasks, waits)
    by_tid = {task.tid: task.name for task in case.tasks}
    edges = {
        task.name: tuple(dict.fromkeys(by_tid[tid] for tid in waits[task.tid].by if tid in by_tid))
        for task in case.tasks
    }
    waiters = tuple(
        Waiter(
            name=task.name,
            pid=task.pid,
            command=task.stat.comm,
            call=waits[task.tid].call,
            words=waits[task.tid].words + case.mark("task", task.tid, ""),
            waits_for=edges[task.name][:_MOST_EDGES],
            dead=task.tid in dead,
            timed=waits[task.tid].timed,
            halted=task.stat.state in "Tt" and task.pid in halted,
        )
        for task in case.tasks
    )
    return WaitGraph(waiters, cycle({task.name: edges[task.name] for task in case.tasks if task.tid in dead}))


def circle(pids: Iterable[int], held: Mapping[str, str], needed: Collection[int]) -> frozenset[int]:
    """These processes and everybody on whom they wait, directly or not, if nobody else can end any of these waits.

    Empty where somebody could, or where that is not known. pids: all that live. Asks for more than the graph does:
    besides who could end a wait by the other end of a pipe there counts whoever has any end of it.
    """
    case = Scene(sorted(pids), {}, held)
    found: set[int] = set()
    todo = list(needed)
    while todo:
        pid = todo.pop()
        if pid in found:
            continue
        found.add(pid)
        tasks = [task for task in case.tasks if task.pid == pid]
        if not tasks:
            return frozenset()
        for task in tasks:
            enders = Explainer(case, task).all_enders()
            if enders is None:
                return frozenset()
            todo += enders
    return frozenset(found)


# --- who is dead, and who goes round in a circle ---------------------------------------------


def _dead(tasks: Sequence[Task], waits: Mapping[int, Wait]) -> set[int]:
    """Tids of those that nobody will wake."""
    dead = {tid for tid, wait in waits.items() if not wait.runs and not wait.timed}
    while True:
        alive = {task.pid for task in tasks if task.tid not in dead}
        woken = {tid for tid in dead if _can_wake(waits[tid].enders, alive)}
        if not woken:
            return dead
        dead -= woken


def _can_wake(enders: frozenset[int] | None, alive: set[int]) -> bool:
    return bool(alive) if enders is None else bool(enders & alive)


def cycle(edges: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest circle in which each waits for the next; edges: only of the dead."""
    found: tuple[str, ...] = ()
    for start in edges:
        path = _way_back(start, edges)
        if path and (not found or len(path) < len(found)):
            found = path
    return found


def _way_back(start: str, edges: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Breadth first from `start` to itself."""
    came_from: dict[str, str] = {}
    todo = [start]
    for name in todo:
        for following in edges.get(name, ()):
            if following == start:
                path = [name]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return tuple(reversed(path))
            if following not in came_from and following in edges:
                came_from[following] = name
                todo.append(following)
    return ()
