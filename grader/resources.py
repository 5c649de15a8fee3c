"""Where the files lie that belong to the grader itself: the bundled course, and the driver."""

from __future__ import annotations

from pathlib import Path

from grader.errors import GraderError

_PACKAGE = Path(__file__).resolve().parent


def bundled() -> Path:
    """The course that comes with the grader: inside of the installed package, or the repository."""
    for folder in (_PACKAGE / "bundled", _PACKAGE.parent):
        if (folder / "sandbox").is_dir() and (folder / "exercises").is_dir():
            return folder
    raise GraderError(
        f"{_PACKAGE}: the bundled sandbox and exercises are missing; install the grader again: "
        "pip install --force-reinstall ipc-grader"
    )


def sandbox_dir() -> Path:
    """The folder that holds the driver package."""
    return bundled() / "sandbox"
