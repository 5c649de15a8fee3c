"""Errors that end a command, each with the exit status that house.md gives it.

Messages are lower-case sentences that name the place and the fix. `grader.cli.main` is the one
place that turns them into exit statuses.
"""

from __future__ import annotations


class GraderError(Exception):
    """Base. exit_status: what the command exits with."""

    exit_status = 3


class UsageError(GraderError):
    """The command line, a path or a submission cannot be used as given."""

    exit_status = 2


class SpecError(GraderError):
    """An exercise or grader.yaml is wrong. problems: one `path:line: what; what was meant` each."""

    exit_status = 2

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class PluginError(GraderError):
    """A plugin cannot be loaded, or does not fit the hooks."""

    exit_status = 2


class SandboxError(GraderError):
    """The sandbox failed: ours, no grade is given."""

    exit_status = 3


class InternalError(GraderError):
    """A check, a report or the engine raised: ours, no grade is given."""

    exit_status = 3
