"""grader verify: proof that exercises accept every right solution and reject every wrong one, every time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import click

from grader import verify
from grader.batch import parallel
from grader.cli import InterruptedCommandError, complain, emit
from grader.cli.common import (
    Course,
    color_option,
    complete_exercises,
    course_option,
    fresh_seed,
    open_course,
    progress_line,
    sandbox_option,
    wants_color,
)
from grader.errors import SpecError
from grader.model import Backend, Exercise, Report, Submission, Verdict
from grader.submissions import printable

MARKS = {Verdict.PASSED: ("✓", "32"), Verdict.FAILED: ("✗", "31"), Verdict.ERROR: ("!", "35")}


@click.command("verify")
@click.argument("slugs", nargs=-1, metavar="[EXERCISE]...", shell_complete=complete_exercises)
@click.option("--repeat", type=click.IntRange(min=1), default=5, show_default=True, metavar="N", help="So many trials.")
@click.option(
    "--load",
    type=click.IntRange(min=0),
    default=os.cpu_count() or 1,
    metavar="N",
    help="So many processes that keep the CPUs busy in a second round; 0: no second round. By default one a CPU.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Trials at a time.")
@click.option("--seed", type=click.IntRange(min=0), metavar="N", help="Draw the seeds of all trials from this one.")
@course_option
@sandbox_option
@color_option
def command(
    slugs: tuple[str, ...],
    repeat: int,
    load: int,
    jobs: int,
    seed: int | None,
    course_dir: Path | None,
    sandbox: str | None,
    color: str,
) -> int:
    """Prove that exercises (by default all) accept right solutions and reject wrong ones.

    Exit status: 0 all is proven; 1 something does not hold; 2 a spec is broken; 3 the sandbox failed.
    """
    course = open_course(course_dir)
    seed = fresh_seed() if seed is None else seed
    colored = wants_color(color)
    exercises, broken = _load(course, slugs)
    for error in broken:
        complain(str(error))
    with course.backend(sandbox or course.config.sandbox.name) as backend:
        tried = _tried(course, backend, exercises, repeat=repeat, load=load, jobs=jobs, seed=seed)
    proofs: list[verify.Proof] = []
    failures: list[str] = []
    for exercise in exercises:
        own = [one for one in tried if one.trial.exercise.slug == exercise.slug]
        made = [*verify.examine(exercise), *verify.judge(exercise, own)]
        emit(page(exercise.slug, made, sum(one.seconds for one in own), colored=colored))
        proofs += made
        failures += [f"{exercise.slug}: {_line(proof, colored=colored)}" for proof in made if not proof.holds]
    verdicts = {proof.verdict for proof in proofs}
    failed = len(failures)
    told = f"{failed} of {len(proofs)} do not hold" if failed else f"{len(proofs)} proofs hold"
    if failures:  # once more, where one looks first after a long run
        emit("\n".join(failures) + "\n")
    emit(f"{told}; {len(tried)} trials; again with the same seeds: --seed {seed} --repeat {repeat} --load {load}\n")
    if Verdict.ERROR in verdicts:
        return 3
    return 2 if broken else 1 if failed else 0


def _load(course: Course, slugs: Sequence[str]) -> tuple[list[Exercise], list[SpecError]]:
    loaded: Iterable[Exercise | SpecError]
    if slugs:
        for slug in slugs:
            course.folder(slug)  # an unknown name is a usage error, before anything is tried
        wanted = dict.fromkeys(slugs)
        loaded = [one for slug, _, one in course.loaded() if slug in wanted]
    else:
        loaded = [one for _, _, one in course.loaded()]
    loaded = list(loaded)
    return (
        [one for one in loaded if isinstance(one, Exercise)],
        [one for one in loaded if isinstance(one, SpecError)],
    )


def _tried(
    course: Course, backend: Backend, exercises: Sequence[Exercise], *, repeat: int, load: int, jobs: int, seed: int
) -> list[verify.Tried]:
    """All trials: the first of each solution, the others in quiet, then those under load."""

    def grade(exercise: Exercise, submission: Submission, used: int, scope: verify.Scope) -> Report:
        engine = course.engine(backend, exercise, remember=False)  # a proof is made, not remembered
        return engine.grade(
            exercise,
            submission,
            seed=used,
            cases=scope.cases,
            sanitize=scope.sanitize,
            trace=scope.trace,
            late=scope.late,
        )

    every = [trial for one in exercises for trial in verify.trials(one, repeat=repeat, loaded=load > 0, seed=seed)]
    done: list[verify.Tried] = []
    try:
        with progress_line() as progress:
            first = verify.first_trials(every)
            _run(first, grade, jobs, done, len(every), progress)
            seen = {(one.trial.exercise.slug, one.trial.solution.path): one for one in done}
            rest = [
                verify.narrowed(trial, seen[trial.exercise.slug, trial.solution.path])
                for trial in every
                if not any(trial is one for one in first)
            ]
            _run([trial for trial in rest if not trial.loaded], grade, jobs, done, len(every), progress)
            loaded = [trial for trial in rest if trial.loaded]
            if loaded:
                with verify.cpu_load(load):
                    _run(loaded, grade, jobs, done, len(every), progress)
    except KeyboardInterrupt:
        raise InterruptedCommandError(
            f"interrupted after {len(done)} of {len(every)} trials; nothing is proven"
        ) from None
    return done


def _run(
    trials: Sequence[verify.Trial],
    grade: Callable[[Exercise, Submission, int, verify.Scope], Report],
    jobs: int,
    done: list[verify.Tried],
    total: int,
    progress: Callable[[str], None] | None,
) -> None:
    for one in parallel(trials, lambda trial: verify.attempt(trial, grade), jobs):
        done.append(one)
        if progress is not None:
            progress(f"{len(done)}/{total} {one.trial.exercise.slug}/{one.trial.solution.path}")


def page(slug: str, proofs: Sequence[verify.Proof], seconds: float, *, colored: bool) -> str:
    """The proofs of one exercise as lines."""
    lines = [f"{slug} ({seconds:.1f} s)"]
    lines += [f"  {_line(proof, colored=colored)}" for proof in proofs]
    return "\n".join(lines) + "\n"


def _line(proof: verify.Proof, *, colored: bool) -> str:
    mark, code = MARKS[proof.verdict]
    shown = f"\x1b[{code}m{mark}\x1b[0m" if colored else mark
    why = f": {printable(proof.why)}" if proof.why and not proof.holds else f" ({proof.why})" if proof.why else ""
    return f"{shown} {proof.claim}{why}"
