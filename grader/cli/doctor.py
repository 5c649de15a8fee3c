"""grader doctor: one line for each thing that must work, and what to do where it does not."""

from __future__ import annotations

import contextlib
import importlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click

from grader.backends.docker.backend import no_engine
from grader.backends.launcher import cache_directory
from grader.cli import emit
from grader.cli.common import Course, color_option, course_option, open_course, tell, wants_color
from grader.errors import GraderError, SpecError
from grader.submissions import printable

PROGRAM = "#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n"
OLDEST = (3, 11)


@dataclass(frozen=True)
class Examined:
    """One thing that was looked at. needed: without it nothing can be graded."""

    what: str
    well: bool
    told: str
    needed: bool = True


@click.command("doctor")
@course_option
@color_option
def command(course_dir: Path | None, color: str) -> int:
    """Check everything that grading needs. Exit status 0, or 3 where something that is needed does not work."""
    colored = wants_color(color)
    status = 0
    for item in _examine(course_dir):
        mark, code = ("✓", "32") if item.well else ("✗", "31") if item.needed else ("–", "33")  # noqa: RUF001
        shown = f"\x1b[{code}m{mark}\x1b[0m" if colored else mark
        emit(f"{shown} {item.what}: {printable(item.told)}\n")
        if item.needed and not item.well:
            status = 3
    return status


def _examine(course_dir: Path | None) -> Iterator[Examined]:
    version = platform.python_version()
    yield Examined("python", sys.version_info >= OLDEST, f"{version} ({sys.executable})")
    yield from compilers(shutil.which("gcc"))
    yield cache(cache_directory())
    try:
        course = open_course(course_dir)
        loaded = list(course.loaded())
    except GraderError as error:
        yield Examined("course", False, str(error))
        return
    broken = [slug for slug, _, exercise in loaded if isinstance(exercise, SpecError)]
    told = f"{len(loaded)} exercises in {course.config.root}"
    yield Examined("course", not broken, f"{told}; broken: {', '.join(broken)} (grader list)" if broken else told)
    yield from containers()
    yield from sandboxes(course)


def containers() -> Iterator[Examined]:
    """Containers that graders have on the Docker engine, before anything here removes what was left behind."""
    if no_engine():
        return
    owners = importlib.import_module("grader.backends.docker.owners")
    try:
        with contextlib.closing(importlib.import_module("grader.backends.docker.connection").connect()) as client:
            held = owners.held(client)
    except GraderError:
        return  # `sandbox docker` tells why
    left = sum(container.abandoned for container in held)
    told = f"{len(held) - left} in use"
    if left:
        told += f", {left} left behind by graders that are gone; the next grading in docker removes them"
    yield Examined("containers", not left, told, needed=False)


def compilers(gcc: str | None) -> Iterator[Examined]:
    """The compiler, and whether it links, plain and with the sanitizers."""
    if gcc is None:
        yield Examined("gcc", False, "not found; install it (Debian, Ubuntu: apt install gcc libc6-dev)")
        return
    missing = compile_with(gcc, ())
    yield Examined("gcc", not missing, missing or gcc)
    missing = compile_with(gcc, ("-fsanitize=address,undefined",))
    advice = (
        "without them grade with --no-sanitize (Debian, Ubuntu: apt install libasan8 libubsan1; they come with gcc)"
    )
    yield Examined("sanitizers", not missing, f"{missing}; {advice}" if missing else "AddressSanitizer and UBSan link")


def compile_with(gcc: str, flags: tuple[str, ...]) -> str:
    """Why a small program does not compile, link and run with these flags; "" if it does."""
    with tempfile.TemporaryDirectory(prefix="grader-doctor-") as folder:
        source, program = Path(folder) / "small.c", Path(folder) / "small"
        source.write_text(PROGRAM, encoding="utf-8")
        try:
            for argv in ([gcc, *flags, str(source), "-o", str(program)], [str(program)]):
                done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
                if done.returncode != 0:
                    lines = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()
                    return lines[-1]
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
    return ""


def cache(folder: Path) -> Examined:
    """Whether built things can be kept between runs."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        told = f"{folder} cannot be written ({error.strerror}); set XDG_CACHE_HOME to a directory that can"
        return Examined("cache", False, told, needed=False)
    return Examined("cache", os.access(folder, os.X_OK), str(folder))


def sandboxes(course: Course) -> Iterator[Examined]:
    """Each sandbox that plugins offer; one that can be used is enough."""
    settings = replace(course.config.sandbox, tell=tell)
    offered = course.plugins.hook.grader_backends(settings=settings)
    backends = sorted((b for some in offered for b in some), key=lambda backend: backend.preference)
    usable: list[str] = []
    for backend in backends:
        try:
            why = backend.unusable()
        except Exception as error:  # noqa: BLE001  # a plugin's fault is one more thing to tell
            why = f"{type(error).__name__}: {error}"
        finally:
            backend.close()
        if not why:
            usable.append(backend.name)
        yield Examined(f"sandbox {backend.name}", not why, why or "usable", needed=False)
    told = f"auto takes {usable[0]}" if usable else "none can be used: see the lines before"
    yield Examined("sandbox", bool(usable), told)
