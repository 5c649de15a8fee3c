"""grader sandbox: the image of the Docker sandbox, and what is on the engine."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import docker
from rich.console import Console
from rich.markup import escape

from grader.backends.docker import connection, image, owners
from grader.backends.docker.base import DEBOOTSTRAP, HOST
from grader.backends.docker.sources import sources
from grader.cli import emit
from grader.cli.common import course_option, open_course
from grader.model import SandboxSettings
from grader.submissions import printable

# Versions that decide what a compiler says and a program does.
_TELLING = re.compile(r"(gcc-\d+|libc6|python3\.\d+|binutils)$")


@click.group("sandbox")
def command() -> None:
    """The image of the Docker sandbox.

    It is built by itself when it is needed first; a course in CI builds it beforehand. The engine is the one
    that DOCKER_HOST names, by default this machine's.
    """


@command.command("build")
@click.option("--force", is_flag=True, help="Build even if the image is there, and use nothing of earlier builds.")
@click.option(
    "--base",
    metavar="REF",
    help=f"The image to build from; or `{HOST}`: the packages of this machine, or `{DEBOOTSTRAP}`. By default "
    "debian:bookworm-slim, and where no registry answers one of these two.",
)
@course_option
def build(force: bool, base: str | None, course_dir: Path | None) -> int:
    """Build the image in which submissions run. Exit status 0, or 3 where the engine or the build fails."""
    settings = open_course(course_dir).config.sandbox
    with contextlib.closing(connection.connect()) as client:
        wanted = sources(settings.driver)
        with _shown() as progress:
            built = image.build(client, wanted, progress, base=base, force=force)
        about = image.facts(client, built)
        emit(f"{wanted.tag} ({_megabytes(about.size)}, from {printable(about.base)})\n{about.id}\n")
    return 0


@command.command("status")
@course_option
def status(course_dir: Path | None) -> int:
    """Tell of the engine, the image and our containers. Exit status 0, or 3 where no engine answers."""
    settings = open_course(course_dir).config.sandbox
    with contextlib.closing(connection.connect()) as client:
        for what, told in (
            ("engine", _engine(client)),
            *_image(client, settings),
            *_containers(client),
        ):
            emit(f"{what:<11} {printable(told)}\n")
    return 0


@contextlib.contextmanager
def _shown() -> Iterator[Callable[[str], None]]:
    """Progress on standard error: at a terminal with a line that changes, elsewhere without the details."""
    if not sys.stderr.isatty():
        yield lambda line: None if line.startswith(" ") else click.echo(printable(line), err=True)
        return
    console = Console(stderr=True, highlight=False)
    with console.status("preparing") as status_line:

        def tell(line: str) -> None:
            if line.startswith(" "):
                status_line.update(escape(printable(line.strip()))[: console.width - 4])
            else:
                console.print(escape(printable(line)))

        yield tell


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _engine(client: docker.DockerClient) -> str:
    with connection.told("the engine does not answer"):
        version = client.version()
    kind = next((part["Name"] for part in version.get("Components") or ()), "Docker").removesuffix(" Engine")
    name = "Docker" if kind == "Engine" else kind
    return f"{name} {version['Version']} ({version['Os']}/{version['Arch']}) at {connection.address()}"


def _image(client: docker.DockerClient, settings: SandboxSettings) -> Iterator[tuple[str, str]]:
    if named := settings.options.get("image"):
        wanted, found = f"{named} (named by grader.yaml)", named
    else:
        made_of = sources(settings.driver)
        wanted, found = made_of.tag, image.find(client, made_of) or ""
    if not found:
        yield "image", f"{wanted} is not there; it is built when it is needed, or by: grader sandbox build"
        if why := image.obstacle(client):
            yield "", f"it cannot be built here: {why}"
        return
    about = image.facts(client, found)
    yield "image", f"{wanted}, {_megabytes(about.size)}, built {about.created.astimezone():%Y-%m-%d %H:%M}"
    yield "", about.id
    yield "base", about.base or "unknown"
    versions = [f"{name} {version}" for name, version in about.packages.items() if _TELLING.match(name)]
    yield "packages", ", ".join(versions) or "unknown"


def _containers(client: docker.DockerClient) -> Iterator[tuple[str, str]]:
    with connection.told("the engine cannot list containers"):
        held = owners.held(client)
    if not held:
        yield "containers", "none"
    for number, container in enumerate(held):
        left = "; its grader is gone, the next one removes it" if container.abandoned else ""
        yield "" if number else "containers", f"{container.id[:12]} {container.status}{left}"
