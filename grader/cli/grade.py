"""grader grade: one submission."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from grader import __version__, searching
from grader.cli import complain, emit
from grader.cli.common import (
    Course,
    builds_options,
    color_option,
    complete_cases,
    complete_formats,
    course_option,
    exercise_argument,
    fresh_seed,
    open_course,
    pick,
    progress_line,
    sandbox_option,
    style,
)
from grader.cli.page import Page
from grader.errors import GraderError, UsageError
from grader.model import Backend, Exercise, Finding, Report, Verdict
from grader.submissions import ignored_files, read_solution, with_excerpts
from grader.trace import Point

STATUS = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.SKIPPED: 1, Verdict.ERROR: 3}


@click.command("grade")
@exercise_argument
@click.argument("path", type=click.Path(path_type=Path))
@course_option
@sandbox_option
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Replay the random values of this seed.")
@click.option(
    "--case",
    "cases",
    multiple=True,
    metavar="ID",
    help="Only this case; may be repeated.",
    shell_complete=complete_cases,
)
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    metavar="NAME",
    help="text, json, junit, html, or what a plugin offers.",
    shell_complete=complete_formats,
)
@builds_options
@click.option(
    "--late",
    is_flag=True,
    help="Before each step, wait until the programs have come as far as they can (see verify).",
)
@click.option(
    "--replay",
    metavar="POINT",
    help="Play the one --case only traced, in the schedule (or with the fault) that a report has told of.",
)
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Also write the report as one HTML page, with pictures.",
)
@click.option("--timeline", is_flag=True, help="Below the text: what the processes of failed cases did, in order.")
@click.option("-v", "--verbose", is_flag=True, help="Tell also of what passed.")
@color_option
def command(
    slug: str,
    path: Path,
    course_dir: Path | None,
    sandbox: str | None,
    seed: int | None,
    cases: tuple[str, ...],
    form: str,
    page: Path | None,
    timeline: bool,
    no_sanitize: bool,
    no_trace: bool,
    late: bool,
    replay: str | None,
    verbose: bool,
    color: str,
) -> int:
    """Grade one submission and explain what was seen.

    PATH is a directory that holds the submitted files or, where the exercise takes one file, that file
    under any name. Exit status: 0 all passed; 1 something failed; 2 it cannot be graded as given;
    3 the grader or its sandbox failed, and no grade was given.
    """
    if replay is not None and len(cases) != 1:
        raise UsageError("--replay plays one case: name it with --case")
    course = open_course(course_dir)
    chosen = pick("report format", form, course.formats())
    paged = None if page is None else Page(page, pick("report format", "html", course.formats()))
    look = style(color, verbose=verbose, timeline=timeline)
    seed = fresh_seed() if seed is None else seed
    exercise: Exercise | None = None
    try:
        with course.backend_meanwhile(sandbox or course.config.sandbox.name) as backend:
            exercise = course.exercise(slug)
            how = _How(seed, cases, not no_sanitize, not no_trace, late, replay)
            report = _graded(course, exercise, path, backend, how)
    except Exception as error:
        ungraded = _ungraded(error, slug, exercise, path, seed)
        if paged is not None:
            paged.write(ungraded)
        if form != "text":
            emit(chosen.render(ungraded, look))
        raise
    report = _with_options(report, course_dir, sandbox, late=late)
    written = paged is None or paged.write(report)
    emit(chosen.render(report, look))
    if report.verdict is Verdict.ERROR and form != "text":
        complain(f"no grade was given: {report.error}")
    return STATUS[report.verdict] if written else max(2, STATUS[report.verdict])


@dataclass(frozen=True)
class _How:
    """What the command line says of how to grade."""

    seed: int
    cases: tuple[str, ...]
    sanitize: bool
    trace: bool
    late: bool
    replay: str | None


def _graded(
    course: Course,
    exercise: Exercise,
    path: Path,
    backend: Callable[[], Backend],
    how: _How,
) -> Report:
    known = {case.id: case for case in exercise.cases}
    chosen = [pick(f"case of {exercise.slug}", case, known) for case in how.cases]
    point = None if how.replay is None else _point(exercise, how.replay)
    submission = read_solution(exercise, path)
    _note_ignored(exercise, path)
    with progress_line() as progress:
        engine = course.engine(backend(), exercise)
        if point is not None:
            report = engine.replay(exercise, submission, chosen[0], point, seed=how.seed, progress=progress)
        else:
            report = engine.grade(
                exercise,
                submission,
                seed=how.seed,
                cases=how.cases,
                sanitize=how.sanitize,
                trace=how.trace,
                late=how.late,
                progress=progress,
            )
    return with_excerpts(report, submission)


def _point(exercise: Exercise, text: str) -> Point:
    try:
        return searching.parse_point(text, [program.name for program in exercise.programs if not program.partner])
    except ValueError as error:
        raise UsageError(f"--replay: {error}") from None


def _with_options(report: Report, course_dir: Path | None, sandbox: str | None, *, late: bool) -> Report:
    """The replay commands with the options that this one was given, without which they would do something else."""
    given = [("--course", str(course_dir) if course_dir else None), ("--sandbox", sandbox)]
    more = "".join(f" {option} {shlex.quote(value)}" for option, value in given if value) + " --late" * late

    def completed(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return tuple(
            replace(finding, replay=finding.replay + more) if finding.replay.startswith("grader ") else finding
            for finding in findings
        )

    items = tuple(
        replace(item, findings=completed(item.findings), notes=completed(item.notes)) for item in report.items
    )
    return replace(report, items=items, findings=completed(report.findings), notes=completed(report.notes))


def _note_ignored(exercise: Exercise, path: Path) -> None:
    names = ignored_files(exercise, path)
    if names:
        more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
        complain(f"note: not graded: {', '.join(names[:5])}{more} ({exercise.slug} takes {', '.join(exercise.submit)})")


def _ungraded(error: Exception, slug: str, exercise: Exercise | None, path: Path, seed: int) -> Report:
    """The report where no grade could be given, for formats that a program reads."""
    internal = "" if isinstance(error, GraderError) else f"internal error: {type(error).__name__}: "
    return Report(
        exercise=slug,
        title=exercise.title if exercise else "",
        submission=path.name or str(path),
        digest="",
        verdict=Verdict.ERROR,
        score=None,
        max_score=exercise.points if exercise else 0.0,
        seed=seed,
        sandbox="",
        version=__version__,
        error=f"{internal}{error}",
    )
