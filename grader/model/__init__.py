"""The vocabulary of the grader: verdicts, findings, exercises and reports.

Standard library only, no input or output; `grader.wire` holds the other half, what
crosses the wall. Start with `verdict`, then `exercise`, `expected` and `report`.
"""

from grader.model.evidence import (
    calls_asked_for,
    children_ended,
    exit_of,
    explains,
    failed_calls,
    failed_words,
    first_of_each_line,
    line_of,
    object_words,
    objects_made,
    objects_of,
    printing_in,
    running_in,
    starved,
    waiting_in,
)
from grader.model.exercise import CaseSpec, CheckSpec, Exercise, Program, StepSpec, Submission
from grader.model.expected import Exit, Expected, ExpectedStep, Match, Output, came_instead, finished, unmet
from grader.model.places import access_json, at, holding, in_line, located, place_json, spot
from grader.model.rendering import BatchEntry, BatchReport, ReportFormat, Style
from grader.model.report import BuildResult, ItemResult, Report
from grader.model.sandbox import Backend, Sandbox, SandboxSettings
from grader.model.verdict import Finding, Location, Verdict, worst

__all__ = [
    "Backend",
    "BatchEntry",
    "BatchReport",
    "BuildResult",
    "CaseSpec",
    "CheckSpec",
    "Exercise",
    "Exit",
    "Expected",
    "ExpectedStep",
    "Finding",
    "ItemResult",
    "Location",
    "Match",
    "Output",
    "Program",
    "Report",
    "ReportFormat",
    "Sandbox",
    "SandboxSettings",
    "StepSpec",
    "Style",
    "Submission",
    "Verdict",
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
    "in_line",
    "line_of",
    "located",
    "object_words",
    "objects_made",
    "objects_of",
    "place_json",
    "printing_in",
    "running_in",
    "spot",
    "starved",
    "unmet",
    "waiting_in",
    "worst",
]
