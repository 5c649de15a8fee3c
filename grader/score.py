"""Adding up, purely: findings in, scored items and a verdict out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from grader.model import CaseSpec, CheckSpec, Exercise, Finding, ItemResult, Verdict, worst
from grader.trace import TraceEvent


def score_items(
    exercise: Exercise,
    findings: Mapping[str, Sequence[Finding]],
    played: Mapping[str, float],
    wanted: Iterable[CaseSpec],
    timelines: Mapping[str, tuple[TraceEvent, ...]] = MappingProxyType({}),
) -> tuple[ItemResult, ...]:
    """The scored lines of a report.

    findings: case id -> what the checks found in it, over all builds; those that passed are notes. played: case
    id -> seconds, for the cases that were played. wanted: the cases that were asked for, in order. timelines: case
    id -> what its processes did.

    A finding belongs to the exercise's own item for its check, if there is one, and otherwise to
    its case. A case is skipped where one that it needs did not pass; so is a check's item, and
    also where no case was played to its end that could have shown anything.
    """
    items: dict[str, ItemResult] = {}
    by_check: dict[str, list[Finding]] = {name: [] for name in exercise.checks}
    wanted = tuple(wanted)
    for case in _needed_first(wanted):
        own, notes = [], []
        for finding in findings.get(case.id, ()):
            if finding.verdict is Verdict.PASSED:
                notes.append(finding)
            elif finding.check in by_check and finding.verdict is Verdict.FAILED:
                by_check[finding.check].append(_attributed(finding, case.id))
            else:
                own.append(finding)
        item = _case_item(case, tuple(own), items, played)
        items[case.id] = replace(item, notes=tuple(notes), timeline=timelines.get(case.id))
    items = {case.id: items[case.id] for case in wanted}
    for check in exercise.checks.values():
        items[check.name] = _check_item(check, by_check[check.name], items, wanted)
    return tuple(items.values())


def _needed_first(cases: Sequence[CaseSpec]) -> Iterable[CaseSpec]:
    """The cases, each behind those that it needs (which go in no circle, see grader.spec.identifiers)."""
    by_id = {case.id: case for case in cases}
    ordered: dict[str, CaseSpec] = {}

    def add(case: CaseSpec) -> None:
        for name in case.needs:
            if name in by_id and name not in ordered:
                add(by_id[name])
        ordered[case.id] = case

    for case in cases:
        add(case)
    return ordered.values()


def _attributed(finding: Finding, case: str) -> Finding:
    return replace(finding, data={**finding.data, "case": case})


def _unmet(needs: Iterable[str], items: Mapping[str, ItemResult]) -> str:
    return next((name for name in needs if name in items and items[name].verdict is not Verdict.PASSED), "")


def _case_item(
    case: CaseSpec, own: tuple[Finding, ...], items: Mapping[str, ItemResult], played: Mapping[str, float]
) -> ItemResult:
    verdict = worst(finding.verdict for finding in own) if own else Verdict.PASSED
    missing = _unmet(case.needs, items)
    if verdict is not Verdict.ERROR and (missing or case.id not in played):
        verdict = Verdict.SKIPPED
        message = f"not judged, because {missing} did not pass" if missing else "not played"
        own = (Finding("needs", message, Verdict.SKIPPED),)
    points = case.points if verdict is Verdict.PASSED else 0.0
    seconds = played.get(case.id, 0.0)
    return ItemResult(case.id, case.title, "case", verdict, points, case.points, own, case.because, seconds)


def _check_item(
    check: CheckSpec, own: list[Finding], items: Mapping[str, ItemResult], wanted: Sequence[CaseSpec]
) -> ItemResult:
    found = tuple(own)
    if found:
        verdict = Verdict.FAILED
    elif missing := _unmet(check.needs, items):
        verdict = Verdict.SKIPPED
        found = (Finding("needs", f"not judged, because {missing} did not pass", Verdict.SKIPPED),)
    elif not any(items[case.id].verdict is Verdict.PASSED for case in wanted):
        verdict = Verdict.SKIPPED
        found = (Finding("needs", "not judged, because no case passed", Verdict.SKIPPED),)
    else:
        verdict = Verdict.PASSED
    points = check.points if verdict is Verdict.PASSED else 0.0
    return ItemResult(check.name, check.title, "check", verdict, points, check.points, found, check.because)


def total(items: Iterable[ItemResult]) -> float:
    """The sum of the points, rounded so that 0.1 + 0.2 reads 0.3."""
    return round(sum(item.points for item in items), 6)


def verdict_of(items: Sequence[ItemResult], findings: Sequence[Finding]) -> Verdict:
    """The verdict of a whole submission: passed only where nothing failed and nothing was left out by a failure."""
    overall = worst([item.verdict for item in items] + [finding.verdict for finding in findings])
    return Verdict.FAILED if overall is Verdict.SKIPPED else overall
