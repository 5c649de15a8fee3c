"""The image that the sandbox's image is built from: Debian from a registry, else one made on the spot.

A base that is made here is tagged with a digest of what it contains, so that it is made once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeVar

import docker
from docker.errors import ImageNotFound

from grader.backends.docker import archive, packages
from grader.backends.docker.connection import ENGINE_ERRORS, reason, told
from grader.errors import SandboxError

REGISTRY = "debian:bookworm-slim"
HOST = "host"
DEBOOTSTRAP = "debootstrap"
MADE = "grader-base"
LABEL = "org.grader.base"
SUITE = "bookworm"
INCLUDED = ("binutils", "gcc", "libc6-dev", "procps", "python3", "util-linux")
PATIENCE = 8.0  # seconds in which a registry must have begun to answer
STALLED = 60.0  # seconds that it may be silent afterwards
_PIECE = 16 << 20  # progress is told so often

Progress = Callable[[str], None]
T = TypeVar("T")


class UnavailableError(Exception):
    """A base cannot be had in this way; the message says why."""


@dataclass(frozen=True)
class Base:
    """reference: what FROM names. told: in words, where it is from. complete: nothing must be installed on top."""

    reference: str
    told: str
    complete: bool = False


def choose(client: docker.DockerClient, wanted: str | None, progress: Progress, *, force: bool = False) -> Base:
    """A base that is on the engine afterwards. SandboxError with what to do where none can be had.

    wanted: an image, or `host` or `debootstrap`; by default the first of registry, host, debootstrap that is
    there already, else the first that can be had. force: what is there already does not count.
    """
    ways: Mapping[str, _Way] = {HOST: _Host(client), DEBOOTSTRAP: _Debootstrap(client)}
    with told("the base cannot be made"):
        if wanted is not None:
            way = ways.get(wanted) or _Registry(client, wanted)
            try:
                return (None if force else way.present()) or way.make(progress)
            except UnavailableError as error:
                raise SandboxError(f"no base can be had from {wanted}: {error}") from None
        return _first({REGISTRY: _Registry(client, REGISTRY), **ways}, progress, force=force)


def _first(ways: Mapping[str, _Way], progress: Progress, *, force: bool) -> Base:
    for way in () if force else ways.values():
        with contextlib.suppress(UnavailableError):
            if (found := way.present()) is not None:
                return found
    reasons = []
    for name, way in ways.items():
        try:
            return way.make(progress)
        except UnavailableError as error:
            reasons.append(f"{name}: {error}")
            progress(f"no base from {name}: {error}")
    raise SandboxError(
        f"there is no base to build the image from ({'; '.join(reasons)}); make a registry reachable, build on a "
        "Debian or Ubuntu with gcc and python3, or name an image that the engine has: grader sandbox build --base REF"
    )


def obstacle(client: docker.DockerClient) -> str:
    """Why no base can be had, "" where one can; makes nothing, and asks a registry only if all else fails."""
    with told("the engine fails"):
        if _there(client, REGISTRY):
            return ""
        architecture = _architecture(client)
    reasons = []
    for look in (lambda: packages.here(architecture), lambda: _can_debootstrap(architecture)):
        try:
            look()
            return ""
        except (packages.UnsuitableError, UnavailableError) as error:
            reasons.append(str(error))
    try:
        for _ in _patiently(lambda: [client.images.get_registry_data(REGISTRY)]):
            pass
        return ""
    except UnavailableError as error:
        return "; ".join([f"{REGISTRY} cannot be pulled: {error}", *reasons])


def _there(client: docker.DockerClient, reference: str) -> bool:
    try:
        client.images.get(reference)
    except ImageNotFound:
        return False
    return True


def _architecture(client: docker.DockerClient) -> str:
    return str(client.version().get("Arch", ""))


class _Way(Protocol):
    """One way to come by a base. Both raise UnavailableError."""

    def present(self) -> Base | None:
        """The base, where it is on the engine already."""
        ...

    def make(self, progress: Progress) -> Base:
        """The base, which is on the engine afterwards."""
        ...


# --- from a registry ----------------------------------------------------------------------------


class _Registry:
    """An image with a name: the engine has it, or pulls it."""

    def __init__(self, client: docker.DockerClient, reference: str) -> None:
        self._client = client
        self._base = Base(reference, reference, complete=reference.startswith(f"{MADE}:"))

    def present(self) -> Base | None:
        return self._base if _there(self._client, self._base.reference) else None

    def make(self, progress: Progress) -> Base:
        progress(f"asking the registry for {self._base.reference}")
        try:
            _pull(self._client, self._base.reference, progress)
        except UnavailableError:
            if self.present() is None:
                raise
        return self._base


def _pull(client: docker.DockerClient, reference: str, progress: Progress) -> None:
    for message in _patiently(lambda: client.api.pull(reference, stream=True, decode=True)):
        if "error" in message:
            raise UnavailableError(str(message["error"]))
        if message.get("progress"):
            progress(f"  {message['status']} {message.get('id', '')} {message['progress']}")


def _patiently(request: Callable[[], Iterable[T]]) -> Iterator[T]:
    """What a request about a registry yields. How long one that is cut off keeps the engine is not ours to say,
    so a thread waits for it, and is left to itself where it waits too long.
    """
    answers: queue.SimpleQueue[T | str | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            for answer in request():
                answers.put(answer)
            answers.put(None)
        except ENGINE_ERRORS as error:
            answers.put(reason(error))

    threading.Thread(target=ask, daemon=True, name="grader-registry").start()
    patience = PATIENCE
    while True:
        try:
            answer = answers.get(timeout=patience)
        except queue.Empty:
            raise UnavailableError(f"the registry has said nothing for {patience:.0f} s") from None
        if answer is None:
            return
        if isinstance(answer, str):
            raise UnavailableError(answer)
        yield answer
        patience = STALLED


# --- from this machine's own packages -----------------------------------------------------------


class _Host:
    """What packages.py finds, under a tag that is known beforehand."""

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client

    def present(self) -> Base | None:
        base, _ = self._known
        return base if _there(self._client, base.reference) else None

    def make(self, progress: Progress) -> Base:
        base, closure = self._known
        progress(f"making a base on the spot from {base.told}, with gcc {closure.version('gcc')}")
        _import(self._client, base.reference, base.told, closure.stream(), progress)
        return base

    @cached_property
    def _known(self) -> tuple[Base, packages.Closure]:
        try:
            closure = packages.here(_architecture(self._client))
        except packages.UnsuitableError as error:
            raise UnavailableError(str(error)) from None
        described = f"{len(closure.packages)} packages of this machine ({closure.system})"
        return Base(f"{MADE}:{closure.digest[:12]}", described, complete=True), closure


def _import(
    client: docker.DockerClient, reference: str, described: str, pieces: Iterator[bytes], progress: Progress
) -> None:
    """`docker import`."""
    _, _, tag = reference.partition(":")
    said = client.api.import_image_from_data(
        _counted(pieces, progress), repository=MADE, tag=tag, changes=[f"LABEL {LABEL}={json.dumps(described)}"]
    )
    for line in str(said).splitlines():
        document = json.loads(line)
        if "error" in document:
            raise SandboxError(f"the base cannot be made: {document['error']}")


def _counted(pieces: Iterator[bytes], progress: Progress) -> Iterator[bytes]:
    sent, next_told = 0, _PIECE
    for piece in pieces:
        yield piece
        sent += len(piece)
        if sent >= next_told:
            progress(f"  {sent / 1e6:.0f} MB sent")
            next_told = sent + _PIECE


# --- by debootstrap -----------------------------------------------------------------------------


def _can_debootstrap(architecture: str) -> None:
    if shutil.which("debootstrap") is None or shutil.which("unshare") is None:
        raise UnavailableError("debootstrap is not installed (apt install debootstrap)")
    if os.geteuid() != 0:
        raise UnavailableError("debootstrap needs root")
    own = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    if own != architecture:
        raise UnavailableError(f"this machine is {own}, the engine {architecture}")


class _Debootstrap:
    """What a mirror holds is known only afterwards, so a base is looked for by what was asked."""

    _told = f"debootstrap {SUITE}"

    def __init__(self, client: docker.DockerClient) -> None:
        self._client = client
        recipe = repr((INCLUDED, archive.UNWANTED.pattern)).encode()
        self._asked = f"{self._told} {hashlib.sha256(recipe).hexdigest()[:12]}"

    def present(self) -> Base | None:
        found = self._client.images.list(name=MADE, filters={"label": f"{LABEL}={self._asked}"})
        return next((Base(image.tags[0], self._told, complete=True) for image in found if image.tags), None)

    def make(self, progress: Progress) -> Base:
        _can_debootstrap(_architecture(self._client))
        with tempfile.TemporaryDirectory(prefix="grader-base-") as folder:
            root = os.path.join(folder, "root")
            _debootstrap(root, progress)
            listed = ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", "${Package} ${Version}\n"]
            versions = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
            reference = f"{MADE}:{hashlib.sha256((self._asked + versions).encode()).hexdigest()[:12]}"
            _import(self._client, reference, self._asked, archive.stream(archive.tree(root), ()), progress)
        return Base(reference, self._told, complete=True)


def _debootstrap(root: str, progress: Progress) -> None:
    progress(f"making a base on the spot with debootstrap ({SUITE}); this takes one or two minutes")
    # In a mount namespace of its own: whatever becomes of it, no mount stays below what is removed afterwards.
    argv = ["unshare", "--mount", "--propagation", "private", "debootstrap", "--variant=minbase"]
    argv += [f"--include={','.join(INCLUDED)}", SUITE, root]
    said: list[str] = []
    output = subprocess.PIPE
    with subprocess.Popen(argv, stdout=output, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.strip())
            progress(f"  {line.strip()}")
    if process.returncode != 0:
        raise UnavailableError(f"debootstrap fails: {' / '.join(said[-3:])}")
