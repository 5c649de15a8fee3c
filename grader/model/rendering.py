"""What report plugins offer: formats for one report, files about a whole batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.model.report import Report


@dataclass(frozen=True)
class Style:
    """How a report may look: color for a terminal, width in columns, verbose for passed cases too.

    timeline: tell also what the processes of failed cases did, in order.
    """

    color: bool = False
    width: int = 100
    verbose: bool = False
    timeline: bool = False


@dataclass(frozen=True)
class ReportFormat:
    """A format of one report. render returns the whole document, ending in a newline."""

    name: str
    summary: str
    render: Callable[[Report, Style], str]


@dataclass(frozen=True)
class BatchEntry:
    """One submission of a batch and its report (verdict ERROR where no grade could be given)."""

    student: str
    exercise: str
    report: Report


@dataclass(frozen=True)
class BatchReport:
    """A file about a whole batch. filename: in the results directory."""

    name: str
    filename: str
    render: Callable[[Sequence[BatchEntry]], str]
