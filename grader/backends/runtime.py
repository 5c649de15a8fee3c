"""Builds the runtime of traced builds (sandbox/runtime) once a machine and source version.

It takes the place of libtsan: `gcc -B. -fsanitize=thread -static-libtsan`, run where these files lie, links them
instead of its own. What is kept is a line of JSON with both of them, as the driver takes it.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader import wire
from grader.backends.cache import built, compiler
from grader.errors import SandboxError
from grader.wire import SourceFile

# In every process of a submission, below its own code: nothing in here may call what it intercepts, or be traced.
# Without -g: an address in here has no line, by which the driver knows that it is none of the student's.
RUNTIME_FLAGS = (
    *("-std=gnu17", "-O2", "-Wall", "-Wextra", "-fPIC", "-fvisibility=hidden", "-ftls-model=initial-exec"),
    *("-fno-builtin", "-fno-tree-loop-distribute-patterns", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"),
)
ARCHIVE = "libtsan.a"
PREINIT = "libtsan_preinit.o"  # gcc wants one; ours is empty
EMPTY = "typedef int nothing;\n"  # its source


def has_runtime(sandbox: Path) -> bool:
    """Does a folder sandbox/ offer the traced build?"""
    return any((sandbox / "runtime").glob("*.c"))


def runtime(sandbox: Path) -> Path:
    """The built files in one. Raises SandboxError where they cannot be built."""
    folder = sandbox / "runtime"
    sources = sorted(folder.glob("*.c"))
    command = (compiler(), *RUNTIME_FLAGS)

    def make(target: Path) -> None:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".runtime-") as scratch:
            files = tuple(_files(command, sources, Path(scratch)))
        target.write_text(wire.text(files), encoding="ascii")

    parts = [part.read_bytes() for part in (*sources, *sorted(folder.glob("*.h")))]
    return built("runtime", parts, command, make)


def _files(command: tuple[str, ...], sources: list[Path], scratch: Path) -> Iterator[SourceFile]:
    def compile_one(source: Path) -> Path:
        made = scratch / f"{source.stem}.o"
        _run(*command, "-c", str(source), "-o", str(made))
        return made

    with ThreadPoolExecutor() as pool:
        objects = list(pool.map(compile_one, sources))
    # One object in which only what is exported can be seen: a student's own lock() or take() is another function.
    whole = str(scratch / "whole.o")
    _run("ld", "-r", "-o", whole, *map(str, objects))
    _run("objcopy", "--localize-hidden", whole)
    _run("ar", "rcsD", str(scratch / ARCHIVE), whole)
    empty = scratch / "empty.c"
    empty.write_text(EMPTY, encoding="ascii")
    _run(command[0], "-c", str(empty), "-o", str(scratch / PREINIT))
    for name in (ARCHIVE, PREINIT):
        yield SourceFile(name, (scratch / name).read_bytes())


def _run(*command: str) -> None:
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise SandboxError(f"the runtime of traced builds cannot be built: {command[0]}: {error.strerror}") from None
    if made.returncode != 0:
        raise SandboxError(f"the runtime of traced builds does not compile: {made.stderr.strip()}")
