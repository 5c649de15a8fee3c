"""grader list: the exercises of the course, broken ones too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from grader.cli import complain, emit
from grader.cli.common import color_option, course_option, open_course, rendered
from grader.errors import SpecError
from grader.model import Exercise
from grader.submissions import printable


@click.command("list")
@course_option
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@color_option
def command(course_dir: Path | None, form: str, color: str) -> int:
    """List the exercises of the course, in its order: what each teaches, how hard it is, what comes before it.

    An exercise that is broken is listed with its first problem; the exit status is then 2.
    """
    rows = sorted(open_course(course_dir).loaded(), key=_order)
    if form == "json":
        emit(json.dumps({"schema": "grader.list/1", "exercises": [_document(*row) for row in rows]}, indent=2) + "\n")
    elif form == "markdown":
        emit(_markdown(rows))
    elif rows:
        emit(rendered(_table(rows), color=color))
    else:
        emit("this course has no exercises yet\n")
    broken = [slug for slug, _, loaded in rows if isinstance(loaded, SpecError)]
    if broken:
        complain(f"{len(broken)} broken: {', '.join(broken)}; grader verify NAME tells all that is wrong")
    return 2 if broken else 0


def _order(row: tuple[str, Path, Exercise | SpecError]) -> tuple[float, str]:
    return (row[2].order if isinstance(row[2], Exercise) else float("inf"), row[0])


def _document(slug: str, folder: Path, loaded: Exercise | SpecError) -> dict[str, Any]:
    if isinstance(loaded, SpecError):
        return {"id": slug, "folder": printable(folder), "problems": list(loaded.problems)}
    return {
        "id": slug,
        "folder": printable(folder),
        "title": loaded.title,
        "order": loaded.order,
        "teaches": list(loaded.teaches),
        "difficulty": loaded.difficulty,
        "requires": list(loaded.requires),
        "points": loaded.points,
        "submit": list(loaded.submit),
        "cases": [{"id": case.id, "title": case.title, "points": case.points} for case in loaded.cases],
        "problems": [],
    }


def _markdown(rows: list[tuple[str, Path, Exercise | SpecError]]) -> str:
    """The table of a README: those that can be loaded, each with a link to its statement."""
    lines = ["| # | exercise | what it is about | topics | level | after |", "|---|---|---|---|---|---|"]
    for slug, folder, loaded in rows:
        if isinstance(loaded, Exercise):
            where = f"{folder.parent.name}/{slug}/README.md"
            before = ", ".join(f"`{name}`" for name in loaded.requires)
            topics = ", ".join(loaded.teaches)
            words = [str(loaded.order), f"[`{slug}`]({where})", loaded.title, topics, _level(loaded), before]
            lines.append(f"| {' | '.join(word.replace('|', chr(92) + '|') for word in words)} |")
    return "\n".join(lines) + "\n"


def _level(exercise: Exercise) -> str:
    return "●" * exercise.difficulty + "○" * (5 - exercise.difficulty)


def _table(rows: list[tuple[str, Path, Exercise | SpecError]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("#", justify="right")
    table.add_column("exercise", no_wrap=True)
    table.add_column("title", ratio=3)
    table.add_column("teaches", ratio=2)
    table.add_column("level", no_wrap=True)
    table.add_column("after", ratio=1)
    table.add_column("points", justify="right", no_wrap=True)
    for slug, _, loaded in rows:
        if isinstance(loaded, SpecError):
            problem = printable(loaded.problems[0] if loaded.problems else str(loaded))
            table.add_row("", Text(slug, "bold red"), Text(f"broken: {problem}", "red"), "", "", "", "")
            continue
        table.add_row(
            str(loaded.order),
            Text(slug, "bold"),
            Text(loaded.title),
            Text(", ".join(loaded.teaches), "dim"),
            _level(loaded),
            Text(", ".join(loaded.requires), "dim"),
            f"{loaded.points:g}",
        )
    return table
