"""Ids that the parts of one exercise.yaml call each other by: needs, wrong, sanitize, schedules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from grader.spec.problems import Place, Problems, meant
from grader.spec.schema import Case, ExerciseFile


def sanitized(parsed: ExerciseFile, problems: Problems) -> Collection[str]:
    """The ids of the cases that are also played with sanitizers."""
    ids = [case.id for case in parsed.cases]
    if isinstance(parsed.sanitize, str):
        return ids if parsed.sanitize == "all" else ()
    for index, name in enumerate(parsed.sanitize):
        _known(name, ids, ("sanitize", index), problems)
    return parsed.sanitize


def searched(parsed: ExerciseFile, problems: Problems) -> Collection[str]:
    """The ids of the cases of which schedules are searched."""
    ids = [case.id for case in parsed.cases]
    if isinstance(parsed.schedules, str):
        chosen = set(ids if parsed.schedules == "search" else ())
    else:
        chosen = set(parsed.schedules)
        for index, name in enumerate(parsed.schedules):
            _known(name, ids, ("schedules", index), problems)
    own = {case.id: case.schedules == "search" for case in parsed.cases if case.schedules is not None}
    return {name for name in ids if own.get(name, name in chosen)}


def check_identifiers(parsed: ExerciseFile, problems: Problems) -> None:
    """Note ids that are there twice, that nothing has, and needs that go in a circle."""
    ids = [case.id for case in parsed.cases]
    first: dict[str, int] = {}
    for index, case in enumerate(parsed.cases):
        place = ("cases", index, "id")
        if case.id in first:
            problems.add(place, f"the case '{case.id}' is there twice", f"first on line {first[case.id]}")
        if case.id in parsed.checks:
            problems.add(place, f"'{case.id}' is also a check", "choose another id for the case")
        first.setdefault(case.id, problems.line(place))
        for number, name in enumerate(case.needs):
            _known(name, ids, ("cases", index, "needs", number), problems)
    for check, spec in parsed.checks.items():
        for number, name in enumerate(spec.needs):
            _known(name, ids, ("checks", check, "needs", number), problems)
    for file, names in parsed.wrong.items():
        for name in names:
            if name not in first and name not in parsed.checks:
                fix = meant(name, [*first, *parsed.checks])
                problems.add(("wrong", file), f"'{name}' is no case and no scored check here", fix)
    _check_circles(parsed.cases, problems)


def _known(name: str, known: Iterable[str], place: Place, problems: Problems) -> None:
    names = list(known)
    if name not in names:
        problems.add(place, f"unknown case '{name}'", meant(name, names))


def _check_circles(cases: Sequence[Case], problems: Problems) -> None:
    """Note each circle of needs once, at the first case of it."""
    needs = {case.id: list(case.needs) for case in cases}
    told: set[str] = set()
    for index, case in enumerate(cases):
        path = _way_back(case.id, needs)
        if path and not told & set(path):
            told |= set(path)
            circle = " needs ".join([*path, case.id])
            problems.add(("cases", index, "needs"), f"cases need each other in a circle: {circle}")


def _way_back(start: str, needs: Mapping[str, Sequence[str]]) -> list[str]:
    """A way from a case over its needs back to itself; empty if there is none."""
    ways: list[list[str]] = [[start]]
    seen: set[str] = set()
    for way in ways:
        for name in needs.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []
