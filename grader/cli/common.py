"""What several commands share: the course, its plugins and backends, options, completion, styles."""

from __future__ import annotations

import contextlib
import difflib
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any, TypeVar

import click
import pluggy
from rich.console import Console

from grader import config, engine, plugins, spec
from grader.backends.cache import cache_directory
from grader.errors import GraderError, SpecError, UsageError
from grader.model import Backend, BatchReport, Exercise, ReportFormat, SandboxSettings, Style

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


@dataclass(frozen=True)
class Course:
    """An opened course: its configuration, its plugins, and where its exercises lie."""

    config: config.Config

    @cached_property
    def plugins(self) -> pluggy.PluginManager:
        """The plugin manager, made when first needed: `show` does without."""
        return plugins.load(self.config.plugins)

    @cached_property
    def _own_plugins(self) -> dict[Path, pluggy.PluginManager]:
        return {}

    def hook(self, folder: Path) -> Any:
        """The hooks that judge submissions to the exercise of a folder: with its plugin.py, if it has one."""
        if not (folder / "plugin.py").is_file():
            return self.plugins.hook
        if folder not in self._own_plugins:
            self._own_plugins[folder] = plugins.load(self.config.plugins, folder)
        return self._own_plugins[folder].hook

    @cached_property
    def folders(self) -> Mapping[str, Path]:
        """Slug -> folder of every exercise."""
        return spec.find_exercises(self.config.exercises)

    def folder(self, slug: str) -> Path:
        """The folder of an exercise. UsageError, with the name that was probably meant."""
        if slug not in self.folders:
            known = "this course has none" if not self.folders else "grader list shows all"
            raise UsageError(f"no exercise is called '{slug}'; {meant(slug, self.folders) or known}")
        return self.folders[slug]

    def exercise(self, slug: str) -> Exercise:
        """An exercise, loaded and valid. UsageError or SpecError."""
        return self.load(self.folder(slug))

    def load(self, folder: Path) -> Exercise:
        """The exercise of a folder. SpecError."""
        checks = {name for names in self.hook(folder).grader_checks() for name in names}
        return spec.load_exercise(folder, checks, self.config.limits, self.folders)

    def loaded(self) -> Iterator[tuple[str, Path, Exercise | SpecError]]:
        """Every exercise, or what is wrong with it."""
        for slug, folder in self.folders.items():
            try:
                yield slug, folder, self.load(folder)
            except SpecError as error:
                yield slug, folder, error

    def formats(self) -> Mapping[str, ReportFormat]:
        """The formats of one report, by name."""
        return {item.name: item for items in self.plugins.hook.grader_report_formats() for item in items}

    def batch_reports(self) -> Mapping[str, BatchReport]:
        """The files about a whole batch, by name."""
        return {item.name: item for items in self.plugins.hook.grader_batch_reports() for item in items}

    @contextlib.contextmanager
    def backend(self, name: str) -> Iterator[Backend]:
        """The sandbox of a name, or the first usable one for `auto`; closed at the end."""
        chosen = _choose(self.plugins.hook, self.config.sandbox, name)
        try:
            yield chosen
        finally:
            chosen.close()

    @contextlib.contextmanager
    def backend_meanwhile(self, name: str) -> Iterator[Callable[[], Backend]]:
        """The same, got ready while the caller does something else; calling what is yielded waits for it."""
        hook = self.plugins.hook
        with ThreadPoolExecutor(1) as worker:
            chosen = worker.submit(_choose, hook, self.config.sandbox, name)
            try:
                yield chosen.result
            finally:
                with contextlib.suppress(GraderError):
                    chosen.result().close()

    def engine(self, backend: Backend, exercise: Exercise, *, remember: bool = True) -> engine.Engine:
        """An engine on that sandbox, with the plugins that judge this exercise.

        remember: whether what was searched in an earlier run of the grader is not searched again.
        """
        memory = cache_directory() / "schedules" if remember else None
        return engine.Engine(self.hook(exercise.root), self.config, backend, memory)


def _choose(hook: Any, settings: SandboxSettings, name: str) -> Backend:
    """The sandbox; what takes long on the way to it, and what it cannot defend, is told once a run."""
    chosen = engine.choose_backend(hook, replace(settings, tell=tell), name)
    if chosen.caveats:
        tell(chosen.caveats)
    return chosen


def tell(text: str) -> None:
    """A note on standard error; details of what is under way (they begin with a space) are left out."""
    if not text.startswith(" "):
        click.echo(f"grader: {text}", err=True)


