"""grader show: the statement of an exercise."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.markdown import Markdown

from grader.cli import emit
from grader.cli.common import color_option, course_option, exercise_argument, open_course, rendered
from grader.errors import SpecError


@click.command("show")
@exercise_argument
@course_option
@color_option
def command(slug: str, course_dir: Path | None, color: str) -> int:
    """Show the statement of an exercise: rendered at a terminal, as Markdown elsewhere."""
    folder = open_course(course_dir).folder(slug)
    statement = folder / "README.md"
    try:
        text = statement.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecError((f"{statement}:1: the statement is missing; write it",)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SpecError((f"{statement}:1: cannot be read: {error}",)) from None
    if color == "always" or sys.stdout.isatty():
        emit(rendered(Markdown(text), color=color) + f"\nto begin: grader start {slug}\n")
    else:
        emit(text if text.endswith("\n") else text + "\n")
    return 0
