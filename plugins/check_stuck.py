"""Check `stuck`: no case ends with every process blocked for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader import CaseObservation, Ended, Expected, Finding, WaitGraph, hookimpl, unmet


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "stuck": "no case ends with every process blocked for ever",
    }


@hookimpl
def grader_check_case(expected: Expected, observation: CaseObservation) -> Iterator[Finding]:
    """Tell who waits for whom."""
    if observation.build != "plain" or observation.ended is not Ended.STUCK:
        return
    graph = observation.graph or WaitGraph(())
    failed = unmet(expected, observation)
    step = f" (at step {failed[1].index + 1} of the case: {failed[0].words})" if failed else ""
    yield Finding(
        "stuck",
        _headline(graph) + step,
        expected=failed[0].words if failed else "to come to an end",
        seen="every process is blocked for ever",
        details=tuple(f"{waiter.name} {waiter.words}" for waiter in graph.waiters),
        data={
            "cycle": list(graph.cycle),
            "waiters": [
                {
                    "name": waiter.name,
                    "pid": waiter.pid,
                    "call": waiter.call,
                    "words": waiter.words,
                    "waits_for": list(waiter.waits_for),
                }
                for waiter in graph.waiters
            ],
        },
    )


def _headline(graph: WaitGraph) -> str:
    if len(graph.cycle) > 1:
        return "deadlock: " + ", ".join(
            f"{name} waits for {other}"
            for name, other in zip(graph.cycle, (*graph.cycle[1:], graph.cycle[0]), strict=True)
        )
    # Whoever waits for no process is what all the others wait for in the end.
    roots = [waiter for waiter in graph.waiters if not waiter.waits_for] or list(graph.waiters)
    if not roots:
        return "stuck: every process waits for something that never comes"
    alike = sum(waiter.words == roots[0].words for waiter in roots) - 1
    more = f", and so {'does another' if alike == 1 else f'do {alike} others'}" if alike else ""
    return f"stuck: {roots[0].name} {roots[0].words}{more}"