def open_course(course: Path | None) -> Course:
    """The course of a directory; by default the nearest at or above this one, else the bundled one."""
    return Course(config.load_config(Path.cwd(), course))


def meant(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant, as the end of a message; "" where none comes close."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean '{close[0]}'?" if close else ""


def pick(kind: str, name: str, known: Mapping[str, T]) -> T:
    """known[name], or a UsageError that names all there are."""
    if name in known:
        return known[name]
    raise UsageError(f"there is no {kind} '{name}'; {meant(name, known) or 'there are: ' + ', '.join(sorted(known))}")


def fresh_seed() -> int:
    """A seed that is short enough to type."""
    return secrets.randbelow(1_000_000)


# --- looks -----------------------------------------------------------------------------------


def style(color: str, *, verbose: bool = False, timeline: bool = False) -> Style:
    """How to look on standard output; color: auto, always or never."""
    width = shutil.get_terminal_size((100, 40)).columns
    return Style(color=wants_color(color), width=min(max(width, 60), 120), verbose=verbose, timeline=timeline)


def wants_color(color: str) -> bool:
    """Whether standard output gets colors. NO_COLOR (no-color.org) and TERM=dumb switch `auto` off."""
    if color != "auto":
        return color == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def rendered(*things: object, color: str = "auto") -> str:
    """Rich tables and texts as a string for `emit`."""
    look = style(color)
    page = Console(
        file=StringIO(), width=look.width, force_terminal=look.color, no_color=not look.color, highlight=False
    )
    with page.capture() as capture:
        for thing in things:
            page.print(thing)
    return "\n".join(line.rstrip() for line in capture.get().split("\n"))


@contextlib.contextmanager
def progress_line(*, wanted: bool = True) -> Iterator[Callable[[str], None] | None]:
    """A line on standard error that tells what is being done; None where that is no terminal."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    console = Console(stderr=True)
    with console.status("preparing") as status:
        yield lambda text: status.update(text.replace("[", r"\["))


# --- options ---------------------------------------------------------------------------------


def course_option(command: F) -> F:
    """--course DIR."""
    return click.option(
        "--course",
        "course_dir",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="A directory with a grader.yaml. By default the nearest at or above this one, else the bundled course.",
    )(command)


def color_option(command: F) -> F:
    """--color WHEN."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colors; auto: at a terminal, unless NO_COLOR is set.",
    )(command)


def sandbox_option(command: F) -> F:
    """--sandbox NAME."""
    return click.option(
        "--sandbox",
        default=None,
        metavar="NAME",
        help="auto, docker, local or inplace. By default what grader.yaml says.",
        shell_complete=complete_sandboxes,
    )(command)


def builds_options(command: F) -> F:
    """--no-sanitize and --no-trace."""
    for name, what in (
        ("--no-trace", "Leave out the third build, which tells lines and finds races, failing schedules and faults."),
        ("--no-sanitize", "Leave out the second build with AddressSanitizer and UBSan."),
    ):
        command = click.option(name, is_flag=True, help=what)(command)
    return command


def exercise_argument(command: F) -> F:
    """EXERCISE, with completion."""
    return click.argument("slug", metavar="EXERCISE", shell_complete=complete_exercises)(command)


# --- completion: silent, whatever is wrong ----------------------------------------------------


def _course_of(context: click.Context) -> Course:
    return open_course(context.params.get("course_dir"))


def complete_exercises(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of exercises."""
    return _starting(incomplete, lambda: _course_of(context).folders)


def complete_cases(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Ids of the cases of the exercise that was named."""
    # Behind an option that lacks its value yet, click has not told the arguments from one another.
    slug = context.params.get("slug") or next(iter(context.args), "")
    return _starting(incomplete, lambda: [case.id for case in _course_of(context).exercise(slug).cases])


def complete_sandboxes(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of sandboxes."""

    def names() -> list[str]:
        course = _course_of(context)
        offered = course.plugins.hook.grader_backends(settings=course.config.sandbox)
        return ["auto", *(backend.name for backends in offered for backend in backends)]

    return _starting(incomplete, names)


def complete_formats(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of report formats."""
    return _starting(incomplete, lambda: _course_of(context).formats())


def _starting(incomplete: str, names: Callable[[], Iterable[str]]) -> list[str]:
    try:
        return sorted(name for name in names() if name.startswith(incomplete))
    except (GraderError, OSError):
        return []
