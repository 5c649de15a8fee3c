"""Builds the driver's launcher (sandbox/driver/launch.c, launch_here.c) once a machine and source version."""

from __future__ import annotations

import subprocess
from pathlib import Path

from grader.backends.cache import built, compiler
from grader.errors import SandboxError

# Without a C library: sandbox/driver/bare.h says why. No stack protector, for the library keeps its canary.
_BARE = ("-std=gnu17", "-O2", "-Wall", "-Wextra", "-ffreestanding", "-fno-stack-protector")
_LINKED = ("-nostdlib", "-nostartfiles", "-Wl,--build-id=none", "-Wl,-z,noexecstack")
BARE_FLAGS = (*_BARE, "-fno-pie", "-static", "-no-pie", *_LINKED)
_LIBRARY_FLAGS = (*_BARE, "-fPIC", "-fvisibility=hidden", "-shared", *_LINKED)


def launcher(driver: Path) -> tuple[Path, Path]:
    """The built launcher, as a program and as a library. driver: the folder sandbox/.

    Raises SandboxError where it cannot be built.
    """
    sources = driver / "driver"
    headers = [_text(part) for part in sorted(sources.glob("*.h"))]

    def made(name: str, flags: tuple[str, ...]) -> Path:
        source = sources / f"{name}.c"
        command = (compiler(), *flags)

        def make(target: Path) -> None:
            done = subprocess.run([*command, str(source), "-o", target], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SandboxError(f"the launcher does not compile: {done.stderr.strip()}")

        return built(name, [_text(source), *headers], command, make)

    return made("launch", BARE_FLAGS), made("launch_here", _LIBRARY_FLAGS)


def _text(source: Path) -> bytes:
    try:
        return source.read_bytes()
    except OSError as error:
        raise SandboxError(f"{source}: {error.strerror}") from None
