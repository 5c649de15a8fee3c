"""Check `stuck`: no case ends with every process blocked for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from grader import (
    CaseObservation,
    Ended,
    Expected,
    Finding,
    Place,
    Trace,
    TracedTask,
    Waiter,
    WaitGraph,
    at,
    calls_asked_for,
    came_instead,
    children_ended,
    failed_calls,
    failed_words,
    hookimpl,
    located,
    object_words,
    objects_of,
    place_json,
    spot,
    starved,
    unmet,
)

_OF_THE_SCENARIO = "which the scenario holds open"
_FOR_A_SIGNAL = re.compile(r" for (a signal|SIG[A-Z0-9]+)\b")
_CALL = re.compile(r"waits in [\w-]+\(\)")


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "stuck": "no case ends with every process blocked for ever",
    }


@hookimpl
def grader_check_case(expected: Expected, observation: CaseObservation) -> Iterator[Finding]:
    """Tell who waits for whom."""
    if observation.build not in ("plain", "traced") or observation.ended is not Ended.STUCK:
        return
    graph = observation.graph or WaitGraph(())
    failed = unmet(expected, observation)
    there = objects_of(observation.trace, failed[0].words) if failed else []
    instead, sentences = calls_asked_for(observation.trace, failed[0].words) if failed else ([], [])
    unseen = [task.printed for task in _unflushed(observation.trace)]
    wanting = [event for event in failed_calls(observation.trace) if starved(event)]  # others wait in vain
    lacking = failed[1].detail if failed and failed[1].verb == "handles" else ""
    ended = list(children_ended(observation.trace))
    waits = [place for waiter in _dead_first(graph) for place in (waiter.place, waiter.caller, _made(waiter))]
    step = f" (at step {failed[1].index + 1} of the case: {failed[0].words})" if failed else ""
    yield Finding(
        "stuck",
        _headline(graph) + step,
        expected=failed[0].words if failed else "to come to an end",
        seen=lacking or _seen(graph),
        locations=located(
            *(event.place for event in wanting),
            *unseen,
            *instead,
            *(origin.place for origin in there),
            *(place for place, _ in ended),
            *waits,
        )[:4],
        details=(
            *(came_instead(failed[1]) if failed else ()),
            *failed_words(wanting),
            *(_unflushed_words(task) for task in _unflushed(observation.trace)),
            *sentences,
            *map(object_words, there),
            *(words for _, words in ended),
            *_told_once(graph.waiters),
        ),
        data={
            "cycle": list(graph.cycle),
            "waiters": [
                {
                    "name": waiter.name,
                    "pid": waiter.pid,
                    "call": waiter.call,
                    "words": waiter.words,
                    "waits_for": list(waiter.waits_for),
                    "dead": waiter.dead,
                    "timed": waiter.timed,
                    "place": place_json(waiter.place),
                    "caller": place_json(waiter.caller),
                    "made": place_json(waiter.object.place) if waiter.object else None,
                }
                for waiter in graph.waiters
            ],
        },
    )


def _seen(graph: WaitGraph) -> str:
    """Some may run on: they have nothing to do with those who wait for ever."""
    dead = [waiter.name for waiter in graph.waiters if waiter.dead]
    if len(dead) in (0, len(graph.waiters)):
        return "every process is blocked for ever"
    return f"blocked for ever, whatever other processes do: {', '.join(dead)}"


def _dead_first(graph: WaitGraph) -> list[Waiter]:
    """Those in the circle, then those that nobody will wake and who wait for no process, then the rest."""
    return sorted(
        graph.waiters,
        key=lambda waiter: (waiter.name not in graph.cycle, not waiter.dead, bool(waiter.waits_for), _idle(waiter)),
    )


def _idle(waiter: Waiter) -> int:
    """How little it says that this one waits: who waits for a lock or for data has come farther than he should.

    A parent mostly waits for a signal, be it SIGCHLD, and what the scenario holds open is its own affair.
    """
    return 2 if _OF_THE_SCENARIO in waiter.words else 1 if _FOR_A_SIGNAL.search(waiter.words) else 0


def _made(waiter: Waiter) -> Place | None:
    return waiter.object.place if waiter.object else None


def _told_once(waiters: Sequence[Waiter]) -> Iterator[str]:
    """A line for each; who waits for the same as somebody before is only named."""
    alike: dict[str, list[Waiter]] = {}
    for waiter in waiters:
        alike.setdefault(_told(waiter).removeprefix(waiter.name), []).append(waiter)
    for first, *others in alike.values():
        yield _told(first)
        if others:
            yield f"{', '.join(waiter.name for waiter in others)}: likewise"


def _told(waiter: Waiter) -> str:
    """One line: what it waits for, where, and where that was made."""
    made = spot(waiter.object.place) if waiter.object else ""
    by = f"; {waiter.object.kind} made by {waiter.object.call}() at {made}" if waiter.object and made else ""
    return f"{waiter.name} {_words(waiter)}{'' if made and made in waiter.words else by}"


def _words(waiter: Waiter) -> str:
    """ "waits in semop() at x.c:41, called from x.c:60, for semaphore 0 of set 3"."""
    where = at(waiter.place, waiter.caller)
    head = _CALL.match(waiter.words)
    if not where or head is None:
        return waiter.words + where
    rest = waiter.words[head.end() :]
    return head[0] + where + ("," if rest.startswith(" ") and "," in where else "") + rest


def _unflushed(trace: Trace | None) -> list[TracedTask]:
    """Who waits for an answer to what it has only printed into a buffer."""
    return [task for task in trace.tasks if task.unflushed] if trace else []


def _unflushed_words(task: TracedTask) -> str:
    printed = f", printed{at(task.printed)}" if spot(task.printed) else ""
    return (
        f"{task.name} has {task.unflushed} {'byte' if task.unflushed == 1 else 'bytes'} in the buffer of stdout"
        f"{printed}, which nobody has seen: there was no fflush() before it began to wait"
    )


def _headline(graph: WaitGraph) -> str:
    if len(graph.cycle) > 1:
        places = {waiter.name: spot(waiter.place) for waiter in graph.waiters}
        return "deadlock: " + ", ".join(
            f"{name} waits{f' at {places[name]}' if places.get(name) else ''} for {other}"
            for name, other in zip(graph.cycle, (*graph.cycle[1:], graph.cycle[0]), strict=True)
        )
    # Whoever waits for no other process is what all the others wait for in the end; who is stopped by the case
    # shall not be waited for.
    dead = [waiter for waiter in graph.waiters if waiter.dead] or list(graph.waiters)
    dead = [waiter for waiter in dead if not waiter.halted] or dead
    roots = [waiter for waiter in dead if set(waiter.waits_for) <= {waiter.name}] or dead
    roots.sort(key=_idle)
    if not roots:
        return "stuck: every process waits for something that never comes"
    alike = sum(waiter.words == roots[0].words for waiter in roots) - 1
    more = f", and so {'does another' if alike == 1 else f'do {alike} others'}" if alike else ""
    return f"stuck: {roots[0].name} {_words(roots[0])}{more}"
