"""The `docker` sandbox: a container for each submission, on any engine that DOCKER_HOST reaches.

The same driver as in every sandbox runs inside, as the container's first process (driver/contained.py); plans
and observations go over the attach stream. Nothing is mounted from this machine and no pid or descriptor
crosses over, so the engine may be anywhere. sandbox/README.md tells the whole story.
"""

from __future__ import annotations

import importlib
import os
import stat
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import SandboxError
from grader.hookspecs import hookimpl
from grader.model import Backend, SandboxSettings
from grader.wire import Observation, Plan

if TYPE_CHECKING:
    from grader.backends.docker.operation import Operation

_SOCKET = "/var/run/docker.sock"


@hookimpl
def grader_backends(settings: SandboxSettings) -> Iterable[Backend]:
    """Offer the Docker sandbox."""
    return [DockerBackend(settings)]


class DockerBackend:
    """Containers. What needs docker-py lies in operation.py, and is imported when an engine is likely."""

    name = "docker"
    preference = 10
    caveats = ""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._operation: Operation | None = None
        self._verdict: str | None = None

    @property
    def identity(self) -> str:
        """The image that submissions run in (see grader.model.Backend)."""
        return self._operation.image if self._operation is not None else ""

    def unusable(self) -> str:
        """Start a container for real, with an image that is built for it if need be."""
        with self._lock:
            if self._verdict is None:
                try:
                    self._operation = self._begin()
                    self._verdict = ""
                except SandboxError as error:
                    self._verdict = str(error)
            return self._verdict

    def _begin(self) -> Operation:
        if absent := no_engine():
            raise SandboxError(absent)
        module: Any = importlib.import_module("grader.backends.docker.operation")
        operation: Operation = module.Operation(self._settings)
        return operation

    def open(self) -> DockerSandbox:
        """A container of its own."""
        if reason := self.unusable():
            raise SandboxError(reason)
        assert self._operation is not None
        return DockerSandbox(self._operation)

    def close(self) -> None:
        """Remove all that is left of ours."""
        with self._lock:
            operation, self._operation, self._verdict = self._operation, None, None
        if operation is not None:
            operation.close()


class DockerSandbox:
    """A container that was taken from the pool."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._container = operation.take()
        self._closed = False

    def run(self, plan: Plan) -> Iterator[Observation]:
        """See grader.model.Sandbox."""
        return self._container.run(plan)

    def close(self) -> None:
        """See grader.model.Sandbox."""
        if not self._closed:
            self._closed = True
            self._operation.pool.discard(self._container)


def no_engine() -> str:
    """Why there is certainly no engine, told without docker-py; "" where it is worth asking."""
    if os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT"):
        return ""
    config = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    if config.exists():
        return ""  # it may name a context
    advice = "start Docker's engine, or name one in DOCKER_HOST"
    try:
        if not stat.S_ISSOCK(os.stat(_SOCKET).st_mode):
            return f"{_SOCKET} is no socket; {advice}"
    except OSError:
        return f"no Docker engine: there is no {_SOCKET}; {advice}"
    if not os.access(_SOCKET, os.R_OK | os.W_OK):
        return f"this user may not use {_SOCKET} (is it in the group docker?); {advice}"
    return ""
