"""The report as one HTML page that holds everything it needs: for a browser, for paper, for the night.

The page is plugins/_report.html, the pictures come from `grader.pictures`. No script is needed or allowed.
Whatever the template shows goes through `showing.shown` and is escaped; only what is made here of checked
parts (pictures, the style) is put in as it is.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from grader import Finding, ItemResult, Report, ReportFormat, Style, Verdict, hookimpl, pictures, showing

TEMPLATE = Path(__file__).with_name("_report.html")
LINES = 200  # of the compiler's, of details, of an output
WIDTH = 400  # characters of a line
_OPEN = 60  # rows up to which a timeline is open from the start

_VERDICTS = {
    Verdict.PASSED: ("✓", "passed"),
    Verdict.FAILED: ("✗", "failed"),
    Verdict.SKIPPED: ("–", "not judged"),  # noqa: RUF001
    Verdict.ERROR: ("!", "no grade was given"),
}
# Fonts of browsers often lack the pictures of control characters.
_PICTURES = {0x2400 + code: f"\\x{code:02x}" for code in range(0x22)} | {0x240A: "↵", 0x240D: "\\r", 0x2421: "\\x7f"}
_CODE = re.compile(r"`([^`]+)`")
_CHANGES = {"-": "expected", "+": "seen", "@": "place", "\\": "place"}


@hookimpl
def grader_report_formats() -> Iterable[ReportFormat]:
    """Offer `--format html`, which `--html FILE` writes, too."""
    return [ReportFormat("html", "one page for a browser, with pictures", render)]


@dataclass(frozen=True)
class _Told:
    """A finding as the page shows it."""

    finding: Finding
    message: str
    places: tuple[tuple[str, tuple[tuple[int, str, bool], ...]], ...]  # words; lines: number, text, whether it is meant
    changes: tuple[tuple[str, str], ...]  # class, line
    quoted: tuple[tuple[str, tuple[str, ...]], ...]
    pictures: tuple[Markup, ...]
    details: tuple[str, ...]
    because: str = ""
    hint: str = ""
    replay: str = ""


@dataclass(frozen=True)
class _Item:
    """An item as the page shows it."""

    item: ItemResult
    anchor: str
    points: str
    findings: tuple[_Told, ...]
    notes: tuple[_Told, ...]
    timeline: Markup | None
    open: bool


def render(report: Report, _style: Style) -> str:
    """The whole page."""
    environment = Environment(
        autoescape=True, finalize=_safe, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["prose"] = _prose
    source = TEMPLATE.read_text(encoding="utf-8")
    style, _, body = source.removeprefix("<style>").partition("</style>\n")
    style = pictures.STYLE + style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    numbers = iter(range(1_000_000))
    page = environment.from_string(body).render(
        report=report,
        verdict=_verdict(report.verdict),
        verdicts={item.verdict: _verdict(item.verdict) for item in report.items},
        style=Markup(style),  # noqa: S704  # ours
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        score=f"{report.score:g}" if report.score is not None else "",
        counts=_counts(report),
        builds=[(build, _lines(build.diagnostics)) for build in report.builds],
        findings=[_told(finding, f"picture-{next(numbers)}") for finding in report.findings],
        notes=[_told(finding, f"picture-{next(numbers)}") for finding in report.notes],
        items=[_item(item, f"item-{number}") for number, item in enumerate(report.items, 1)],
    )
    return page.rstrip("\n") + "\n"


def _safe(value: object) -> object:
    """What an expression of the template gives, safe to show; escaping comes after it."""
    if isinstance(value, Markup):
        return value
    return _shown(str(value)) if value is not None else ""


def _shown(text: str) -> str:
    return showing.shown(text).translate(_PICTURES)


def _prose(text: str) -> Markup:
    """What is `code` in a sentence looks like code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(_shown(text)))))  # noqa: S704  # escaped before


def _verdict(verdict: Verdict) -> tuple[str, str, str]:
    mark, words = _VERDICTS[verdict]
    return verdict.value, mark, words


def _counts(report: Report) -> str:
    counted = ((verdict, sum(item.verdict is verdict for item in report.items)) for verdict in _VERDICTS)
    return ", ".join(f"{count} {_VERDICTS[verdict][1]}" for verdict, count in counted if count)


