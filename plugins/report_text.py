"""The report for a student at a terminal: what failed, where, why it matters, and what to try.

Passed items take one line each. What a program printed is shown as a diff against what was
expected, with white space visible. Nothing that a student wrote or printed reaches the terminal
raw: control characters are drawn as pictures, so no escape sequence survives.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader import BuildResult, Finding, ItemResult, Report, ReportFormat, Style, Verdict, hookimpl, pictures, showing

MARKS = {Verdict.PASSED: "✓", Verdict.FAILED: "✗", Verdict.SKIPPED: "–", Verdict.ERROR: "!"}  # noqa: RUF001
COLORS = {Verdict.PASSED: "32", Verdict.FAILED: "31", Verdict.SKIPPED: "33", Verdict.ERROR: "35"}
DIAGNOSTIC_LINES = 60
DETAIL_LINES = 40

# What a line must not begin with: a CI job that shows this text would carry it out (GitHub, Azure).
_COMMANDS = re.compile(r"^([^\S\n]*)(::|##)", re.MULTILINE)
_NUMBERS = re.compile(r"0x[0-9a-f]+|[0-9]+")


@hookimpl
def grader_report_formats() -> Iterable[ReportFormat]:
    """Offer `--format text`, which is the default."""
    return [ReportFormat("text", "for reading at a terminal", render)]


def render(report: Report, style: Style) -> str:
    """The whole report."""
    page = _Page(style)
    lines = [*_head(page, report), *_builds(page, report)]
    for finding in report.findings:
        lines += ["", f"{_mark(page, finding.verdict)} {page.bold(showing.shown(finding.message))}"]
        lines += _finding(page, finding, headline=False)
    if report.items:
        lines.append("")
    width = max((len(showing.shown(item.title)) for item in report.items), default=0)
    before: dict[tuple[object, ...], str] = {}
    for item in report.items:
        lines += _item(page, item, min(width, max(20, style.width - 20)), before)
    lines += ["", *_notes(page, report.notes), *_foot(page, report), *_timelines(page, report)]
    text = "\n".join(line.rstrip() for line in lines).strip("\n")
    text = _COMMANDS.sub(r"\1| \2", text)
    return text.replace("\n\n\n", "\n\n") + "\n"


# --- the page ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Page:
    style: Style

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.style.color and text else text

    def bold(self, text: str) -> str:
        return self.paint(text, "1")

    def dim(self, text: str) -> str:
        return self.paint(text, "2")

    def wrap(self, text: str, first: str, rest: str) -> list[str]:
        """A paragraph, safe to show, wrapped to the width; first and rest are what its lines begin with."""
        made = textwrap.wrap(
            showing.shown(" ".join(text.split())),
            width=max(40, self.style.width),
            initial_indent=" " * len(first),
            subsequent_indent=rest,
            break_on_hyphens=False,
        )
        return [first + line[len(first) :] if i == 0 else line for i, line in enumerate(made)]


def _mark(page: _Page, verdict: Verdict) -> str:
    return page.paint(MARKS[verdict], COLORS[verdict])


def _head(page: _Page, report: Report) -> list[str]:
    return [
        page.bold(f"{showing.shown(report.exercise)}: {showing.shown(report.title)}"),
        page.dim(showing.shown(f"{report.submission}, seed {report.seed}, sandbox {report.sandbox or 'none'}")),
    ]


def _builds(page: _Page, report: Report) -> list[str]:
    """What the compiler said, of the first build that failed, or the warnings of the plain one."""
    failed = next((build for build in report.builds if not build.ok), None)
    warned = (build for build in report.builds if build.name == "plain" and build.diagnostics.strip())
    told = failed or next(warned, None)
    made: list[str] = []
    if page.style.verbose:
        made = [
            page.dim(showing.shown(f"build {build.name} ({build.seconds:.2f} s): {' '.join(build.argv)}"))
            for build in report.builds
        ]
    if told is not None and (told.diagnostics.strip() or not told.ok):
        made += ["", *_diagnostics(page, told)]
    return made


def _diagnostics(page: _Page, build: BuildResult) -> list[str]:
    title = "the compiler warns:" if build.ok else f"it does not compile ({showing.shown(build.name)} build):"
    lines = build.diagnostics.rstrip("\n").split("\n")
    made = [page.paint(title, "33" if build.ok else "31")]
    if build.argv and not build.ok:
        made.append(page.dim(f"  $ {showing.shown(' '.join(build.argv))}"))
    made += [f"  {_diagnostic(page, line)}" for line in lines[:DIAGNOSTIC_LINES]]
    if len(lines) > DIAGNOSTIC_LINES:
        made.append(page.dim(f"  … and {len(lines) - DIAGNOSTIC_LINES:,} more lines"))
    return made


def _diagnostic(page: _Page, line: str) -> str:
    text = showing.cut(showing.shown(line.expandtabs(8)), 400)
    for word, code in ((": error: ", "31"), (": fatal error: ", "31"), (": warning: ", "33"), (": note: ", "36")):
        if word in text:
            return text.replace(word, ": " + page.paint(word[2:-1], code) + " ", 1)
    return text


def _alike(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Those of an item that are about the same lines, together: a leak is found in each case."""
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        key = (finding.check, finding.locations, _NUMBERS.sub("0", finding.because)) if finding.locations else number
        groups.setdefault(key, []).append(finding)
    return list(groups.values())


