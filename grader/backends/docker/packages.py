"""The packages of this machine, as far as the image needs them: a base without registry and without network.

Where the grader runs on a Debian or one of its descendants, the compiler that students are told about is
installed already. The closure of a few packages is worked out as dpkg knows it, and their files are copied.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.backends.docker import archive

ROOTS = (
    *("gcc", "libc6-dev", "binutils", "python3"),
    # what is in every Debian, and in debian:bookworm-slim
    *("base-files", "bash", "coreutils", "dash", "debianutils", "diffutils", "findutils", "grep", "hostname"),
    *("libc-bin", "mawk", "ncurses-base", "sed", "util-linux"),
    "procps",
)
# Needed by what installs and configures packages, not by what they do.
NOT_FOLLOWED = frozenset(
    (
        *("debconf", "dpkg", "init-system-helpers", "install-info", "login", "lsb-base", "media-types"),
        *("perl-base", "tzdata"),
    )
)
OLDEST_PYTHON = (3, 11)
_LAYOUT = "1"  # part of the digest: change it where the same packages are to make another base
_DPKG = Path("/var/lib/dpkg/info")
_FORMAT = "${Package}\t${Architecture}\t${Version}\t${db:Status-Status}\t${Pre-Depends},${Depends}\t${Provides}\n"
# Configuration is the administrator's own business; only this of it goes into an image.
_ETC = re.compile(r"/etc(/(debian_version|os-release|ld\.so\.conf(\.d(/.*)?)?|python3[^/]*(/.*)?))?$")


class UnsuitableError(Exception):
    """This machine's packages cannot make a base; the message says why."""


