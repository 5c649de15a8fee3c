"""Every exercise of the course: a reference graded beside the time that it takes to compile it; and what tracing adds.

The floor is the compiler's time for the submission in the same gradings.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping

from rich.table import Table

from grader.engine import Engine
from grader.model import Exercise, Report
from grader.planning import PLAIN
from grader.submissions import read_submission

RATIO, TRACING = 3.0, 3.0  # times the compile time; seconds
_TRACED = "shm-counter"


def references(engine: Engine, exercises: Mapping[str, Exercise], runs: int) -> Table:
    """Plain build and all cases of each reference, and how often as long that is as its compilation."""
    made = Table(title="references of the course, plain build only", title_justify="left")
    for heading in ("", "compile", "grade", "ratio", "target"):
        made.add_column(heading, justify="left" if not heading else "right")
    ratios = []
    for slug, exercise in exercises.items():
        _grade(engine, exercise, trace=False)
        reports = [_grade(engine, exercise, trace=False) for _ in range(runs)]
        compiled = statistics.median(build.seconds for one in reports for build in one.builds if build.name == PLAIN)
        graded = statistics.median(one.seconds for one in reports)
        ratios.append(graded / compiled)
        made.add_row(slug, _ms(compiled), _ms(graded), f"{ratios[-1]:.2f}", "")
    median = statistics.median(ratios)
    made.add_row("median", "", "", f"{median:.2f}", f"{'✓' if median <= RATIO else '✗'} ≤ {RATIO:g}")
    return made


def tracing(engine: Engine, exercises: Mapping[str, Exercise], runs: int) -> Table:
    """What the third build, its searches and all add to a right program, nothing being remembered."""
    made = Table(title=f"the {_TRACED} reference, with and without the traced build", title_justify="left")
    for heading in ("", "wall", "more", "target"):
        made.add_column(heading, justify="left" if not heading else "right")
    exercise = exercises[_TRACED]
    _grade(engine, exercise, trace=True)  # builds the runtime, once a machine
    without = statistics.median(_grade(engine, exercise, trace=False, sanitize=True).seconds for _ in range(runs))
    traced = statistics.median(_grade(engine, exercise, trace=True, sanitize=True).seconds for _ in range(runs))
    more = traced - without
    made.add_row("--no-trace", _ms(without), "", "")
    told = f"{'✓' if more <= TRACING else '✗'} ≤ {_ms(TRACING)}"
    made.add_row("traced, and all its schedules", _ms(traced), _ms(more), told)
    return made


def _grade(engine: Engine, exercise: Exercise, *, trace: bool, sanitize: bool = False) -> Report:
    submission = read_submission(exercise, exercise.root / "reference")
    return engine.grade(exercise, submission, seed=1, sanitize=sanitize, trace=trace)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
