"""grader: grades C programs that students write to learn Unix inter-process communication.

Where the story begins: `grader.cli` parses a command, `grader.spec` loads an exercise,
`grader.plugins` builds one plugin manager, `grader.engine` sends a plan through a sandbox and
hands what was observed to the checks. `grader.model` and `grader.wire` are the vocabulary.

These are the names that plugins use. They are looked up when first asked for (PEP 562), so that
the driver, which shares `grader.wire`, and `grader --help` do not pay for the rest.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader import pictures, showing
    from grader.csource import CSource
    from grader.hookspecs import hookimpl
    from grader.model import (
        Backend,
        BatchEntry,
        BatchReport,
        BuildResult,
        CaseSpec,
        CheckSpec,
        Exercise,
        Exit,
        Expected,
        ExpectedStep,
        Finding,
        ItemResult,
        Location,
        Match,
        Output,
        Program,
        Report,
        ReportFormat,
        Sandbox,
        SandboxSettings,
        Style,
        Submission,
        Verdict,
        access_json,
        at,
        calls_asked_for,
        came_instead,
        children_ended,
        exit_of,
        explains,
        failed_calls,
        failed_words,
        finished,
        first_of_each_line,
        holding,
        in_line,
        line_of,
        located,
        object_words,
        objects_made,
        objects_of,
        place_json,
        printing_in,
        running_in,
        spot,
        starved,
        unmet,
        waiting_in,
        worst,
    )
    from grader.trace import (
        EventKind,
        FailedLock,
        FaultKind,
        HeldLock,
        Origin,
        Place,
        Point,
        ReportKind,
        Trace,
        TracedAccess,
        TracedTask,
        TraceEvent,
        TraceReport,
    )
    from grader.wire import (
        BuildObservation,
        CaseObservation,
        Ended,
        Kind,
        Leftover,
        Limits,
        ProcessOutcome,
        StepOutcome,
        Waiter,
        WaitGraph,
    )

__version__ = "0.1.0"

__all__ = [
    "Backend",
    "BatchEntry",
    "BatchReport",
    "BuildObservation",
    "BuildResult",
    "CSource",
    "CaseObservation",
    "CaseSpec",
    "CheckSpec",
    "Ended",
    "EventKind",
    "Exercise",
    "Exit",
    "Expected",
    "ExpectedStep",
    "FailedLock",
    "FaultKind",
    "Finding",
    "HeldLock",
    "ItemResult",
    "Kind",
    "Leftover",
    "Limits",
    "Location",
    "Match",
    "Origin",
    "Output",
    "Place",
    "Point",
    "ProcessOutcome",
    "Program",
    "Report",
    "ReportFormat",
    "ReportKind",
    "Sandbox",
    "SandboxSettings",
    "StepOutcome",
    "Style",
    "Submission",
    "Trace",
    "TraceEvent",
    "TraceReport",
    "TracedAccess",
    "TracedTask",
    "Verdict",
    "WaitGraph",
    "Waiter",
    "__version__",
    "access_json",
    "at",
    "calls_asked_for",
    "came_instead",
    "children_ended",
    "exit_of",
    "explains",
    "failed_calls",
    "failed_words",
    "finished",
    "first_of_each_line",
    "holding",
    "hookimpl",
    "in_line",
    "line_of",
    "located",
    "object_words",
    "objects_made",
    "objects_of",
    "pictures",
    "place_json",
    "printing_in",
    "running_in",
    "showing",
    "spot",
    "starved",
    "unmet",
    "waiting_in",
    "worst",
]


def __getattr__(name: str) -> Any:
    if name == "hookimpl":
        return importlib.import_module("grader.hookspecs").hookimpl
    if name in ("pictures", "showing"):
        return importlib.import_module(f"grader.{name}")
    for module in ("grader.model", "grader.wire", "grader.trace", "grader.csource") if name in __all__ else ():
        found = getattr(importlib.import_module(module), name, None)
        if found is not None:
            return found
    raise AttributeError(f"module 'grader' has no attribute {name!r}")
