"""grader.yaml: which exercises and plugins a course has, how it compiles, where submissions run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from grader import resources, wire
from grader.errors import SpecError, UsageError
from grader.model import SandboxSettings
from grader.spec.problems import Place, Problems, shown
from grader.spec.validation import IDENTIFIER, Duration, Limits, Strict, one_or_more, validate
from grader.spec.yaml_source import read_yaml

FILE = "grader.yaml"
# memcpy(to, NULL, 0) does what everybody expects, and C2y says so (N3322); more than 0 bytes end it.
_SANITIZERS = (
    *("-fsanitize=address,undefined", "-fno-sanitize=nonnull-attribute"),
    *("-fno-omit-frame-pointer", "-fno-sanitize-recover=undefined"),
)
_SEARCH_BUDGET = 5.0
_BUILD_LIMITS = wire.Limits(
    cpu=30.0, wall=120.0, memory=2 << 30, processes=32, descriptors=256, file=64 << 20, output=256 << 10
)

Word = Annotated[str, StringConstraints(min_length=1)]
Words = Annotated[list[Word], one_or_more(Word)]


@dataclass(frozen=True)
class Config:
    """A course, opened.

    root: its directory; source: its grader.yaml. exercises, plugins: folders, absolute. limits: what an
    exercise has that names none. build_limits: of a compilation. disabled_checks: never asked.
    weights: exercise -> its part of the course's total; 1 where it is not named. search_budget: seconds that a
    grading may spend on schedules, and as many on faults.
    """

    root: Path
    source: Path
    title: str
    sandbox: SandboxSettings
    exercises: tuple[Path, ...] = ()
    plugins: tuple[Path, ...] = ()
    compiler: tuple[str, ...] = ("gcc",)
    flags: tuple[str, ...] = ()
    sanitizer_flags: tuple[str, ...] = _SANITIZERS
    limits: wire.Limits = field(default_factory=wire.Limits)
    build_limits: wire.Limits = _BUILD_LIMITS
    disabled_checks: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    search_budget: float = _SEARCH_BUDGET

    def weight(self, slug: str) -> float:
        """What an exercise counts in the course's total."""
        return self.weights.get(slug, 1.0)


def load_config(start: Path, course: Path | None = None) -> Config:
    """The configuration of a course. Raises SpecError with all that is wrong, UsageError for no course.

    course: a directory with a grader.yaml, or that file. Without it the nearest one at or above
    `start` is taken, and where there is none the course that comes with the grader.
    """
    if course is not None:
        return read_config(_named(course))
    file = find_config(start)
    return read_config(file if file is not None else resources.bundled() / FILE)


def find_config(start: Path) -> Path | None:
    """The nearest grader.yaml, at `start` or in a directory above it."""
    here = start.absolute()
    return next((folder / FILE for folder in (here, *here.parents) if os.path.lexists(folder / FILE)), None)


def _named(course: Path) -> Path:
    if course.is_dir():
        if not os.path.lexists(course / FILE):
            raise UsageError(f"{shown(course)} is no course: it has no {FILE}; grader init makes one")
        return course / FILE
    if not course.exists():
        raise UsageError(f"{shown(course)}: there is no such course")
    return course


# --- grader.yaml --------------------------------------------------------------------------------


class _Sandbox(Strict):
    """Where submissions run."""

    use: Word = Field("auto", description="auto, docker, local, inplace, or one that a plugin offers")
    bind: list[Word] = Field([], description="more directories that submissions may read")
    jobs: Annotated[int, Field(ge=1, le=1024)] | None = Field(None, description="how many at once; default: one a CPU")
    options: dict[str, str] = Field({}, description="what the sandbox itself can be told")


def _sandbox(value: Any) -> Any:
    return {"use": value} if isinstance(value, str) else value


