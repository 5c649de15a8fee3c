"""Checks `busy-loop`, `output-limit`, `memory-limit`: the program stays within what a case allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader import (
    CaseObservation,
    CaseSpec,
    Ended,
    Exercise,
    Expected,
    Finding,
    hookimpl,
    located,
    printing_in,
    running_in,
    unmet,
)


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "busy-loop": "no program runs without end",
        "output-limit": "no program prints without end",
        "memory-limit": "no program takes memory without end",
    }


@hookimpl
def grader_check_case(
    exercise: Exercise, case: CaseSpec, expected: Expected, observation: CaseObservation
) -> Iterator[Finding]:
    """Tell which limit ended the case, in words that say what the program did."""
    if observation.build not in ("plain", "traced"):  # of a traced run that is slow it is not asked
        return
    limits = case.limits or exercise.limits
    who = observation.limit_process or "the program"
    failed = unmet(expected, observation)
    step = f" (at step {failed[1].index + 1} of the case: {failed[0].words})" if failed else ""
    data = {"step": failed[1].index + 1} if failed else {}
    crowd = len({waiter.pid for waiter in observation.graph.waiters}) if observation.graph else 0
    if observation.ended is Ended.CPU and crowd >= limits.processes - 1 > 0:
        yield Finding(
            "busy-loop",
            f"fork bomb: {crowd} processes, as many as this case may have, keep forking or run without end{step}",
            expected="an end, and no more processes than the task needs",
            seen=f"{crowd} processes, {limits.cpu:g} s of CPU time used up by one of them or all together",
            hint="Which fork() stands in a loop that the children go through, too?",
        )
    elif observation.ended is Ended.CPU:
        place, sentence = running_in(observation.trace, who)
        yield Finding(
            "busy-loop",
            f"{who} runs in a busy loop: it used {limits.cpu:g} s of CPU time without coming to an end{step}",
            expected=f"less than {limits.cpu:g} s of CPU time",
            seen=f"{limits.cpu:g} s used up, still running",
            locations=located(place),
            details=(sentence,) if sentence else (),
            data=data,
            hint="Which loop goes on without waiting? What does the call in its condition return at the end?",
        )
    elif observation.ended is Ended.FLOOD:
        place, sentence = printing_in(observation.trace, who)
        yield Finding(
            "output-limit",
            f"{who} printed without end: more than {limits.output} bytes{step}",
            expected=f"at most {limits.output} bytes",
            seen="more",
            locations=located(place),
            details=(sentence,) if sentence else (),
            data=data,
            hint="Which loop prints, and what should end it?",
        )
    elif observation.ended is Ended.MEMORY:
        yield Finding(
            "memory-limit",
            f"{who} and its relatives used more than {limits.memory >> 20} MiB of memory{step}",
            expected=f"at most {limits.memory >> 20} MiB",
            seen="more",
            hint="What is allocated, or forked, in a loop?",
        )
