"""What earlier searches came to, kept by content: the same program is not searched twice.

An entry is one small file, named by the SHA-256 of everything that decides the outcome (see grader.tracing).
It only ever saves time or chooses what is tried first: a failure is always played again before it counts.
But a pass is believed, so an entry counts only where nobody else can have written it: file and folder are
ours and nobody else may write to them. Whatever else is wrong with an entry, it is as if it were not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST = 2000  # entries that are kept
_FORMAT = 1
_LONGEST = 4096  # bytes of an entry


@dataclass(frozen=True)
class Outcome:
    """How a search went. failing: the point, as text; "" if none was found. tried: so many, of `points`."""

    tried: int
    points: int
    failing: str = ""


class Memory:
    """A folder of outcomes. folder None: nothing is remembered."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, key: str) -> Outcome | None:
        """What came of it before; None where that is not known or not to be believed."""
        if self._folder is None or not _ours(self._folder):
            return None
        try:
            descriptor = os.open(self._folder / key, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        with open(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode) or not _only_ours(about) or about.st_size > _LONGEST:
                return None
            try:
                return _read(json.loads(file.read(_LONGEST)), key)
            except (OSError, ValueError, KeyError, TypeError):
                return None

    def put(self, key: str, outcome: Outcome) -> None:
        """Remember it, if that is possible; it is no failure where it is not (a full disk, no home)."""
        if self._folder is None:
            return
        entry = {"format": _FORMAT, "key": key, **vars(outcome)}
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _ours(self._folder):
                return
            self._make_room()
            descriptor, partial = tempfile.mkstemp(dir=self._folder, prefix=".partial-")
            try:
                with open(descriptor, "w", encoding="ascii") as file:
                    json.dump(entry, file)
                os.replace(partial, self._folder / key)
            except BaseException:
                Path(partial).unlink(missing_ok=True)
                raise

    def _make_room(self) -> None:
        """Forget the oldest quarter where there are too many."""
        assert self._folder is not None
        with os.scandir(self._folder) as found:
            entries = [(entry.stat(follow_symlinks=False).st_mtime, entry.path) for entry in found]
        if len(entries) >= MOST:
            for _, path in sorted(entries)[: MOST // 4]:
                Path(path).unlink(missing_ok=True)


def key_of(facts: Mapping[str, Any]) -> str:
    """The name of an entry. facts: JSON values."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=True).encode("ascii")).hexdigest()


def _ours(folder: Path) -> bool:
    try:
        about = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and _only_ours(about)


def _only_ours(about: os.stat_result) -> bool:
    return about.st_uid == os.geteuid() and not about.st_mode & 0o022


def _read(entry: Any, key: str) -> Outcome | None:
    if entry["format"] != _FORMAT or entry["key"] != key:
        return None
    outcome = Outcome(entry["tried"], entry["points"], entry["failing"])
    whole = type(outcome.tried) is int and type(outcome.points) is int and type(outcome.failing) is str
    return outcome if whole and 0 <= outcome.tried <= outcome.points else None
