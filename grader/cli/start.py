"""grader start: the starter files, copied to where the student works; nothing is ever overwritten."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import click

from grader.cli import emit
from grader.cli.common import course_option, exercise_argument, open_course
from grader.errors import GraderError, SpecError, UsageError
from grader.submissions import printable


@click.command("start")
@exercise_argument
@click.argument("directory", type=click.Path(path_type=Path), required=False)
@course_option
def command(slug: str, directory: Path | None, course_dir: Path | None) -> int:
    """Copy the starter files and the statement of an exercise to DIRECTORY (by default ./EXERCISE).

    Files that are there already are never overwritten: they are named, and nothing is written.
    """
    exercise = open_course(course_dir).exercise(slug)
    files = starter_files(exercise.root, exercise.given)
    target = Path(slug) if directory is None else directory
    copy_new(files, target)
    emit(f"{printable(target)}: {', '.join(sorted(files))}\n")
    emit(f"read README.md, write {', '.join(exercise.submit)}, then: grader grade {slug} {printable(target)}\n")
    return 0


def starter_files(root: Path, given: tuple[str, ...]) -> dict[str, bytes]:
    """Name -> content of all that a student begins with: starter/, the given files, the statement."""
    starter = root / "starter"
    if not starter.is_dir():
        raise SpecError((f"{starter}:1: the folder with the starter files is missing",))
    sources = [path for path in sorted(starter.iterdir()) if path.is_file()]
    sources += [root / "given" / name for name in given]
    if (root / "README.md").is_file():
        sources.append(root / "README.md")
    try:
        return {path.name: path.read_bytes() for path in sources}
    except OSError as error:
        raise SpecError((f"{error.filename}:1: cannot be read: {error.strerror}",)) from None


def copy_new(files: dict[str, bytes], target: Path) -> None:
    """Write all files or none. UsageError where one is there already, or the place cannot be written."""
    there = [name for name in sorted(files) if os.path.lexists(target / name)]
    if there:
        raise UsageError(
            f"{printable(target)} already has {', '.join(there)}: nothing was written; "
            "name another directory, or move your files away"
        )
    made: list[Path] = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            with open(target / name, "xb") as file:  # x: not even a file that appeared just now is overwritten
                made.append(target / name)
                file.write(content)
    except BaseException as error:
        for path in made:
            with contextlib.suppress(OSError):
                path.unlink()
        if isinstance(error, FileExistsError | NotADirectoryError | PermissionError):
            raise UsageError(f"cannot write to {printable(target)}: {error.strerror}; nothing was written") from None
        if isinstance(error, OSError):
            raise GraderError(f"cannot write to {printable(target)}: {error.strerror}; nothing was written") from None
        raise