class _Schedules(Strict):
    """The search for schedules in which a submission fails."""

    budget: Duration = Field(
        _SEARCH_BUDGET,
        description="so long is searched in a grading where not all schedules have been tried before; "
        "as long again for injected faults",
    )


class _ConfigFile(Strict):
    """grader.yaml: the configuration of a course."""

    format: Literal[1]
    title: Word = "A course"
    exercises: Words = Field(["exercises"], description="folders that hold exercise folders")
    plugins: Words = Field([], description="folders of plugin files (checks, reports, sandboxes)")
    compiler: Annotated[Words, Field(min_length=1)] = Field(["gcc"], description="the compiler and its first arguments")
    flags: list[Word] = Field([], description="compiler flags of every build")
    sanitizer_flags: list[Word] = Field(list(_SANITIZERS), description="added for the second, sanitized build")
    limits: Limits = Field(Limits(), description="what an exercise has that names none")
    build_limits: Limits = Field(Limits(), description="of one compilation")
    sandbox: Annotated[_Sandbox, BeforeValidator(_sandbox, json_schema_input_type=str | _Sandbox)] = Field(
        default_factory=lambda: _Sandbox.model_validate({})
    )
    schedules: _Schedules = Field(default_factory=lambda: _Schedules.model_validate({}))
    disabled_checks: Words = Field([], description="checks that are never asked")
    weights: dict[
        Annotated[str, StringConstraints(pattern=IDENTIFIER)], Annotated[float, Field(ge=0, le=1_000_000)]
    ] = Field({}, description="exercise: its part of the course's total; 1 where it is not named")


def read_config(file: Path) -> Config:
    """A grader.yaml. Raises SpecError with all that is wrong."""
    document = read_yaml(file)
    problems = document.problems()
    parsed = validate(_ConfigFile, document, problems)
    problems.check()
    if parsed is None:
        raise SpecError((f"{shown(file)}:1: cannot be understood",))
    root = file.absolute().parent
    exercises = _folders("exercises", parsed.exercises, root, problems)
    plugins = _folders("plugins", parsed.plugins, root, problems)
    bind = _bound(parsed.sandbox.bind, problems)
    problems.check()
    return Config(
        root=root,
        source=file,
        title=parsed.title,
        sandbox=SandboxSettings(
            driver=_driver(root),
            name=parsed.sandbox.use,
            bind=bind,
            jobs=parsed.sandbox.jobs or _processors(),
            options=dict(parsed.sandbox.options),
        ),
        exercises=exercises,
        plugins=plugins,
        compiler=tuple(parsed.compiler),
        flags=tuple(parsed.flags),
        sanitizer_flags=tuple(parsed.sanitizer_flags),
        limits=parsed.limits.over(wire.Limits()),
        build_limits=parsed.build_limits.over(_BUILD_LIMITS),
        disabled_checks=tuple(parsed.disabled_checks),
        weights=dict(parsed.weights),
        search_budget=parsed.schedules.budget,
    )


def json_schema() -> dict[str, Any]:
    """grader.yaml as JSON Schema 2020-12, for editors."""
    made = _ConfigFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": FILE}


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _driver(root: Path) -> Path:
    """The course's own sandbox folder where it has a driver, else the one that comes with the grader."""
    own = root / "sandbox"
    return own if (own / "driver").is_dir() else resources.sandbox_dir()


def _folders(key: str, names: list[str], root: Path, problems: Problems) -> tuple[Path, ...]:
    made = []
    for index, name in enumerate(names):
        folder = root / name
        if not os.path.isdir(folder):
            place: Place = (key, index)
            problems.add(place, f"'{key}': there is no folder '{name}' beside {FILE}")
        made.append(folder)
    return tuple(made)


def _bound(names: list[str], problems: Problems) -> tuple[str, ...]:
    for index, name in enumerate(names):
        if not os.path.isabs(name):
            problems.add(("sandbox", "bind", index), f"'bind': '{name}' is not an absolute path")
    return tuple(names)
