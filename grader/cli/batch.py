"""grader batch: a directory of submissions, in parallel; run again, it grades what is missing or changed."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from grader import batch
from grader.cli import InterruptedCommandError, complain, emit
from grader.cli.common import builds_options, course_option, fresh_seed, open_course, pick, sandbox_option, style
from grader.model import Exercise, Report, Submission, Verdict
from grader.submissions import printable


@click.command("batch")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "results",
    type=click.Path(path_type=Path),
    required=True,
    metavar="RESULTS",
    help="Where to write.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="So many at a time. By default what grader.yaml says, else one a CPU.",
)
@course_option
@sandbox_option
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="The seed of all; by default one drawn for all.")
@click.option("--report", "names", multiple=True, metavar="NAME", help="Only this file about the whole (junit, csv).")
@builds_options
@click.option("--fresh", is_flag=True, help="Grade again also what has been graded.")
def command(
    directory: Path,
    results: Path,
    jobs: int | None,
    course_dir: Path | None,
    sandbox: str | None,
    seed: int | None,
    names: tuple[str, ...],
    no_sanitize: bool,
    no_trace: bool,
    fresh: bool,
) -> int:
    """Grade DIRECTORY/STUDENT/EXERCISE/files in parallel.

    RESULTS gets reports/STUDENT/EXERCISE.json as each ends, and junit.xml and results.csv at the end.
    Run again, it grades what is missing, has changed, or has no grade. Exit status: 0 each submission
    was graded; 2 usage, config or spec error; 3 some have no grade, through no fault of theirs.
    """
    course = open_course(course_dir)
    offered = course.batch_reports()
    reports = [pick("batch report", name, offered) for name in names] or list(offered.values())
    write = pick("report format", "json", course.formats())
    found, notes = batch.find_jobs(directory, results, course.folders)
    exercises = {slug: course.exercise(slug) for slug in sorted({job.exercise for job in found})}
    also = [course.config.source, *course.config.plugins, course.config.sandbox.driver / "runtime"]
    digests = {slug: batch.grading_digest(exercise, also) for slug, exercise in exercises.items()}
    count = jobs or course.config.sandbox.jobs
    settings = batch.Settings(count, fresh_seed(), seed=seed, fresh=fresh, sanitize=not no_sanitize, trace=not no_trace)
    with batch.locked(results):
        outcomes: list[batch.Outcome] = []
        try:
            with course.backend(sandbox or course.config.sandbox.name) as backend:

                def grade(exercise: Exercise, submission: Submission, used: int) -> Report:
                    engine = course.engine(backend, exercise, remember=not fresh)
                    return engine.grade(
                        exercise, submission, seed=used, sanitize=settings.sanitize, trace=settings.trace
                    )

                plain = style("never")
                running = batch.run(
                    found, exercises, digests, grade, lambda report: write.render(report, plain), settings
                )
                for outcome in _shown(running, len(found)):
                    outcomes.append(outcome)  # noqa: PERF402  # what is there when Ctrl-C comes counts
        except KeyboardInterrupt:
            raise InterruptedCommandError(
                f"interrupted: {len(outcomes)} of {len(found)} are done and kept; run the same command again to go on"
            ) from None
        files = batch.write_reports(results, reports, batch.entries(found))
    _summary(outcomes, files)
    for note in notes:
        complain(f"note: {note}")
    return 3 if any(outcome.verdict is Verdict.ERROR for outcome in outcomes) else 0


def _shown(outcomes: Iterable[batch.Outcome], total: int) -> Iterator[batch.Outcome]:
    """Pass outcomes on while showing them: a bar at a terminal, else a line each, on standard error."""
    if not sys.stderr.isatty():
        for number, outcome in enumerate(outcomes, 1):
            complain(f"[{number:>{len(str(total))}}/{total}] {_line(outcome)}")
            yield outcome
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("grading", total=total)
        for outcome in outcomes:
            progress.advance(task)
            if not outcome.kept and outcome.verdict is not Verdict.PASSED:
                color = "magenta" if outcome.verdict is Verdict.ERROR else "red"
                progress.console.print(Text(_line(outcome), color))
            yield outcome


def _line(outcome: batch.Outcome) -> str:
    points = "no grade" if outcome.score is None else f"{outcome.score:g}/{outcome.max_score:g}"
    told = f": {printable(outcome.told)}" if outcome.told else ""
    when = "graded before" if outcome.kept else f"{outcome.seconds:.1f} s"
    return f"{outcome.job.name} {outcome.verdict.value} {points} ({when}){told}"


def _summary(outcomes: list[batch.Outcome], files: list[Path]) -> None:
    counts = Counter(outcome.verdict for outcome in outcomes)
    kept = sum(outcome.kept for outcome in outcomes)
    emit(
        f"{len(outcomes)} submissions: {counts[Verdict.PASSED]} passed, {counts[Verdict.FAILED]} failed, "
        f"{counts[Verdict.ERROR]} without a grade ({kept} were graded before)\n"
    )
    for file in files:
        emit(f"{printable(file)}\n")
    for outcome in outcomes:
        if outcome.verdict is Verdict.ERROR:
            complain(f"no grade for {outcome.job.name}: {outcome.told}")
