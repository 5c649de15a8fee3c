"""Exercises of more than one file, in the course of conftest.py: partners, given files, drive.py, scored checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from grader.cli.common import open_course
from tests.sandbox.conftest import RIGHT, World

_WORDS = {"title": "words", "points": 1, "because": "words", "hint": "words"}


def add_exercise(
    world: World, name: str, cases: Sequence[Mapping[str, Any]], files: Mapping[str, str] | None = None, **more: Any
) -> str:
    """An exercise of main.c with further keys of exercise.yaml and further files; returns its name for world.grade."""
    if name in world.made:
        return name
    spec = {
        "format": 1,
        "title": "A feature",
        "submit": ["main.c"],
        "build": {"main": "main.c"},
        "sanitize": "none",
        "cases": [{**_WORDS, **case} for case in cases],
        **more,
    }
    folder = world.root / "exercises" / name
    texts = {"exercise.yaml": yaml.safe_dump(spec, sort_keys=False), "reference/main.c": RIGHT, **(files or {})}
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    world.made.add(name)
    world.course = open_course(world.root)
    return name