def _item(item: ItemResult, anchor: str) -> _Item:
    findings = item.findings
    if item.verdict is Verdict.FAILED:
        findings = tuple(finding for finding in findings if finding.verdict is not Verdict.SKIPPED) or findings
    told: set[str] = set()  # a hint is given once, not with each finding of the item
    made = []
    for number, finding in enumerate(findings):
        made.append(_told(finding, f"{anchor}-{number}", told, item.because))
        told |= {finding.because or item.because, finding.hint, finding.replay}
    notes = [_told(finding, f"{anchor}-note-{i}", told) for i, finding in enumerate(item.notes)]
    facts = pictures.timeline_facts(item.timeline or ())
    drawn = pictures.draw_timeline(facts, f"{anchor}-timeline")
    return _Item(
        item,
        anchor,
        f"{'?' if item.verdict is Verdict.ERROR else f'{item.points:g}'} of {item.max_points:g}",
        tuple(made),
        tuple(notes),
        Markup(drawn) if drawn else None,  # noqa: S704  # grader.pictures escapes
        len(pictures.timeline_lines(facts)) <= _OPEN,
    )


def _told(finding: Finding, ident: str, told: Iterable[str] = (), because: str = "") -> _Told:
    message = finding.message if finding.build == "plain" else f"{finding.message} (in the {finding.build} build)"
    drawn = (
        pictures.draw_waits(finding.data, f"{ident}-waits"),
        pictures.draw_interleaving(finding.data, f"{ident}-race"),
    )
    changes, quoted = _difference(finding)
    explains = finding.verdict is not Verdict.SKIPPED
    texts = (finding.because or because, finding.hint, finding.replay)
    why, hint, replay = (text if explains and text not in told else "" for text in texts)
    return _Told(
        finding,
        message,
        tuple(_places(finding)),
        changes,
        quoted,
        tuple(Markup(one) for one in drawn if one),  # noqa: S704  # grader.pictures escapes
        tuple(_lines("\n".join(finding.details))),
        why,
        hint,
        replay,
    )


def _lines(text: str) -> list[str]:
    """Lines of a text, each cut where it is too long; of too many the first."""
    lines = text.rstrip("\n").split("\n") if text.strip() else []
    made = [showing.cut(showing.shown(line.expandtabs(8)), WIDTH) for line in lines[:LINES]]
    return [*made, f"… and {len(lines) - LINES:,} more lines"] if len(lines) > LINES else made


def _difference(finding: Finding) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[str, ...]], ...]]:
    """Lines of a diff where both sides are texts to set against each other; otherwise both as they are."""
    expected, seen = finding.expected, finding.seen
    several = "\n" in (expected or "") + (seen or "")
    alike = finding.data.get("match", "exact") in ("exact", "lines")
    if expected is not None and seen is not None and several and alike:
        return tuple((_CHANGES.get(line[:1], "same"), line) for line in showing.diff(expected, seen, 160)), ()
    if expected is None and seen is not None and seen in finding.message:
        return (), ()  # the message has said it
    sides = (("expected", expected), ("seen", seen))
    return (), tuple((name, tuple(_spaced(text))) for name, text in sides if text is not None)


def _spaced(text: str) -> Iterator[str]:
    for line in _lines(text) or ["(nothing)"]:
        yield showing.spaced(line, everything=False)


def _places(finding: Finding) -> Iterator[tuple[str, tuple[tuple[int, str, bool], ...]]]:
    """The places that a finding points at, each with the lines of the source round it."""
    given = finding.data.get("excerpts")
    excerpts = [one for one in given if isinstance(one, Mapping)] if isinstance(given, (list, tuple)) else []
    by_place = {(str(one.get("file")), _int(one.get("line"))): one for one in excerpts}
    for location in finding.locations:
        quoted = by_place.pop((location.file, location.line), {})
        text = quoted.get("text")
        lines = enumerate(text if isinstance(text, (list, tuple)) else (), _int(quoted.get("first")))
        yield (
            str(location),
            tuple(
                (n, showing.cut(showing.shown(str(line).expandtabs(4)), 160), n == location.line) for n, line in lines
            ),
        )


def _int(value: Any) -> int:
    return value if isinstance(value, int) else 0
