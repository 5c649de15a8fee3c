"""What is built once a machine and source version, and kept: the launcher, the runtime of traced builds."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from grader.errors import SandboxError


def cache_directory() -> Path:
    """Where built things are kept between runs: $XDG_CACHE_HOME/grader, by default ~/.cache/grader."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "grader"


def compiler() -> str:
    """This machine's C compiler. Raises SandboxError where there is none."""
    found = shutil.which("gcc") or shutil.which("cc")
    if found is None:
        raise SandboxError("the local sandbox needs a C compiler (Debian, Ubuntu: apt install gcc libc6-dev)")
    return found


def built(what: str, sources: Iterable[bytes], how: object, make: Callable[[Path], None]) -> Path:
    """A file that was made of these sources, how being the command; `make` makes it where it is not there yet.

    It is made beside its place and then renamed, so that several graders can do it at once. Raises SandboxError.
    """
    digest = hashlib.sha256(b"".join(sources) + repr(how).encode()).hexdigest()[:16]
    name = f"{what}-{digest}"
    for folder in (cache_directory(), Path(tempfile.gettempdir()) / f"grader-{os.geteuid()}"):
        target = folder / name
        if _trusted(target):
            return target
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _writable_by_others(folder):
                continue
            return _made(target, make)
        except OSError:
            continue
    raise SandboxError(f"the {what} can be kept neither in {cache_directory()} nor in the temporary directory")


def _trusted(path: Path) -> bool:
    """It is there, is ours (or root's), and nobody else can have changed it."""
    try:
        about = path.lstat()
    except OSError:
        return False
    return about.st_uid in (0, os.geteuid()) and not about.st_mode & 0o022 and os.access(path, os.X_OK)


def _writable_by_others(folder: Path) -> bool:
    about = folder.lstat()
    return about.st_uid != os.geteuid() or bool(about.st_mode & 0o022)


def _made(target: Path, make: Callable[[Path], None]) -> Path:
    descriptor, partial = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    os.close(descriptor)
    try:
        make(Path(partial))
        os.chmod(partial, 0o755)  # noqa: S103
        os.replace(partial, target)
    finally:
        Path(partial).unlink(missing_ok=True)
    return target
