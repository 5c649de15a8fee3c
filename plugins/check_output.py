"""Check `output`: what was printed, and what files and FIFOs held."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import regex

from grader import (
    CaseObservation,
    Ended,
    Expected,
    Finding,
    Match,
    Origin,
    Output,
    Place,
    Verdict,
    finished,
    hookimpl,
    located,
    object_words,
    objects_made,
    spot,
)

_SHOWN = 4000  # characters of either side that a finding carries
_PATIENCE = 10.0  # seconds of CPU time for one pattern: some outputs take some patterns years (re has no limit)
_CONTEXT = 3  # lines that are the same, before the first that differs, of texts longer than that
# Of lines in any order: how many of either kind are told, held against each other, alike enough to be the same line,
# and characters of one that are shown.
_ASTRAY, _COMPARED, _ALIKE, _QUOTED = 2, 100, 16, 40
_PLACEHOLDER = re.compile(r"%\{([^{}]+)\}")


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "output": "what was printed, and what files held, is right",
    }


@hookimpl
def grader_check_case(expected: Expected, observation: CaseObservation) -> Iterator[Finding]:
    """Compare each stream and each content that the case speaks of."""
    if observation.build not in ("plain", "traced"):
        return
    tasks = {task.name: task for task in observation.trace.tasks} if observation.trace else {}
    for _, wanted, process in finished(expected, observation):
        for name, rule, seen in (("stdout", wanted.stdout, process.stdout), ("stderr", wanted.stderr, process.stderr)):
            if rule is not None and not process.exec_error:
                task = tasks.get(process.name)
                printed = (task.stdout if name == "stdout" else task.stderr) if task else None
                # A program of the system (ipcs, stat) tells of what the submission has made.
                made = objects_made(observation.trace) if task is None else []
                yield from _compare(f"{name} of {process.name}", _filled(rule, observation), seen, printed, made)
    for step, outcome in zip(expected.steps, observation.steps, strict=False):
        if step.output is not None and outcome.ended is Ended.DONE:
            yield from _compare(step.subject, _filled(step.output, observation), outcome.data)


def _filled(rule: Output, observation: CaseObservation) -> Output:
    """With pids and ids, which only the driver knows, in place of %{NAME.pid} and %{NAME.id}."""
    if not any("%{" in value for value in rule.values):
        return rule
    values = observation.values
    return Output(
        rule.match,
        tuple(_PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), value) for value in rule.values),
        rule.says,
    )


def _compare(
    what: str, rule: Output, seen: bytes, printed: Place | None = None, made: Sequence[Origin] = ()
) -> Iterator[Finding]:
    text = seen.decode("utf-8", "backslashreplace")
    try:
        problem, wanted = _problem(rule, seen, text)
    except TimeoutError:
        yield Finding(
            "output",
            f"{what} was not judged: to search it for {rule.values[0]!r} takes longer than {_PATIENCE:g} s; "
            "the author of the exercise should write that pattern without repetitions inside of repetitions",
            Verdict.ERROR,
        )
        return
    if problem:
        start = _first_difference(wanted, text) if rule.match is Match.EXACT else 0
        yield Finding(
            "output",
            f"{what} {problem}",
            expected=_cut(wanted, start),
            seen=_cut(text, start),
            locations=located(printed, *(origin.place for origin in made)),
            details=(
                *(_astray(rule.values, text) if rule.match is Match.LINES else ()),
                *([f"the last of it was printed at {spot(printed)}"] if spot(printed) else ()),
                *map(object_words, made),
            ),
            data={"match": rule.match.value, "of": what},
        )


def _problem(rule: Output, seen: bytes, text: str) -> tuple[str, str]:
    """What is wrong ("" if nothing), and the expected text to show beside what was seen."""
    wanted = rule.values[0] if rule.values else ""
    if rule.match is Match.EXACT:
        return ("" if seen == wanted.encode() else _difference(wanted, text)), wanted
    if rule.match is Match.CONTAINS:
        missing = [value for value in rule.values if value.encode() not in seen]
        return (f"does not contain {', '.join(repr(value) for value in missing)}" if missing else ""), "\n".join(
            rule.values
        )
    if rule.match is Match.REGEX:
        found = regex.search(wanted.encode(), seen, regex.MULTILINE | regex.DOTALL, timeout=_PATIENCE)
        told = f"is not {rule.says}" if rule.says else f"does not match {wanted!r}"
        return ("" if found else told), rule.says or wanted
    if rule.match is Match.LINES:
        right = sorted(rule.values) == sorted(text.splitlines()) and (not text or text.endswith("\n"))
        return ("" if right else "is not made of the lines it should be (in any order)"), "".join(
            f"{value}\n" for value in rule.values
        )
    return ("" if seen.strip() else "is empty, where something should be said"), "something"


def _astray(wanted: Sequence[str], text: str) -> Iterator[str]:
    """Of lines in any order: those that are missing, each beside what came instead if that begins in the same way."""
    came = text.splitlines()
    missing, extra = Counter(wanted) - Counter(came), Counter(came) - Counter(wanted)
    for line in islice(missing, _ASTRAY):
        same, near = max(((_same(line, other), other) for other in islice(extra, _COMPARED)), default=(0, ""))
        if same < _ALIKE:
            yield f"missing: {_begin(line, 0)}"
            continue
        del extra[near]
        yield (
            f"missing: a line of {len(line)} characters; one of {len(near)} has the same first {same}, and then "
            f"{_begin(near, same)} instead of {_begin(line, same)}"
        )
    for line in islice(extra, _ASTRAY):
        yield f"not expected: {_begin(line, 0)}"


def _same(one: str, other: str) -> int:
    """So many characters at the beginning are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _begin(line: str, start: int) -> str:
    """Some characters of a line, quoted."""
    return repr(line[start : start + _QUOTED]) + ("..." if len(line) > start + _QUOTED else "")


def _difference(wanted: str, seen: str) -> str:
    if not seen:
        return "is empty"
    if not wanted:
        return "should be empty"
    if wanted.rstrip("\n") == seen.rstrip("\n"):
        return "differs only in newlines at its end"
    if wanted.startswith(seen):
        return f"stops after {len(seen)} of {len(wanted)} characters"
    if seen.startswith(wanted):
        return f"goes on after the {len(wanted)} characters that are right"
    line = next(
        number
        for number, (left, right) in enumerate(
            zip([*wanted.splitlines(), None], [*seen.splitlines(), None], strict=False), 1
        )
        if left != right
    )
    return f"differs in line {line}"


def _first_difference(wanted: str, seen: str) -> int:
    """Where to begin to show two long texts: a few lines before the first that differs."""
    if max(len(wanted), len(seen)) <= _SHOWN:
        return 0
    pairs = enumerate(zip(wanted, seen, strict=False))
    same = next((at for at, (left, right) in pairs if left != right), min(len(wanted), len(seen)))
    near = wanted[max(0, same - _SHOWN // 2) : same].splitlines(keepends=True)[-_CONTEXT - 1 :]
    return same - sum(len(line) for line in near)


def _cut(text: str, start: int) -> str:
    """At most _SHOWN characters of a text, from `start` on, and how much was left out."""
    before = f"[{start} characters before this]\n" if start else ""
    after = len(text) - start - _SHOWN
    return before + text[start : start + _SHOWN] + (f"\n[... {after} characters more]" if after > 0 else "")
