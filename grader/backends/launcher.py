"""Builds the driver's launcher (sandbox/driver/launch.c) once a machine and source version."""

from __future__ import annotations

import subprocess
from pathlib import Path

from grader.backends.cache import built, compiler
from grader.errors import SandboxError

# Without a C library: sandbox/driver/bare.h says why. No stack protector, for the library keeps its canary.
BARE_FLAGS = (
    *("-std=gnu17", "-O2", "-Wall", "-Wextra", "-ffreestanding", "-fno-stack-protector", "-fno-pie"),
    *("-static", "-no-pie", "-nostdlib", "-nostartfiles", "-Wl,--build-id=none", "-Wl,-z,noexecstack"),
)


def launcher(driver: Path) -> Path:
    """The built launcher. driver: the folder sandbox/. Raises SandboxError where it cannot be built."""
    source = driver / "driver" / "launch.c"
    command = (compiler(), *BARE_FLAGS)

    def make(target: Path) -> None:
        made = subprocess.run([*command, str(source), "-o", target], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise SandboxError(f"the launcher does not compile: {made.stderr.strip()}")

    parts = [part.read_bytes() for part in (source, *sorted(source.parent.glob("*.h")))]
    return built("launch", parts, command, make)
