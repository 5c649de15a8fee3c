"""Parts of a Debian system as a tar archive for `docker import`, in pieces, never as a whole in memory."""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

# What no C program of a course needs: documents, translations, caches; the big parts of link-time optimisation
# and the static sanitizers. Whoever compiles with -flto builds from debian:bookworm-slim.
UNWANTED = re.compile(
    r"""/usr/share/(doc|doc-base|man|info|locale|lintian|bash-completion|bug|gdb|menu|pixmaps|applications|zsh
                   |fish|common-licenses|perl5|icons|polkit-1|pam|pam-configs)(/|$)
    | /(__pycache__|site-packages)(/|$)
    | /usr/lib/gcc/[^/]+/[^/]+/(lto1|lib[altu]*san\.a|libgomp\.a|libitm\.a|libquadmath\.a)$
    | /usr/bin/([^/]+-)?(lto-dump|gcov-dump|gcov-tool|gprofng|gp-[a-z-]+|dwp)(-\d+)?$
    | /usr/lib/(systemd|tmpfiles\.d|udev)(/|$)
    | /(boot|media|mnt|srv)(/|$)
    | /var/(cache|log|backups|mail|spool)/.
    | /var/lib/apt/lists/.
    """,
    re.VERBOSE,
)


class _Pieces:
    """What tarfile writes to: keeps it until it is taken."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def take(self, least: int) -> bytes:
        """What has been written since, where it is at least so much; else nothing yet."""
        if len(self._held) < least:
            return b""
        taken = bytes(self._held)
        self._held.clear()
        return taken


def made(name: str, content: bytes = b"", mode: int = 0o644, *, folder: bool = False, link: str = "") -> MadeMember:
    """A member that is not copied: a file, a folder, or a symbolic link."""
    member = tarfile.TarInfo(name.lstrip("/"))
    member.mode, member.size = mode, len(content)
    if folder:
        member.type = tarfile.DIRTYPE
    elif link:
        member.type, member.linkname = tarfile.SYMTYPE, link
    return member, content


MadeMember = tuple[tarfile.TarInfo, bytes]


def stream(copied: Iterable[tuple[str, str]], additions: Iterable[MadeMember], piece: int = 1 << 20) -> Iterator[bytes]:
    """The archive. copied: (name in the archive, path) of files, links and folders (these without what is in them).

    Everything belongs to root, and nothing is set-uid. What may not be read, or is no longer there, is left out:
    the build of the image proves that nothing is missing which counts.
    """
    pieces = _Pieces()
    with tarfile.open(fileobj=cast("BinaryIO", pieces), mode="w|", format=tarfile.GNU_FORMAT) as archive:
        for name, path in copied:
            try:
                member = archive.gettarinfo(path, name.lstrip("/"))
                if member is None:  # a socket
                    continue
                content = open(path, "rb") if member.isreg() else None  # noqa: SIM115
            except OSError:
                continue
            _plain(member)
            if content is None:
                archive.addfile(member)
            else:
                with content:
                    archive.addfile(member, content)
            if some := pieces.take(piece):
                yield some
        for member, data in additions:
            _plain(member)
            archive.addfile(member, io.BytesIO(data))
    yield pieces.take(0)


def _plain(member: tarfile.TarInfo) -> None:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode &= 0o1777


def tree(root: str) -> Iterator[tuple[str, str]]:
    """(name, path) of all that is wanted of a root file system."""
    for folder, folders, files in os.walk(root):
        below = folder[len(root) :]
        folders[:] = sorted(name for name in folders if not UNWANTED.search(f"{below}/{name}"))
        for name in (*folders, *sorted(files)):
            if not UNWANTED.search(f"{below}/{name}"):
                yield f"{below}/{name}", f"{folder}/{name}"
