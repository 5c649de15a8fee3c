"""Reaching the engine, and telling in one sentence why it cannot be reached or refuses."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import docker
from docker.errors import APIError, DockerException
from urllib3.exceptions import HTTPError

from grader.errors import SandboxError

# What docker-py raises: its own, those of requests (all of them are OSError) and, in streams, of urllib3.
ENGINE_ERRORS = (DockerException, HTTPError, OSError)


SOCKET = "/var/run/docker.sock"


def address() -> str:
    """Where the engine is looked for: DOCKER_HOST, else the docker CLI's context, else the usual socket."""
    return os.environ.get("DOCKER_HOST") or _of_context() or f"unix://{SOCKET}"


def _of_context() -> str:
    """The endpoint that `docker context use` has chosen; "" for the default one."""
    with contextlib.suppress(OSError, ValueError, DockerException):
        file = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker", "config.json")
        name = os.environ.get("DOCKER_CONTEXT") or json.loads(file.read_text(encoding="utf-8")).get("currentContext")
        context = docker.ContextAPI.get_context(name) if name and name != "default" else None
        return str(context.Host) if context is not None and context.Host else ""
    return ""


def connect(timeout: int = 60) -> docker.DockerClient:
    """A client of the engine at DOCKER_HOST, which has answered. SandboxError with what to do where none does.

    timeout: seconds that one request may keep silent.
    """
    try:
        _knock(address(), timeout)
        client = docker.from_env(timeout=timeout, environment={**os.environ, "DOCKER_HOST": address()})
        client.ping()
        return client
    except ENGINE_ERRORS as error:
        raise SandboxError(_unreachable(str(error))) from None


def _knock(where: str, timeout: int) -> None:
    """Try a socket of this machine ourselves: docker-py leaves its own open where nobody answers."""
    if where.startswith("unix://"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
            tried.settimeout(timeout)
            tried.connect(where.removeprefix("unix://"))


def _unreachable(why: str) -> str:
    where = address()
    if "Permission" in why or "Errno 13" in why:
        return (
            f"the Docker engine at {where} may not be used by this user: permission denied "
            "(`sudo usermod -aG docker $USER`, then log in again; or use --sandbox local)"
        )
    if "Errno 2]" in why or "No such file" in why:
        why = "there is no such socket"
    elif "refused" in why:
        why = "connection refused"
    return f"no Docker engine answers at {where}: {why} (start it, or name one with DOCKER_HOST)"


@contextlib.contextmanager
def told(doing: str) -> Iterator[None]:
    """Errors of the engine become a SandboxError that begins with what was being done."""
    try:
        yield
    except ENGINE_ERRORS as error:
        raise SandboxError(f"{doing}: {reason(error)}") from error


def is_gone(error: SandboxError) -> bool:
    """Did the engine stop answering, rather than refuse something? For errors that `told` has told."""
    return isinstance(error.__cause__, ENGINE_ERRORS) and not isinstance(error.__cause__, APIError)


def reason(error: BaseException) -> str:
    """What the engine said, without docker-py's trimmings."""
    said = str(error.explanation if isinstance(error, APIError) and error.explanation else error)
    if "RemoteDisconnected" in said or "Connection reset" in said:
        return "the engine closed the connection (was it stopped?)"
    return " ".join(said.split())