def _same(finding: Finding) -> list[tuple[object, ...]]:
    """One of them is equal for two findings that say the same, whatever numbers and names the two cases have drawn:
    they differ in numbers only, or are due to the same at the same lines."""
    if not finding.locations:
        return []
    texts = (finding.message, finding.expected or "", finding.seen or "")
    plain = tuple(text if "\n" in text else _NUMBERS.sub("0", text) for text in texts)
    made: list[tuple[object, ...]] = [(finding.check, finding.locations, *plain)]
    if not finding.seen:
        made.append((finding.check, finding.locations, _NUMBERS.sub("0", finding.because)))
    return made


def _item(page: _Page, item: ItemResult, width: int, before: dict[tuple[object, ...], str]) -> list[str]:
    """before: what was told in full so far, and in which item."""
    points = f"{item.points:g}/{item.max_points:g}" if item.verdict is not Verdict.ERROR else f"?/{item.max_points:g}"
    title = showing.shown(item.title)
    line = f"{_mark(page, item.verdict)} {title:<{width}}  {page.dim(f'{points:>7}')}"
    if item.verdict is Verdict.PASSED:
        if page.style.verbose:
            line += page.dim(f"  {showing.shown(item.id)} ({item.seconds:.2f} s)")
            return [line, *_notes(page, item.notes)]
        return [line]
    made = [f"{line}  {page.dim(showing.shown(item.id))}"]
    findings = item.findings
    if item.verdict is Verdict.FAILED:
        findings = tuple(finding for finding in item.findings if finding.verdict is not Verdict.SKIPPED) or findings
    told: set[str] = set()  # a hint is given once, not with each finding of the item
    for finding, *more in _alike(findings):
        first = next((before[key] for key in _same(finding) if key in before), item.id)
        before |= dict.fromkeys(_same(finding), first)
        if first != item.id:
            made += page.wrap(f"{finding.message}: as in {first}", "    ", "    ")
            continue
        made += _finding(page, finding, headline=True, told=told, because=item.because)
        if more:
            cases = dict.fromkeys(str(other.data["case"]) for other in more if "case" in other.data)
            where = f", in {', '.join(cases)}" if cases else ""
            made += page.wrap(f"and so {len(more)} times more{where}", "    ", "    ")
        told |= {finding.because or item.because, finding.hint, finding.replay}
        told |= {str(location) for location in finding.locations}
    made += _notes(page, item.notes)
    made.append("")
    return made


def _notes(page: _Page, notes: Iterable[Finding]) -> list[str]:
    """What explains and costs nothing, briefly."""
    made: list[str] = []
    for note in notes:
        place = note.locations[0] if note.locations else None
        known = place is None or f"{place.file}:{place.line}" in note.message
        words = note.message + ("" if known else f" ({place})") + (f". {note.hint}" if note.hint else "")
        made += [page.dim(line) for line in page.wrap(words, "    note  ", " " * 10)]
    return made


def _finding(
    page: _Page, finding: Finding, *, headline: bool, told: Collection[str] = (), because: str = ""
) -> list[str]:
    made: list[str] = []
    if headline:
        message = finding.message
        if finding.build not in ("plain", "traced"):
            message += f" (in the {finding.build} build)"
        made += page.wrap(message, "    ", "    ")
    made += _places(page, finding, told)
    made += _difference(page, finding)
    for detail in finding.details[:DETAIL_LINES]:
        for line in detail.rstrip("\n").split("\n"):
            made += _detail(page, line)
    if len(finding.details) > DETAIL_LINES:
        made.append(page.dim(f"      … and {len(finding.details) - DETAIL_LINES:,} more lines"))
    if finding.verdict is Verdict.SKIPPED:
        return made
    why = finding.because or because
    for label, text, code in (("why  ", why, "36"), ("hint ", finding.hint, "33")):
        if text and text not in told:
            lines = page.wrap(text, f"    {label} ", " " * 10)
            made += [lines[0].replace(label, page.paint(label, code), 1), *lines[1:]]
    if finding.replay and finding.replay not in told:
        made.append(f"    {page.paint('again', '2')} {showing.shown(finding.replay)}")
    return made


