"""What an exercise.yaml names in its folder: sources, wrong solutions, drive.py."""

from __future__ import annotations

import ast
import os
from collections.abc import Sequence
from pathlib import Path

from grader.errors import SpecError
from grader.model import Program
from grader.spec.problems import Place, Problems, meant, shown
from grader.spec.schema import ExerciseFile
from grader.spec.schema import Program as ProgramEntry
from grader.spec.yaml_source import read_text

DRIVE = "drive.py"
_SOURCE_SUFFIXES = (".c", ".S", ".s")


def check_files(parsed: ExerciseFile, folder: Path, problems: Problems) -> None:
    """Note each file that is named and not there."""
    for key, names in (("submit", parsed.submit), ("given", parsed.given)):
        for index, name in enumerate(names):
            if name in names[:index] or (key == "given" and name in parsed.submit):
                problems.add((key, index), f"the file '{name}' is there twice")
    for index, name in enumerate(parsed.submit):
        _check_exists(folder, "reference", name, ("submit", index), problems)
    for index, name in enumerate(parsed.given):
        _check_exists(folder, "given", name, ("given", index), problems)
    for name in parsed.wrong:
        _check_exists(folder, "wrong", name, ("wrong", name), problems, folders=True)


def _check_exists(
    folder: Path, part: str, name: str, place: Place, problems: Problems, *, folders: bool = False
) -> None:
    path = folder / part / name
    if os.path.isfile(path) or (folders and os.path.isdir(path)):
        return
    if os.path.lexists(path):
        problems.add(place, f"{part}/{name} is no regular file")
        return
    try:
        there = sorted(os.listdir(folder / part))
    except OSError:
        there = []
    fix = meant(name, there) if there else ""
    problems.add(place, f"there is no {part}/{name}", fix if fix.startswith("did you") else "")


def programs(parsed: ExerciseFile, folder: Path, problems: Problems) -> tuple[Program, ...]:
    """What is built from the submission, then the partners; their sources are checked."""
    made = []
    for key, entries in (("build", parsed.build), ("partners", parsed.partners)):
        partner = key == "partners"
        for name, entry in entries.items():
            place = (key, name)
            if partner and name in parsed.build:
                problems.add(place, f"'{name}' is already a program of 'build'", "choose another name")
            if partner:
                _check_partner(place, entry, folder, parsed.given, problems)
            else:
                _check_build(place, entry, (*parsed.submit, *parsed.given), problems)
            made.append(Program(name, tuple(entry.sources), tuple(entry.flags), partner=partner))
    return tuple(made)


def _check_build(place: tuple[str, str], entry: ProgramEntry, files: Sequence[str], problems: Problems) -> None:
    for source in entry.sources:
        if source not in files:
            problems.add(place, f"'{source}' is neither in 'submit' nor in 'given'", meant(source, files))
        else:
            _check_compiled(place, source, problems)
    if place[1] in files:
        problems.add(place, f"the program '{place[1]}' would overwrite the file of that name")


def _check_partner(
    place: tuple[str, str], entry: ProgramEntry, folder: Path, given: Sequence[str], problems: Problems
) -> None:
    for source in entry.sources:
        _check_compiled(place, source, problems)
        if source not in given:
            _check_exists(folder, "reference", source, place, problems)


def _check_compiled(place: Place, source: str, problems: Problems) -> None:
    if not source.endswith(_SOURCE_SUFFIXES):
        fix = "name the .c files; headers come along by themselves"
        problems.add(place, f"'{source}' is nothing to compile", fix)


def read_drive(parsed: ExerciseFile, folder: Path, problems: Problems) -> str:
    """The text of drive.py, "" without one; its functions are those that the cases name."""
    wanted = {index: case.drive for index, case in enumerate(parsed.cases) if case.drive is not None}
    path = folder / DRIVE
    if not os.path.lexists(path):
        for index, name in wanted.items():
            problems.add(("cases", index, "drive"), f"there is no {DRIVE} with a function '{name}'")
        return ""
    try:
        text = read_text(path)
        tree = ast.parse(text)
    except SpecError as error:
        problems.add_elsewhere(error.problems)
        return ""
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        problems.add_elsewhere([f"{shown(path)}:{line}: is no Python: {getattr(error, 'msg', None) or error}"])
        return ""
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    for index, name in wanted.items():
        if name not in functions:
            fix = meant(name, [one for one in functions if not one.startswith("_")])
            problems.add(("cases", index, "drive"), f"{DRIVE} has no function '{name}'", fix)
    return text
