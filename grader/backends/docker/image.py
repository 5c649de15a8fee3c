"""The image of the sandbox: find the one that belongs to the present sources, build it, look into it.

`progress` is called with what is being done; a line that begins with a space is a detail of the step before.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import tarfile
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import docker
from docker.errors import ImageNotFound, NotFound

from grader.backends.docker import base as bases
from grader.backends.docker import owners
from grader.backends.docker.base import Progress
from grader.backends.docker.connection import ENGINE_ERRORS, told
from grader.backends.docker.sources import REPOSITORY, Sources
from grader.backends.launcher import cache_directory
from grader.errors import SandboxError

IMAGE_LABEL = "org.grader.image"
SOURCES_LABEL = "org.grader.sources"
BASE_LABEL = bases.LABEL
PACKAGES = "/opt/grader/packages"
KEPT_IMAGES = 2
_YOUNG = 3600.0  # seconds for which an image is left alone: another grader may be about to use it
_TAIL = 12  # lines of a failed step that are told
_SILENCE = 900  # seconds that a step of the build may say nothing


@dataclass(frozen=True)
class Facts:
    """What an image tells of itself. packages: name -> version."""

    id: str
    size: int
    created: datetime
    base: str
    architecture: str
    packages: Mapping[str, str] = field(default_factory=dict)


def find(client: docker.DockerClient, sources: Sources) -> str | None:
    """The id of the image of these sources (sha256:...), None where the engine has none. SandboxError."""
    with told(f"the engine cannot look for {sources.tag}"):
        try:
            image = client.images.get(sources.tag)
        except ImageNotFound:
            return None
        # Twelve digits of a digest are a name, not a proof.
        return image.id if image.labels.get(SOURCES_LABEL) == sources.digest else None


def obstacle(client: docker.DockerClient) -> str:
    """Why the image cannot be built here, "" where it probably can. May take seconds where it cannot."""
    return bases.obstacle(client)


def build(
    client: docker.DockerClient,
    sources: Sources,
    progress: Progress,
    *,
    base: str | None = None,
    force: bool = False,
) -> str:
    """The id of the image of these sources, built where it is not there. SandboxError.

    base: an image to build from, or `host` or `debootstrap`; otherwise the first that can be had.
    force: build even if it is there, and the base too, without what the engine kept of earlier builds.
    """
    with _alone(progress):
        if not force and base is None and (found := find(client, sources)) is not None:
            return found
        chosen = bases.choose(client, base, progress, force=force)
        progress(f"building {sources.tag} from {chosen.told}")
        _build(client, sources, chosen, progress, force=force)
        made = find(client, sources)
        if made is None:
            raise SandboxError(f"the engine built {sources.tag} and does not have it")
        prune(client, made)
        return made


def _build(client: docker.DockerClient, sources: Sources, base: bases.Base, progress: Progress, *, force: bool) -> None:
    step, said = "", deque[str](maxlen=_TAIL)
    with told("the image cannot be built"):
        for message in client.api.build(
            fileobj=io.BytesIO(sources.context()),
            custom_context=True,
            tag=sources.tag,
            buildargs={"BASE": base.reference, "BASE_TOLD": base.told},
            labels={SOURCES_LABEL: sources.digest},
            network_mode="none" if base.complete else None,
            nocache=force,
            rm=True,
            forcerm=True,
            decode=True,
            timeout=_SILENCE,
        ):
            if "error" in message:
                raise SandboxError(_failure(step, str(message["error"]), said))
            for line in str(message.get("stream") or message.get("status") or "").splitlines():
                if line.upper().startswith("STEP "):  # podman writes it in capitals
                    step = line.partition(": ")[2]
                    said.clear()
                    progress(_short(line))
                elif line.strip():
                    said.append(line.rstrip())
                    progress(f"  {line.strip()}")


def _short(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= 72 else f"{line[:70]}..."


def _failure(step: str, error: str, said: deque[str]) -> str:
    """Which step failed, how, and the end of what it said."""
    shown = "".join(f"\n  {line}" for line in said if not line.startswith(" --->"))
    code = error.rpartition("returned a non-zero code: ")[2] if "non-zero code" in error else ""
    how = f"exit status {code}" if code else error
    where = f"the step `{_short(step)}` failed" if step else "it failed"
    return f"the image cannot be built: {where}: {how}{shown}"


@contextlib.contextmanager
def _alone(progress: Progress) -> Iterator[None]:
    """One build at a time of all graders of this user; where no lock can be had they may do the same work twice."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            folder = cache_directory()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(folder / "docker-build.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            stack.callback(os.close, lock)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress("another grader is building; waiting for it")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- afterwards ---------------------------------------------------------------------------------


def prune(client: docker.DockerClient, keep: str) -> tuple[str, ...]:
    """Remove old images and bases of ours; the ids of those that were removed. Errors are not told: it is only tidying.

    Only what carries our label and no name but ours; never `keep`, the newest ones of each name, one that was
    made within the hour, or one that a container or another image uses (that the engine refuses by itself).
    """
    removed: list[str] = []
    with contextlib.suppress(*ENGINE_ERRORS):
        used = {container["ImageID"] for container in client.api.containers(all=True)}
        for label, repository in ((f"{IMAGE_LABEL}=1", REPOSITORY), (BASE_LABEL, bases.MADE)):
            found: list[dict[str, Any]] = client.api.images(filters={"label": label})
            for image in _superfluous(found, repository):
                if image["Id"] != keep and image["Id"] not in used:
                    with contextlib.suppress(*ENGINE_ERRORS):
                        client.api.remove_image(image["Id"])
                        removed.append(str(image["Id"]))
    return tuple(removed)


def _superfluous(images: list[dict[str, Any]], repository: str) -> list[dict[str, Any]]:
    """Of images with our label: unnamed ones, and all but the newest of those that only we have named."""
    named, unnamed = [], []
    for image in sorted(images, key=lambda image: int(image["Created"]), reverse=True):
        names = [name for name in image["RepoTags"] or () if name != "<none>:<none>"]
        if not names:
            unnamed.append(image)
        elif len(names) == 1 and names[0].startswith(f"{repository}:"):
            named.append(image)
    return [image for image in (*named[KEPT_IMAGES:], *unnamed) if time.time() - image["Created"] > _YOUNG]


def facts(client: docker.DockerClient, image: str) -> Facts:
    """What an image tells of itself. SandboxError."""
    with told(f"the engine cannot describe {image}"):
        about: dict[str, Any] = client.images.get(image).attrs
        labels = about["Config"].get("Labels") or {}
        return Facts(
            id=about["Id"],
            size=int(about["Size"]),
            created=_moment(about["Created"]),
            base=labels.get(BASE_LABEL, ""),
            architecture=about["Architecture"],
            packages=_packages(client, about["Id"]),
        )


def _moment(text: str) -> datetime:
    """`2026-11-23T03:41:44.123456789Z`: more digits than fromisoformat takes."""
    return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)


def _packages(client: docker.DockerClient, image: str) -> dict[str, str]:
    """The list of versions in the image, read by way of a container that is never started."""
    made = client.api.create_container(image, command=["true"], labels=owners.labels(), network_disabled=True)
    try:
        pieces, _ = client.api.get_archive(made["Id"], PACKAGES)
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
            content = archive.extractfile(archive.getmembers()[0])
            text = content.read().decode() if content is not None else ""
    except NotFound:
        return {}
    finally:
        client.api.remove_container(made["Id"], force=True)
    return {name: version for name, _, version in (line.partition(" ") for line in text.splitlines())}
