"""Reports as JUnit XML, which GitHub, GitLab and Jenkins read: one submission, or a whole batch.

A failure is the student's; an error is ours, and no grade was given. What a student wrote is data:
the XML writer escapes it, and characters that XML does not know are taken out before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from junitparser.junitparser import FinalResult

from grader import BatchEntry, BatchReport, Finding, ItemResult, Report, ReportFormat, Style, Verdict, hookimpl

_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
# What a line must not begin with: a CI job that prints this file would carry it out (GitHub, Azure).
_COMMANDS = re.compile(r"^([^\S\n]*)(::|##)", re.MULTILINE)
_LINE_BREAKS = re.compile(r"[\t\r\n]+")
QUOTE_LIMIT = 2_000  # characters of an output
TEXT_LIMIT = 20_000  # characters of one result: GitLab takes 30 MB a file


@hookimpl
def grader_report_formats() -> Iterable[ReportFormat]:
    """Offer `--format junit`."""
    return [ReportFormat("junit", "JUnit XML, for continuous integration", render)]


@hookimpl
def grader_batch_reports() -> Iterable[BatchReport]:
    """Offer junit.xml for a batch: one suite a submission."""
    return [BatchReport("junit", "junit.xml", render_batch)]


def render(report: Report, _style: Style) -> str:
    """One submission: a document with one suite."""
    return _document([_suite(report, report.exercise, report.exercise)])


def render_batch(entries: Sequence[BatchEntry]) -> str:
    """A batch: a suite for each submission, named STUDENT/EXERCISE."""
    return _document([_suite(e.report, f"{e.student}/{e.exercise}", f"{e.student}.{e.exercise}") for e in entries])


def _document(suites: Sequence[TestSuite]) -> str:
    xml = JUnitXml("grader")
    for suite in suites:
        xml.add_testsuite(suite)
    xml.update_statistics()  # type: ignore[no-untyped-call]
    made = xml.tostring()  # type: ignore[no-untyped-call]
    text: str = made.decode("utf-8") if isinstance(made, bytes) else made
    head = "" if text.startswith("<?xml") else '<?xml version="1.0" encoding="utf-8"?>\n'
    return head + text.rstrip("\n") + "\n"


def _suite(report: Report, name: str, classname: str) -> TestSuite:
    suite = TestSuite(_attribute(name))
    score = "" if report.score is None else f"{report.score:g}"
    for key, value in (
        ("score", score),
        ("max_score", f"{report.max_score:g}"),
        ("seed", str(report.seed)),
        ("sandbox", report.sandbox),
        ("digest", report.digest),
    ):
        suite.add_property(key, _attribute(value))
    for case in _cases(report):
        case.classname = _attribute(classname)
        suite.add_testcase(case)
    return suite


def _cases(report: Report) -> Iterable[TestCase]:
    """The items, after one more for what is told about the whole (a build that failed, an error of ours)."""
    if report.verdict is Verdict.ERROR or report.findings:
        whole = TestCase("grading" if report.verdict is Verdict.ERROR else "build")
        whole.time = 0.0
        verdict = Verdict.ERROR if report.verdict is Verdict.ERROR else Verdict.FAILED
        message = report.error or next((finding.message for finding in report.findings), "no grade was given")
        texts = [_text(finding) for finding in report.findings]
        texts += [build.diagnostics for build in report.builds if not build.ok]
        _put(whole, verdict, message, "\n\n".join(texts) or message)
        yield whole
    for item in report.items:
        yield _case(item)


def _case(item: ItemResult) -> TestCase:
    case = TestCase(_attribute(f"{item.id}: {item.title}"))
    case.time = round(item.seconds, 6)
    if item.verdict is Verdict.PASSED:
        return case
    first = next((finding.message for finding in item.findings), item.verdict.value)
    _put(case, item.verdict, first, "\n\n".join(_text(finding) for finding in item.findings))
    place = next((place for finding in item.findings for place in finding.locations), None)
    if place is not None:
        case._elem.set("file", _attribute(place.file))  # noqa: SLF001  # no other way to set these
        if place.line:
            case._elem.set("line", str(place.line))  # noqa: SLF001
    return case


def _put(case: TestCase, verdict: Verdict, message: str, text: str) -> None:
    kinds: dict[Verdict, type[FinalResult]] = {Verdict.FAILED: Failure, Verdict.SKIPPED: Skipped, Verdict.ERROR: Error}
    result = kinds[verdict](_attribute(message), verdict.value)
    result.text = _clean(text)
    case.result = [result]


def _text(finding: Finding) -> str:
    lines = [finding.message, *(f"at {location}" for location in finding.locations)]
    if finding.expected is not None:
        lines.append(f"expected: {_quoted(finding.expected)}")
    if finding.seen is not None:
        lines.append(f"seen:     {_quoted(finding.seen)}")
    lines += finding.details
    lines += [
        f"{label}: {text}"
        for label, text in (("why", finding.because), ("hint", finding.hint), ("again", finding.replay))
        if text
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return repr(text) if len(text) <= QUOTE_LIMIT else f"{text[:QUOTE_LIMIT]!r}... {len(text) - QUOTE_LIMIT:,} more"


def _clean(text: str) -> str:
    # A carriage return ends a line too, for whoever reads the file.
    text = _COMMANDS.sub(r"\1| \2", _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    return text if len(text) <= TEXT_LIMIT else text[:TEXT_LIMIT] + f"\n... {len(text) - TEXT_LIMIT:,} more characters"


def _attribute(text: str) -> str:
    return _LINE_BREAKS.sub(" ", _clean(text))