def _detail(page: _Page, line: str) -> list[str]:
    """A sentence is wrapped; what is drawn in columns, or is no sentence, stays as it is."""
    if "|" in line or "  " in line or len(line) + 6 <= page.style.width:
        return [f"      {showing.cut(showing.shown(line), 200)}"]
    return page.wrap(showing.cut(line, 600), "      ", "        ")


def _difference(page: _Page, finding: Finding) -> list[str]:
    expected, seen = finding.expected, finding.seen
    if expected is None and seen is None:
        return []
    if expected is None or seen is None or not _comparable(finding):
        if seen is not None and seen in finding.message:
            return []  # the message has said it
        if seen is None and expected is not None:
            return page.wrap(expected, "      expected ", " " * 15)
        pairs = (("expected", expected), ("seen    ", seen))
        return [
            f"      {name if number == 0 else ' ' * len(name)} {showing.cut(_quoted(line), page.style.width)}"
            for name, text in pairs
            if text is not None
            for number, line in enumerate((text or "").split("\n")[:DETAIL_LINES])
        ]
    colors = {"-": "32", "+": "31", "@": "2", "\\": "2"}
    lines = showing.diff(expected, seen, max(40, page.style.width - 10))
    head = f"      {page.paint('- expected', '32')}   {page.paint('+ seen', '31')}"
    return [head, *(f"      {page.paint(line, colors.get(line[0], '0'))}" for line in lines)]


def _comparable(finding: Finding) -> bool:
    """Two texts to set against each other, or a text and what is said about it?"""
    if finding.data.get("match", "exact") not in ("exact", "lines"):
        return False
    return "\n" in (finding.expected or "") + (finding.seen or "")


def _quoted(text: str) -> str:
    return showing.spaced(text, everything=False) if text else "(nothing)"


def _places(page: _Page, finding: Finding, told: Collection[str] = ()) -> list[str]:
    """The lines that it is about, each shown once in an item."""
    made: list[str] = []
    excerpts = finding.data.get("excerpts")
    by_place = _by_place(excerpts) if isinstance(excerpts, (list, tuple)) else {}
    for location in finding.locations:
        if str(location) in told:
            continue
        made.append(f"      {page.paint('at', '2')} {showing.shown(str(location))}")
        made += _excerpt(page, by_place.pop((location.file, location.line), {}))
    return made


def _by_place(excerpts: Sequence[Any]) -> dict[tuple[str, int], Mapping[str, Any]]:
    return {(str(e.get("file")), int(e.get("line", 0))): e for e in excerpts if isinstance(e, Mapping)}


def _excerpt(page: _Page, excerpt: Mapping[str, Any]) -> list[str]:
    """A few source lines, the one in question marked."""
    made: list[str] = []
    for number, text in enumerate(excerpt.get("text", ()), int(excerpt.get("first", 1))):
        here = number == excerpt.get("line")
        line = f"      {'>' if here else ' '} {number:>4} | {showing.cut(showing.shown(str(text).expandtabs(4)), 120)}"
        made.append(page.bold(line) if here else page.dim(line))
    return made


def _foot(page: _Page, report: Report) -> list[str]:
    if report.verdict is Verdict.ERROR:
        error = report.error or "the grader or its sandbox failed"
        made = [page.paint("no grade was given", COLORS[Verdict.ERROR])]
        return made + [line for part in error.split("\n") for line in page.wrap(part, "  ", "  ")]
    score = 0.0 if report.score is None else report.score
    line = f"score {score:g} of {report.max_score:g}"
    counts = [
        f"{count} {verdict.value}"
        for verdict in (Verdict.PASSED, Verdict.FAILED, Verdict.SKIPPED)
        if (count := sum(item.verdict is verdict for item in report.items))
    ]
    tail = f"  ({', '.join(counts)}; {report.seconds:.1f} s)" if counts else f"  ({report.seconds:.1f} s)"
    return [page.paint(line, f"1;{COLORS[report.verdict]}") + page.dim(tail)]


def _timelines(page: _Page, report: Report) -> list[str]:
    """What the processes of a case did, in order, where one was kept and that was asked for."""
    made: list[str] = []
    for item in report.items if page.style.timeline else ():
        lines = pictures.timeline_lines(pictures.timeline_facts(item.timeline or ()), page.style.width)
        if lines:
            made += ["", page.bold(f"what happened when: {showing.shown(item.title)}"), *lines]
    if page.style.timeline and not made:
        made = ["", "no timeline: one is kept of a case that failed, and of what was played traced"]
    return made
