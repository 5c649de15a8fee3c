"""The places in which a submission can leave files: look, read and clean without being fooled.

Whatever lies there may be hostile: a tree thousands of directories deep, names with newlines or
bytes that are no UTF-8, directories of mode 000, links to anywhere, FIFOs where a file is expected, a
sparse file of terabytes. So everything goes through descriptors of directories and never follows a
link; nothing recurses; nothing is opened before it is known to be a regular file (opening a FIFO
would already let a blocked writer go on); every listing and every read has a bound.

Nothing is ever mounted below these places, and all processes of the submission are dead when they are
cleaned. They may live while `walk` and `read_regular` look.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.wire import Kind

SHM = "/dev/shm"
MQUEUE = "/dev/mqueue"

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_MOVED = ".grader-moved-"
_KINDS: dict[int, tuple[Kind, str]] = {
    stat.S_IFREG: (Kind.FILE, "a regular file"),
    stat.S_IFDIR: (Kind.DIRECTORY, "a directory"),
    stat.S_IFLNK: (Kind.SYMLINK, "a symbolic link"),
    stat.S_IFIFO: (Kind.FIFO, "a FIFO"),
    stat.S_IFSOCK: (Kind.SOCKET, "a socket"),
    stat.S_IFCHR: (Kind.FILE, "a character device"),
    stat.S_IFBLK: (Kind.FILE, "a block device"),
}


class UnreadableError(Exception):
    """A file cannot be read as a regular file; the message says why, beginning with its path."""


class Entry(NamedTuple):
    """What lstat tells of one thing. path: below home relative to it, elsewhere absolute.

    kind: of a device FILE. words: "a FIFO". target: of a symbolic link. size: of a directory 0.
    """

    path: str
    kind: Kind
    words: str
    size: int
    mode: int
    uid: int
    device: int
    inode: int
    target: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """What lies in the places. complete: False where there is more than the walk's bounds allow."""

    entries: tuple[Entry, ...]
    complete: bool


