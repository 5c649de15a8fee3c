"""The report as one JSON document, schema "grader.report/1": for programs, documented and stable.

docs/report.md tells what the fields mean, `grader schema report` prints the JSON Schema. The
document is ASCII, and nothing in it is cut: what a student printed is there in full.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from grader import BuildResult, Finding, ItemResult, Location, Report, ReportFormat, Style, TraceEvent, hookimpl

SCHEMA = "grader.report/1"

_SURROGATE = re.compile("[\ud800-\udfff]")


@hookimpl
def grader_report_formats() -> Iterable[ReportFormat]:
    """Offer `--format json`."""
    return [ReportFormat("json", f"one JSON document, schema {SCHEMA}", render)]


def render(report: Report, _style: Style) -> str:
    """The whole document, on one indented page."""
    return json.dumps(document(report), indent=2, ensure_ascii=True, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "grader": report.version,
        "exercise": {"id": report.exercise, "title": report.title},
        "submission": {"name": report.submission, "digest": report.digest},
        "verdict": report.verdict.value,
        "score": report.score,
        "max_score": report.max_score,
        "seed": report.seed,
        "sandbox": report.sandbox,
        "builds": [_build(build) for build in report.builds],
        "items": [_item(item) for item in report.items],
        "findings": [_finding(finding) for finding in report.findings],
        "error": report.error,
        "seconds": round(report.seconds, 6),
        "extra": dict(report.extra),
        "notes": [_finding(note) for note in report.notes],
    }
    cleaned: dict[str, Any] = _clean(made)
    return cleaned


def _build(build: BuildResult) -> dict[str, Any]:
    return {
        "name": build.name,
        "ok": build.ok,
        "argv": list(build.argv),
        "diagnostics": build.diagnostics,
        "seconds": round(build.seconds, 6),
    }


def _item(item: ItemResult) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "kind": item.kind,
        "verdict": item.verdict.value,
        "points": item.points,
        "max_points": item.max_points,
        "because": item.because,
        "seconds": round(item.seconds, 6),
        "findings": [_finding(finding) for finding in item.findings],
        "notes": [_finding(note) for note in item.notes],
        "timeline": None if item.timeline is None else _timeline(item.timeline),
    }


def _timeline(events: tuple[TraceEvent, ...]) -> dict[str, Any]:
    """The lanes, in the order in which they begin, and what happened in them."""
    processes = dict.fromkeys(event.process for event in events)
    return {"processes": list(processes), "events": [_event(event) for event in events]}


def _event(event: TraceEvent) -> dict[str, Any]:
    place = event.place
    return {
        "at": round(event.at, 9),
        "process": event.process,
        "kind": event.kind.value,
        "call": event.call,
        "object": event.object,
        "value": event.value,
        "error": event.error,
        "other": event.other,
        "place": None if place is None else {"file": place.file, "line": place.line, "function": place.function},
        "woken_by": event.woken_by,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "verdict": finding.verdict.value,
        "message": finding.message,
        "expected": finding.expected,
        "seen": finding.seen,
        "locations": [_location(location) for location in finding.locations],
        "because": finding.because,
        "hint": finding.hint,
        "replay": finding.replay,
        "details": list(finding.details),
        "build": finding.build,
        "data": dict(finding.data),
    }


def _location(location: Location) -> dict[str, Any]:
    return {
        "file": location.file,
        "line": location.line,
        "column": location.column,
        "function": location.function,
    }


def _clean(value: Any) -> Any:
    """A copy that every JSON reader takes: lone surrogates (bytes that were no UTF-8) as \\xNN in text."""
    if isinstance(value, str):
        return _SURROGATE.sub(_escaped, value)
    if isinstance(value, Mapping):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _clean(str(value))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"
