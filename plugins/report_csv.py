"""A batch as a CSV table, for a spreadsheet: one row a submission.

A cell that a spreadsheet would take for a formula gets a leading apostrophe: a folder name or a
message that a student chose must not be run by whoever opens the table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader import BatchEntry, BatchReport, Report, Verdict, hookimpl

COLUMNS = (
    "student",
    "exercise",
    "verdict",
    "score",
    "max_score",
    "failed",
    "message",
    "seed",
    "sandbox",
    "digest",
    "seconds",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001  # wide forms count too


@hookimpl
def grader_batch_reports() -> Iterable[BatchReport]:
    """Offer results.csv."""
    return [BatchReport("csv", "results.csv", render)]


def render(entries: Sequence[BatchEntry]) -> str:
    """The table, with a header row. No grade: the score is empty, never 0."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([cell(value) for value in _row(entry)])
    return page.getvalue()


def _row(entry: BatchEntry) -> Iterable[str]:
    report = entry.report
    return (
        entry.student,
        entry.exercise,
        report.verdict.value,
        "" if report.score is None else f"{report.score:g}",
        f"{report.max_score:g}",
        " ".join(item.id for item in report.items if item.verdict is Verdict.FAILED),
        _message(report),
        str(report.seed),
        report.sandbox,
        report.digest,
        f"{report.seconds:.3f}",
    )


def _message(report: Report) -> str:
    """The first thing that went wrong, in a sentence."""
    if report.error:
        return report.error
    every = [*report.findings, *(finding for item in report.items for finding in item.findings)]
    return next((finding.message for finding in every if finding.verdict is not Verdict.SKIPPED), "")


def cell(text: str) -> str:
    """Text that a spreadsheet takes for text: guarded against formulas, on one line, without control characters."""
    guarded = "'" + text if text.startswith(_FORMULA) or text.lstrip(" \n").startswith(_FORMULA) else text
    if guarded.isprintable():
        return guarded
    return "".join(char if char.isprintable() else _escaped(char) for char in guarded)


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")