class Workspace:
    """home: the working directory of a case. temporary: other places in which files can be left.

    owner, group: whom home belongs to. shared: others use temporary, /dev/shm and /dev/mqueue too (a
    container that is not ours alone), so that only what belongs to `owner`, and was not there when this was
    made or last told to `remember`, is seen and cleaned there.
    """

    def __init__(
        self, home: str, temporary: tuple[str, ...] = (), *, owner: int, group: int, shared: bool = False
    ) -> None:
        if not shared and any(f"{home}/".startswith(f"{place.rstrip('/')}/") for place in temporary):
            raise ValueError(f"{home} lies in a temporary directory, which would be cleaned with it")
        self.home = home
        self.temporary = temporary
        self._prefixes = ((home, ""), *((place, place.rstrip("/") + "/") for place in temporary))
        self.owner = owner
        self.group = group
        self.shared = shared
        self._offered: Mapping[str, str] = {}
        self._as_offered: tuple[Entry, ...] = ()
        self._foreign: dict[str, frozenset[tuple[str, int]]] = {}
        # A driver that has only one uid shares the directories with the submission, which may change their modes.
        self._modes: dict[str, int] = {}
        for place in () if shared else (*temporary, SHM, MQUEUE):
            with contextlib.suppress(FileNotFoundError):
                if (found := os.stat(place)).st_uid == owner:
                    self._modes[place] = stat.S_IMODE(found.st_mode)
        self.remember()

    def remember(self) -> None:
        """Where others are about, what lies in the places now is theirs."""
        if self.shared:
            self._foreign = {place: _identities(place) for place in (*self.temporary, SHM, MQUEUE)}

    def _own(self, place: str) -> _Own | None:
        """What counts at the top of a place; None: everything."""
        return _Own(self.owner, self._foreign.get(place, frozenset())) if self.shared else None

    # --- clean -----------------------------------------------------------------------------

    def offer(self, links: Mapping[str, str]) -> None:
        """Have these links (name -> target) at home, which is clean but for those that were offered last."""
        if links == self._offered:
            return
        if self._offered:
            _empty(self.home, None, None)
        for name, target in links.items():
            os.symlink(target, f"{self.home}/{name}")
        self._offered = dict(links)
        self._as_offered = self.list(self.home).entries

    def clean(self, known_empty: Collection[str] = (), files: Sequence[Entry] | None = None) -> None:
        """Empty home, the temporary places, /dev/shm and /dev/mqueue; set modes and owners back.

        known_empty: of these places, those in which a look has just found nothing, with nobody left to change that.
        files: what that look found at home and in the temporary places. What was offered, and is all that there is,
        stays for the next case.
        """
        if not (self._offered and files == self._as_offered and self._is_home_itself_clean()):
            _empty(self.home, None, (0o755, self.owner, self.group))
            self._offered = {}
        for place in (*self.temporary, SHM, MQUEUE):
            mode = self._modes.get(place)
            if place in known_empty and mode is None:
                continue
            with contextlib.suppress(FileNotFoundError):
                _empty(place, self._own(place), None if mode is None else (mode, -1, -1))

    def _is_home_itself_clean(self) -> bool:
        """But for its times, which are set back. No also where what is offered in it is the submission's to change."""
        seen = os.stat(self.home)
        as_made = (stat.S_IMODE(seen.st_mode), seen.st_uid, seen.st_gid) == (0o755, self.owner, self.group)
        if self.shared or self.owner == os.geteuid() or not as_made or _attributes(self.home):
            return False
        os.utime(self.home)
        return True

    def empty(self, directory: str) -> None:
        """Remove everything in a directory, not the directory itself."""
        _empty(directory, None, None)

    # --- look ------------------------------------------------------------------------------

    def walk(self, most: int = 5000, deepest: int = 32) -> Walk:
        """List home and the temporary places, sorted by name, a directory before what is in it."""
        entries: list[Entry] = []
        complete = True
        for place, prefix in self._prefixes:
            with contextlib.suppress(FileNotFoundError):
                if not prefix or not _is_empty(place):
                    only = self._own(place) if prefix else None
                    complete &= _walk(place, prefix, entries, most, deepest, only)
        return Walk(tuple(entries), complete)

    def list(self, directory: str, most: int = 5000) -> Walk:
        """List one directory, not what is in its directories; paths are names."""
        entries: list[Entry] = []
        try:
            complete = _is_empty(directory) or _walk(directory, "", entries, most, 0, self._own(directory))
        except FileNotFoundError:
            complete = True
        return Walk(tuple(entries), complete)

    # --- read ------------------------------------------------------------------------------

    def read_regular(self, path: str, limit: int) -> bytes:
        """The content of a regular file: below home, or, by absolute path, in one of the places.

        Raises UnreadableError; also where it holds more than limit bytes.
        """
        try:
            with self._found(path) as found:
                return _content(found, path, limit)
        except OSError as error:
            raise UnreadableError(f"{path}: {_reason(error)}") from None

    @contextlib.contextmanager
    def _found(self, path: str) -> Iterator[int]:
        """A descriptor (O_PATH) of what lies at path, reached without following any link."""
        place, rest = self.home, path
        if path.startswith("/"):
            for place in (self.home, *self.temporary, SHM):
                if path.startswith(f"{place.rstrip('/')}/"):
                    rest = path[len(place) :]
                    break
            else:
                raise UnreadableError(f"{path} is outside the directories of the case")
        names = [name for name in rest.split("/") if name not in ("", ".")]
        if ".." in names or not names:
            raise UnreadableError(f"{path!r} is not a path below the directory of the case")
        here = os.open(place, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for number, name in enumerate(names):
                below = os.open(name, _LOOK, dir_fd=here)
                os.close(here)
                here = below
                kind = stat.S_IFMT(os.fstat(here).st_mode)
                if number + 1 < len(names) and kind != stat.S_IFDIR:
                    raise UnreadableError(f"{'/'.join(names[: number + 1])} is {_KINDS[kind][1]}, not a directory")
            yield here
        finally:
            os.close(here)


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "there is no such file"
    return (error.strerror or str(error)).lower()


def _content(found: int, path: str, limit: int) -> bytes:
    seen = os.fstat(found)
    if not stat.S_ISREG(seen.st_mode):
        raise UnreadableError(f"{path} is {_KINDS[stat.S_IFMT(seen.st_mode)][1]}, not a regular file")
    too_large = UnreadableError(f"{path} holds {seen.st_size:,} bytes; no more than {limit:,} are read")
    if seen.st_size > limit:
        raise too_large
    # By way of the descriptor: the very file that was looked at. O_NONBLOCK: a lease does not hold us up.
    descriptor = os.open(f"/proc/self/fd/{found}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        content = bytearray()
        while data := os.read(descriptor, min(1 << 18, limit + 1 - len(content))):
            content += data
            if len(content) > limit:
                raise too_large
        return bytes(content)
    finally:
        os.close(descriptor)


# --- listing ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Own:
    """In a place that others use too: things of this owner which are not known as somebody else's."""

    owner: int
    foreign: frozenset[tuple[str, int]]  # name, inode

    def holds(self, entry: os.DirEntry[str]) -> bool:
        """Is this one of them?"""
        if (entry.name, entry.inode()) in self.foreign:
            return False
        try:
            return entry.stat(follow_symlinks=False).st_uid == self.owner
        except OSError:
            return False


def _identities(place: str) -> frozenset[tuple[str, int]]:
    try:
        with os.scandir(place) as listing:
            return frozenset((entry.name, entry.inode()) for entry in listing)
    except OSError:
        return frozenset()


def _top(place: str) -> int:
    try:
        return os.open(place, _DIRECTORY)
    except PermissionError:
        os.chmod(place, 0o700)  # home belongs to the submission; nothing above it does
        return os.open(place, _DIRECTORY)


def _walk(place: str, prefix: str, entries: list[Entry], most: int, deepest: int, only: _Own | None) -> bool:
    """Append what lies in a place; False where a bound stopped it. One descriptor a level is held."""
    top = _top(place)
    levels: list[tuple[int, str, list[str]]] = [(top, prefix, _names(top, only))]
    complete = True
    try:
        while levels:
            here, path, names = levels[-1]
            if not names:
                os.close(here)
                levels.pop()
                continue
            if len(entries) >= most:
                return False
            name = names.pop()
            entry = _entry(here, path, name)
            if entry is None:
                continue
            entries.append(entry)
            if entry.kind is not Kind.DIRECTORY or deepest == 0:
                continue
            below = _opened(here, name) if len(levels) <= deepest else -1
            if below < 0:
                complete = False
                continue
            levels.append((below, f"{path}{name}/", _names(below)))
        return complete
    finally:
        for here, _, _ in levels:
            os.close(here)


def _is_empty(place: str) -> bool:
    """As those beside home are after most cases: told by half of the system calls of a walk."""
    try:
        return not os.listdir(place)
    except PermissionError:
        return False


def _names(directory: int, only: _Own | None = None) -> list[str]:
    """Names in a directory, last first (they are popped from the end)."""
    if only is None:
        return sorted(os.listdir(directory), reverse=True)
    with os.scandir(directory) as listing:
        return sorted((entry.name for entry in listing if only.holds(entry)), reverse=True)


def _opened(directory: int, name: str) -> int:
    try:
        return os.open(name, _DIRECTORY, dir_fd=directory)
    except OSError:
        return -1  # gone, no directory any more, or not for us


def _entry(directory: int, path: str, name: str) -> Entry | None:
    try:
        seen = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except OSError:
        return None
    kind, words = _KINDS[stat.S_IFMT(seen.st_mode)]
    target = ""
    if kind is Kind.SYMLINK:
        with contextlib.suppress(OSError):
            target = printable(os.readlink(name, dir_fd=directory))
    return Entry(
        path=printable(path + name),
        kind=kind,
        words=words,
        size=0 if kind is Kind.DIRECTORY else seen.st_size,
        mode=stat.S_IMODE(seen.st_mode),
        uid=seen.st_uid,
        device=seen.st_dev,
        inode=seen.st_ino,
        target=target,
    )


def printable(name: str) -> str:
    r"""A name in one line that can be encoded as UTF-8: bytes that are none become \xNN, a newline \n."""
    if name.isprintable():
        return name
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    """As a Python literal has it. (The codec for that may be out of reach in here: it is imported at its first use.)"""
    if char == "\n":
        return "\\n"
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"


# --- emptying ---------------------------------------------------------------------------------


def _empty(place: str, only: _Own | None, restored: tuple[int, int, int] | None) -> None:
    """Empty a directory. only: nothing but that. restored: mode, uid, gid."""
    top = _top(place)
    try:
        if restored is not None:
            mode, uid, gid = restored
            _forget_attributes(top)
            os.fchown(top, uid, gid)
            os.fchmod(top, mode)
        _Emptier(top, place).run(only)
        if restored is not None:
            os.utime(top)  # its owner may have set any times: a note for the next case
    finally:
        os.close(top)


def _attributes(directory: str | int) -> list[str]:
    """The names of its extended attributes (xattr(7)), where there are such things."""
    try:
        return os.listxattr(directory)
    except OSError:
        return []


def _forget_attributes(directory: int) -> None:
    """Access lists that its owner may have put on home would be inherited by what is made there later."""
    for name in _attributes(directory):
        with contextlib.suppress(OSError):  # a security label is not ours to remove
            os.removexattr(directory, name)


class _Emptier:
    """Takes a tree apart: directories inside directories are moved up to the top, then removed there.

    So the depth of the tree does not matter, two descriptors are enough, and no path is ever built.
    """

    def __init__(self, top: int, place: str) -> None:
        self._top = top
        self._place = place
        self._moved = 0

    def run(self, only: _Own | None) -> None:
        """Remove everything; of the top level only what is `only`'s, if that is not None."""
        pending = self._unlink_files(self._top, only)
        while pending:
            name = pending.pop()
            here = self._open(name)
            if here < 0:
                continue
            try:
                if os.geteuid() != 0:
                    os.fchmod(here, 0o700)
                for below in self._unlink_files(here, None):
                    pending.append(self._move_up(here, below))
            finally:
                os.close(here)
            try:
                os.rmdir(name, dir_fd=self._top)
            except OSError as error:
                raise self._failed(error, name) from None

    def _unlink_files(self, directory: int, only: _Own | None) -> list[str]:
        """Unlink what is no directory; the names of the directories."""
        with os.scandir(directory) as listing:
            found = [
                (entry.name, entry.is_dir(follow_symlinks=False))
                for entry in listing
                if only is None or only.holds(entry)
            ]
        directories = []
        for name, is_directory in found:
            if is_directory:
                directories.append(name)
                continue
            try:
                os.unlink(name, dir_fd=directory)
            except FileNotFoundError:
                pass
            except OSError as error:
                raise self._failed(error, name) from None
        return directories

    def _move_up(self, directory: int, name: str) -> str:
        if os.geteuid() != 0:
            self._allow(directory, name)  # moving a directory writes to its entry ".."
        while True:
            self._moved += 1
            moved = f"{_MOVED}{self._moved}"
            try:
                os.rename(name, moved, src_dir_fd=directory, dst_dir_fd=self._top)
                return moved
            except OSError as error:
                # A name that is in use already, for a full directory or a file: take the next.
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise self._failed(error, name) from None

    def _open(self, name: str) -> int:
        """Open a directory of the top level; -1 where a moved one has taken its name and is gone by now."""
        try:
            try:
                return os.open(name, _DIRECTORY, dir_fd=self._top)
            except PermissionError:
                self._allow(self._top, name)
                return os.open(name, _DIRECTORY, dir_fd=self._top)
        except FileNotFoundError:
            return -1
        except OSError as error:
            raise self._failed(error, name) from None

    def _allow(self, directory: int, name: str) -> None:
        """Give ourselves access to a directory of any mode, where the driver is not above modes."""
        found = os.open(name, _LOOK | os.O_DIRECTORY, dir_fd=directory)
        try:
            os.chmod(f"/proc/self/fd/{found}", 0o700)
        finally:
            os.close(found)

    def _failed(self, error: OSError, name: str) -> OSError:
        return OSError(error.errno, f"cleaning {self._place}: {error.strerror}", printable(name))
