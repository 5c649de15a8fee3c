"""The image that the sandbox's image is built from: Debian from a registry, else one made on the spot.

A base that is made here is tagged with a digest of what it contains, so that it is made once.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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
_PIECE = 16 << 20  # progress is told so often

Progress = Callable[[str], None]


class UnavailableError(Exception):
    """A base cannot be had in this way; the message says why."""


@dataclass(frozen=True)
class Base:
    """reference: what FROM names. told: in words, where it is from. complete: nothing must be installed on top."""

    reference: str
    told: str
    complete: bool = False


def choose(client: docker.DockerClient, wanted: str | None, progress: Progress) -> Base:
    """A base that is on the engine afterwards. SandboxError with what to do where none can be had.

    wanted: an image, or `host` or `debootstrap`; by default the first of registry, host, debootstrap that works.
    """
    if wanted is not None:
        try:
            return _BY_NAME.get(wanted, _from_registry)(client, wanted, progress)
        except UnavailableError as error:
            raise SandboxError(f"no base can be had from {wanted}: {error}") from None
    reasons = []
    for name, make in ((REGISTRY, _from_registry), (HOST, _from_host), (DEBOOTSTRAP, _from_debootstrap)):
        try:
            return make(client, name, progress)
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
        client.images.get_registry_data(REGISTRY)
        return ""
    except ENGINE_ERRORS as error:
        return "; ".join([f"{REGISTRY} cannot be pulled: {reason(error)}", *reasons])


def _there(client: docker.DockerClient, reference: str) -> bool:
    try:
        client.images.get(reference)
    except ImageNotFound:
        return False
    return True


def _architecture(client: docker.DockerClient) -> str:
    return str(client.version().get("Arch", ""))


# --- from a registry ----------------------------------------------------------------------------


def _from_registry(client: docker.DockerClient, reference: str, progress: Progress) -> Base:
    with told(f"the engine cannot look for {reference}"):
        there = _there(client, reference)
    if not there:
        progress(f"asking the registry for {reference}")
        _pull(client, reference, progress)
    return Base(reference, reference, complete=reference.startswith(f"{MADE}:"))


def _pull(client: docker.DockerClient, reference: str, progress: Progress) -> None:
    """Pull in a thread: how long a registry that is cut off keeps the engine waiting is not ours to say."""
    answered = threading.Event()  # or failed
    ended = threading.Event()
    failures: list[str] = []

    def pull() -> None:
        try:
            name, _, tag = reference.rpartition(":") if ":" in reference.rpartition("/")[2] else (reference, "", "latest")
            name, tag = (reference, "") if "@" in reference else (name, tag)
            for message in client.api.pull(name, tag=tag or None, stream=True, decode=True):
                answered.set()
                if "error" in message:
                    failures.append(str(message["error"]))
                elif message.get("progress"):
                    progress(f"  {message['status']} {message.get('id', '')} {message['progress']}")
        except ENGINE_ERRORS as error:
            failures.append(reason(error))
        finally:
            ended.set()
            answered.set()

    threading.Thread(target=pull, daemon=True, name="grader-pull").start()
    if not answered.wait(PATIENCE):
        raise UnavailableError(f"the registry has not answered for {PATIENCE:.0f} s")
    ended.wait()
    if failures:
        raise UnavailableError(failures[0].removeprefix("Error response from daemon: "))


# --- from this machine's own packages -----------------------------------------------------------


def _from_host(client: docker.DockerClient, _name: str, progress: Progress) -> Base:
    with told("the engine fails"):
        architecture = _architecture(client)
    try:
        closure = packages.here(architecture)
    except packages.UnsuitableError as error:
        raise UnavailableError(str(error)) from None
    described = f"{len(closure.packages)} packages of this machine ({closure.system})"
    tag = closure.digest[:12]
    with told("the base cannot be made"):
        if not _there(client, f"{MADE}:{tag}"):
            progress(f"making a base on the spot from {described}, with gcc {closure.version('gcc')}")
            _import(client, tag, described, closure.stream(), progress)
    return Base(f"{MADE}:{tag}", described, complete=True)


def _import(client: docker.DockerClient, tag: str, described: str, pieces: Iterator[bytes], progress: Progress) -> None:
    """`docker import`, under a tag that tells what is in it."""
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


def _from_debootstrap(client: docker.DockerClient, _name: str, progress: Progress) -> Base:
    with told("the engine fails"):
        architecture = _architecture(client)
    _can_debootstrap(architecture)
    described = f"debootstrap {SUITE}"
    # What a mirror holds today is known only afterwards, so it is looked for by what was asked.
    asked = f"{described} {hashlib.sha256(repr((INCLUDED, archive.UNWANTED.pattern)).encode()).hexdigest()[:12]}"
    with told("the base cannot be made"):
        found = client.images.list(name=MADE, filters={"label": f"{LABEL}={asked}"})
    for image in found:
        if image.tags:
            return Base(image.tags[0], described, complete=True)
    with tempfile.TemporaryDirectory(prefix="grader-base-") as folder:
        root = os.path.join(folder, "root")
        _debootstrap(root, progress)
        listed = ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "-W", "-f", "${Package} ${Version}\n"]
        versions = subprocess.run(listed, capture_output=True, text=True, check=False).stdout
        tag = hashlib.sha256((asked + versions).encode()).hexdigest()[:12]
        with told("the base cannot be made"):
            _import(client, tag, asked, archive.stream(archive.tree(root), ()), progress)
    return Base(f"{MADE}:{tag}", described, complete=True)


def _debootstrap(root: str, progress: Progress) -> None:
    progress(f"making a base on the spot with debootstrap ({SUITE}); this takes one or two minutes")
    # In a mount namespace of its own: whatever becomes of it, no mount stays below what is removed afterwards.
    argv = ["unshare", "--mount", "--propagation", "private", "debootstrap", "--variant=minbase"]
    argv += [f"--include={','.join(INCLUDED)}", SUITE, root]
    said: list[str] = []
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line.strip())
            progress(f"  {line.strip()}")
    if process.returncode != 0:
        raise UnavailableError(f"debootstrap fails: {' / '.join(said[-3:])}")


_BY_NAME: dict[str, Callable[[docker.DockerClient, str, Progress], Base]] = {
    HOST: _from_host,
    DEBOOTSTRAP: _from_debootstrap,
}
