"""Builds the driver's launcher (sandbox/driver/launch.c) once a machine and source version."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from grader.errors import SandboxError

# Without a C library: sandbox/driver/bare.h says why. No stack protector, for the library keeps its canary.
BARE_FLAGS = (
    *("-std=gnu17", "-O2", "-Wall", "-Wextra", "-ffreestanding", "-fno-stack-protector", "-fno-pie"),
    *("-static", "-no-pie", "-nostdlib", "-nostartfiles", "-Wl,--build-id=none", "-Wl,-z,noexecstack"),
)


def cache_directory() -> Path:
    """Where built things are kept between runs: $XDG_CACHE_HOME/grader, by default ~/.cache/grader."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "grader"


def launcher(driver: Path) -> Path:
    """The built launcher. driver: the folder sandbox/. Raises SandboxError where it cannot be built."""
    source = driver / "driver" / "launch.c"
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise SandboxError("the local sandbox needs a C compiler (Debian, Ubuntu: apt install gcc libc6-dev)")
    parts = [part.read_bytes() for part in (source, *sorted(source.parent.glob("*.h")))]
    digest = hashlib.sha256(b"".join(parts) + repr((compiler, BARE_FLAGS)).encode()).hexdigest()[:16]
    name = f"launch-{digest}"
    for folder in (cache_directory(), Path(tempfile.gettempdir()) / f"grader-{os.geteuid()}"):
        target = folder / name
        if _trusted(target):
            return target
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _writable_by_others(folder):
                continue
            return _compile(compiler, source, target)
        except OSError:
            continue
    raise SandboxError(f"the launcher can be kept neither in {cache_directory()} nor in the temporary directory")


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


def _compile(compiler: str, source: Path, target: Path) -> Path:
    """Compile beside the target and rename, so that several graders can do it at once."""
    descriptor, partial = tempfile.mkstemp(dir=target.parent, prefix=".launch-")
    os.close(descriptor)
    try:
        command = [compiler, *BARE_FLAGS, str(source), "-o", partial]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise SandboxError(f"the launcher does not compile: {made.stderr.strip()}")
        os.chmod(partial, 0o755)  # noqa: S103
        os.replace(partial, target)
    finally:
        Path(partial).unlink(missing_ok=True)
    return target