@dataclass(frozen=True)
class Package:
    """An installed package. needs: groups of names, one of each group is needed."""

    name: str
    architecture: str
    version: str
    needs: tuple[tuple[str, ...], ...] = ()
    provides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Closure:
    """The packages that a base is made of, sorted by name."""

    packages: tuple[Package, ...]
    system: str

    @property
    def versions(self) -> str:
        """One package and its version a line."""
        return "".join(f"{package.name} {package.version}\n" for package in self.packages)

    @property
    def digest(self) -> str:
        """Names what a base of these packages contains."""
        told = [f"{package.name} {package.architecture} {package.version}" for package in self.packages]
        return hashlib.sha256("\n".join([_LAYOUT, archive.UNWANTED.pattern, *told]).encode()).hexdigest()

    def version(self, name: str) -> str:
        """Of a package, "" where it is none of them."""
        return next((package.version for package in self.packages if package.name == name), "")

    def stream(self) -> Iterator[bytes]:
        """The base as a tar archive."""
        files = _files(self.packages)
        return archive.stream(sorted(files.items()), self._additions(files))

    def _additions(self, files: Mapping[str, str]) -> Iterator[archive.MadeMember]:
        """What the packages' own scripts would have made, and the list of versions."""
        yield archive.made("/etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
        yield archive.made("/etc/group", b"root:x:0:\n")
        yield archive.made("/etc/nsswitch.conf", b"passwd: files\ngroup: files\nhosts: files dns\n")
        yield archive.made("/opt/grader", mode=0o700, folder=True)
        yield archive.made("/opt/grader/packages", self.versions.encode(), 0o600)
        if not {"/usr/bin/sh", "/bin/sh"} & set(files):
            yield archive.made("/usr/bin/sh", link="dash", mode=0o777)


def here(architecture: str) -> Closure:
    """The closure on this machine for an engine of that architecture (Docker's name). UnsuitableError."""
    if sys.platform != "linux" or shutil.which("dpkg-query") is None:
        raise UnsuitableError("this machine is no Debian or Ubuntu")
    own = _output("dpkg", "--print-architecture").strip()
    if own != {"x86_64": "amd64", "aarch64": "arm64"}.get(architecture, architecture):
        raise UnsuitableError(f"this machine is {own}, the engine {architecture}")
    packages = closure(parse(_output("dpkg-query", "-W", "-f", _FORMAT), own))
    made = Closure(packages, _system())
    if tuple(int(part) for part in re.findall(r"\d+", made.version("python3"))[:2]) < OLDEST_PYTHON:
        raise UnsuitableError(f"its python3 is {made.version('python3')}, and the driver needs 3.11")
    return made


def _output(*argv: str) -> str:
    try:
        environment = {**os.environ, "LC_ALL": "C"}
        return subprocess.run(argv, capture_output=True, text=True, check=True, env=environment).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnsuitableError(f"{argv[0]} fails: {error}") from None


def _system() -> str:
    """What this system calls itself."""
    try:
        told = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return "Debian"
    found = re.search(r'^PRETTY_NAME="?([^"\n]*)', told, re.MULTILINE)
    return found[1] if found else "Debian"


def parse(listing: str, architecture: str) -> dict[str, Package]:
    """What `dpkg-query -W` printed, by name: installed packages of one architecture."""
    known = {}
    for line in listing.splitlines():
        name, arch, version, status, needs, provides = line.split("\t")
        if status == "installed" and arch in (architecture, "all"):
            groups = tuple(tuple(map(_name, group.split("|"))) for group in needs.split(",") if group.strip())
            given = tuple(_name(item) for item in provides.split(",") if item.strip())
            known[name] = Package(name, arch, version, groups, given)
    return known


def _name(relation: str) -> str:
    """`libc6:any (>= 2.34)` -> `libc6`."""
    return re.split(r"[ (:\[]", relation.strip(), maxsplit=1)[0]


def closure(known: Mapping[str, Package], roots: Iterable[str] = ROOTS) -> tuple[Package, ...]:
    """The roots with all that they need, sorted. UnsuitableError where a root is not installed."""
    providers = {given: package.name for package in known.values() for given in package.provides}
    missing = [name for name in roots if name not in known and name not in providers]
    if missing:
        raise UnsuitableError(f"not installed here: {', '.join(missing)} (apt install {' '.join(missing)})")
    found: set[str] = set()
    todo = [name if name in known else providers[name] for name in roots]
    while todo:
        name = todo.pop()
        if name in found or name in NOT_FOLLOWED:
            continue
        found.add(name)
        for group in known[name].needs:
            present = [other if other in known else providers.get(other, "") for other in group]
            # A need that nothing installed meets was forced by the administrator.
            todo += [next(filter(None, present))] if any(present) else []
    return tuple(known[name] for name in sorted(found))


def _files(packages: Iterable[Package]) -> dict[str, str]:
    """Name in the image -> path here, of every file, link and folder of the packages."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for package in packages:
        for line in _list(package).splitlines():
            folder, name = os.path.split(line)
            if not name or name == ".":
                continue
            if folder not in folders:  # /bin/sh is listed, and is in /usr/bin
                folders[folder] = os.path.realpath(folder)
            path = os.path.join(folders[folder], name)
            if _wanted(path):
                files[path] = path
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if os.path.islink(f"/{name}"):
            files[f"/{name}"] = f"/{name}"
    _add_alternatives(files)
    return files


def _wanted(path: str) -> bool:
    return not archive.UNWANTED.search(path) and (not path.startswith("/etc/") or bool(_ETC.match(path)))


def _list(package: Package) -> str:
    for name in (f"{package.name}:{package.architecture}.list", f"{package.name}.list"):
        try:
            return (_DPKG / name).read_text(encoding="utf-8", errors="surrogateescape")
        except OSError:
            continue
    raise UnsuitableError(f"{_DPKG} has no list of the files of {package.name}")


def _add_alternatives(files: dict[str, str]) -> None:
    """cc, awk and the like: links by way of /etc/alternatives, which no package lists."""
    for folder in ("/usr/bin", "/usr/sbin"):
        for entry in os.scandir(folder):
            if not entry.is_symlink() or not (link := os.readlink(entry.path)).startswith("/etc/alternatives/"):
                continue
            if os.path.lexists(link) and os.path.realpath(link) in files:
                files[entry.path] = entry.path
                files[link] = link
