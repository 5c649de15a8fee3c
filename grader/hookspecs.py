"""Every hook of the grader, grouped by when it is called in the life of a submission.

A plugin is a module (a file in plugins/, a package with an entry point in the group
`grader`) with functions of these names, marked with `@grader.hookimpl`. A function may leave
out arguments that it does not need. tests/test_hooks.py holds that each hook is documented with
this very signature and implemented by at least one plugin of this repository.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pluggy

from grader.model import (
    Backend,
    BatchReport,
    CaseSpec,
    Exercise,
    Expected,
    Finding,
    ReportFormat,
    SandboxSettings,
    Submission,
)
from grader.wire import BuildObservation, CaseObservation

hookspec = pluggy.HookspecMarker("grader")
hookimpl = pluggy.HookimplMarker("grader")


# --- before a grading: which sandboxes there are -------------------------------------------


@hookspec
def grader_backends(settings: SandboxSettings) -> Iterable[Backend]:  # type: ignore[empty-body]
    """Offer sandboxes. Called once, when a sandbox is chosen; each Backend is asked by name, or,
    for `auto`, in the order of its `preference` until one says that it can be used here."""


@hookspec
def grader_checks() -> Mapping[str, str]:  # type: ignore[empty-body]
    """Name the checks that this plugin judges, each with what it holds in a few words.

    Called when an exercise is loaded: a name that nobody declares is an error in the spec."""


# --- judging: observations become findings --------------------------------------------------


@hookspec
def grader_check_build(exercise: Exercise, build: BuildObservation) -> Iterable[Finding]:  # type: ignore[empty-body]
    """Judge a build. Called once for each build that was tried. Nothing yielded: nothing wrong.

    A FAILED finding of the plain build fails the submission: its cases are not played."""


@hookspec
def grader_advise(  # type: ignore[empty-body]
    exercise: Exercise, submission: Submission, build: BuildObservation
) -> Iterable[Finding]:
    """Advise on a build of the submission, from what the compiler said and from the source: what was not
    seen to go wrong, but will. Called once for each build of it that was tried, after grader_check_build.

    What is yielded becomes `notes` of the report, which cost nothing: their verdict is made PASSED."""


@hookspec
def grader_check_case(  # type: ignore[empty-body]
    exercise: Exercise, case: CaseSpec, expected: Expected, observation: CaseObservation
) -> Iterable[Finding]:
    """Judge one case as it was played. Called for each case and build, by each check once.

    `expected` holds what the rendered case expected of its steps; `observation` what came of them.
    Yield a Finding for each thing that is wrong, and nothing where all is well. A finding without
    `because`, `hint` or `replay` gets those of the case (or of the check, where the
    exercise scores it as an item of its own). One that has PASSED is a note: it explains and costs nothing."""


@hookspec
def grader_check_trace(  # type: ignore[empty-body]
    exercise: Exercise, case: CaseSpec, expected: Expected, observation: CaseObservation, submission: Submission
) -> Iterable[Finding]:
    """Judge what the traced build saw in one case (`observation.trace`), however the case came out.

    Called for each run of the traced build, behind grader_check_case. A finding that has PASSED is a note;
    it is told only where the run came out wrong. One whose data say `"explains": True` is told first then,
    as the cause of what went wrong."""


@hookspec
def grader_check_fault(  # type: ignore[empty-body]
    case: CaseSpec, expected: Expected, observation: CaseObservation, findings: Sequence[Finding]
) -> Iterable[Finding]:
    """Judge a run in which a call was made to fail (`observation.trace.fault`) and which did not do all that is
    asked of it: `findings` are what grader_check_case says. Nothing yielded: the program took it well."""


# --- telling: a report is rendered -----------------------------------------------------------


@hookspec
def grader_report_formats() -> Iterable[ReportFormat]:  # type: ignore[empty-body]
    """Offer formats for the report of one submission: `grade --format NAME`."""


@hookspec
def grader_batch_reports() -> Iterable[BatchReport]:  # type: ignore[empty-body]
    """Offer files that are written about a whole batch when it ends: `batch --report NAME`."""
