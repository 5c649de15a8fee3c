"""What a sandbox offers to the engine, whatever it is made of (docker, local, inplace)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from grader.wire import Observation, Plan


@dataclass(frozen=True)
class SandboxSettings:
    """What grader.yaml says of sandboxes. bind: more directories to show, read-only.

    driver: the folder that holds the driver package (sandbox/). tell: is told what takes long (building
    an image); nobody is where it is None.
    """

    driver: Path
    name: str = "auto"
    bind: tuple[str, ...] = ()
    jobs: int = 1
    options: Mapping[str, str] = field(default_factory=dict)
    tell: Callable[[str], None] | None = None


class Sandbox(Protocol):
    """One opened sandbox: for one submission, thrown away afterwards."""

    def run(self, plan: Plan) -> Iterator[Observation]:
        """Carry out a plan and yield what is observed as it comes; ends after Done.

        Raises SandboxError where the sandbox fails or sends something that is no observation.
        """
        ...

    def close(self) -> None:
        """Kill everything inside and forget it. May be called twice."""
        ...


class Backend(Protocol):
    """A kind of sandbox, as a plugin offers it. preference: `auto` takes the lowest usable one."""

    name: str
    preference: int

    @property
    def identity(self) -> str:
        """What exactly a submission runs in, for the report: the digest of an image; "" for this very system."""
        ...

    @property
    def caveats(self) -> str:
        """What it cannot defend here, in one line that is told once a run; "" for nothing."""
        ...

    def unusable(self) -> str:
        """Why it cannot be used here and what to do about it; "" if it can."""
        ...

    def open(self) -> Sandbox:
        """A fresh sandbox. Raises SandboxError."""
        ...

    def close(self) -> None:
        """Let go of everything that is shared between sandboxes."""
        ...
