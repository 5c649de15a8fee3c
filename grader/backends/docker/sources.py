"""What the image is made of: the build context, and the digest that names the image.

The digest covers the Dockerfile, the driver, the runtime, the wire, the compiler's flags for these and the libraries
that the driver uses. It does not cover the base: which one that is depends on what the place of building offers, and
is told by a label of the image and by the versions in /opt/grader/packages.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader import wire
from grader.backends.launcher import BARE_FLAGS
from grader.backends.runtime import EMPTY, RUNTIME_FLAGS
from grader.errors import SandboxError

REPOSITORY = "grader-sandbox"
LIBRARIES = ("pexpect", "ptyprocess")
_DRIVER_SUFFIXES = frozenset({".py", ".c", ".h"})  # and nothing that an editor left there


@dataclass(frozen=True)
class Sources:
    """The files of the build context, by their names in it."""

    files: tuple[tuple[str, bytes], ...]

    @cached_property
    def digest(self) -> str:
        """A SHA-256 of all names and contents."""
        total = hashlib.sha256()
        for name, content in self.files:
            total.update(f"{len(name)}:{name}{len(content)}:".encode())
            total.update(content)
        return total.hexdigest()

    @property
    def tag(self) -> str:
        """The name of the image that is made of them."""
        return f"{REPOSITORY}:{self.digest[:12]}"

    def context(self) -> bytes:
        """The build context as a tar archive; only root may read what lands in the image."""
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as archive:
            folders: set[str] = set()
            for name, content in self.files:
                for parent in reversed(Path(name).parents[:-1]):
                    if str(parent) not in folders:
                        folders.add(str(parent))
                        folder = tarfile.TarInfo(str(parent))
                        folder.type, folder.mode = tarfile.DIRTYPE, 0o700
                        archive.addfile(folder)
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(content), 0o600
                archive.addfile(member, io.BytesIO(content))
        return made.getvalue()


def sources(sandbox: Path) -> Sources:
    """What the image of a folder sandbox/ is made of. SandboxError where something is missing."""
    try:
        return Sources(tuple(sorted(_files(sandbox))))
    except OSError as error:
        raise SandboxError(f"the image cannot be put together: {error}") from None


def _files(sandbox: Path) -> Iterator[tuple[str, bytes]]:
    dockerfile = sandbox / "Dockerfile"
    if not dockerfile.is_file():
        raise SandboxError(f"{dockerfile}: the sandbox has no Dockerfile; copy the grader's own beside driver/")
    yield "Dockerfile", dockerfile.read_bytes()
    shared = Path(wire.__file__).parent
    for name in ("__init__.py", "trace.py", "wire.py"):
        yield f"opt/grader/{name}", (shared / name).read_bytes()
    yield from _tree(sandbox / "driver", "opt/driver", _DRIVER_SUFFIXES)
    for library in LIBRARIES:
        yield from _tree(_library(library), f"opt/{library}", frozenset({".py"}))
    # One argument a line: gcc reads it as a response file.
    yield "opt/launch.flags", "".join(f"{flag}\n" for flag in BARE_FLAGS).encode()
    yield "opt/runtime.flags", "".join(f"{flag}\n" for flag in RUNTIME_FLAGS).encode()
    yield "opt/runtime/empty/preinit.c", EMPTY.encode()
    yield from _tree(sandbox / "runtime", "opt/runtime", _DRIVER_SUFFIXES)


def _tree(folder: Path, name: str, suffixes: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.suffix in suffixes and path.is_file():
            yield f"{name}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _library(name: str) -> Path:
    """The folder of a pure Python package that the grader itself runs with, found without importing it."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise SandboxError(f"the package {name} is missing; install the grader again: pip install ipc-grader")
    return Path(next(iter(found.submodule_search_locations)))
