"""Check `steps`: each step of the case was met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader import (
    CaseObservation,
    Ended,
    Expected,
    Finding,
    Location,
    ProcessOutcome,
    StepOutcome,
    Trace,
    calls_asked_for,
    came_instead,
    children_ended,
    exit_of,
    failed_calls,
    failed_words,
    hookimpl,
    located,
    object_words,
    objects_of,
    unmet,
    waiting_in,
)

_MOST = 3  # processes whose last call is told


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "steps": "each step of the case is met",
    }


@hookimpl
def grader_check_case(expected: Expected, observation: CaseObservation) -> Iterator[Finding]:
    """Tell at which step the case could not go on, unless a more telling check does (stuck, limits)."""
    if observation.build not in ("plain", "traced"):
        return
    failed = unmet(expected, observation)
    if failed is None:
        return
    step, outcome = failed
    stayed = outcome.ended is Ended.EXITED and step.words.endswith(" is gone")
    reasons = {
        Ended.EXITED: "it was still there when the program had ended" if stayed else "the program had ended by then",
        Ended.END_OF_FILE: "the stream ended before",
        Ended.REFUSED: outcome.detail,
        Ended.WALL: "it did not come within the time limit",
    }
    if outcome.ended not in reasons:
        return
    locations, told = _evidence(observation, outcome, step.words)
    yield Finding(
        "steps",
        f"the case could not go on at step {outcome.index + 1}, {step.words}: {reasons[outcome.ended]}",
        expected=step.words,
        seen=reasons[outcome.ended] if stayed or not outcome.detail else outcome.detail,
        locations=locations,
        details=(
            *came_instead(outcome),
            *told,
            *(_state(process) for process in observation.processes),
        ),
        data={"step": outcome.index + 1, "verb": outcome.verb, "ended": outcome.ended.value},
    )


def _evidence(observation: CaseObservation, outcome: StepOutcome, words: str) -> tuple[tuple[Location, ...], list[str]]:
    """What a traced run shows of the reason: calls that failed, who left where, which objects there are instead."""
    trace: Trace | None = observation.trace
    if trace is None:
        return (), []
    failed = failed_calls(trace)
    places = [event.place for event in failed]
    told = list(failed_words(failed))
    if outcome.ended is Ended.EXITED:
        ended = outcome.process or next((process.name for process in observation.processes), "")
        place, sentence = exit_of(trace, ended)
        if sentence:
            places.append(place)
            told.append(sentence)
    else:
        late = [task.name for task in trace.tasks if task.exits is None] if outcome.ended is Ended.WALL else []
        for name in [outcome.process] if outcome.process else late[:_MOST]:
            place, sentence = waiting_in(trace, name)
            if not sentence:
                continue
            places.append(place)
            told.append(sentence)
    for place, sentence in children_ended(trace):
        places.append(place)
        told.append(sentence)
    instead, sentences = calls_asked_for(trace, words)
    places += instead
    told += sentences
    for origin in objects_of(trace, words):
        places.append(origin.place)
        told.append(object_words(origin))
    return located(*places)[:4], told


def _state(process: ProcessOutcome) -> str:
    if process.exec_error:
        how = f"could not be started ({process.exec_error})"
    elif process.signal:
        how = f"was ended by {process.signal}"
    elif process.exit_code is not None:
        how = f"exited with status {process.exit_code}"
    else:
        how = "was still running"
    said = (process.stderr or process.stdout).decode("utf-8", "replace").strip().splitlines()
    return f"{process.name} {how}" + (f"; its last words: {said[-1]}" if said else "")
