"""What a program left behind: everything that is there after a case and was not there before.

Theory of operation. `before` remembers what exists, `adopt` adds what the scenario itself makes, and
`after` lists the rest: System V and POSIX objects, files of every kind, abstract sockets, and of the
processes that still live themselves, their file locks, and descriptors that they brought through
exec. What may lie about is judged outside the sandbox, so everything is told. `sweep` then removes
it, when all processes are dead.

How facts of a Leftover are called, in the order in which they come (each only where it is known):
  shared memory segment   key, id, size, mode, attached, pid            owner: who made it
  semaphore set           key, id, semaphores, values, mode, last changed by
  message queue           key, id, messages, size, mode, last sent by, last received by
  POSIX shared memory     size, mode
  POSIX named semaphore   value, mode
  POSIX message queue     messages, size, room, mode
  file, FIFO, ...         size (files), target (symbolic links), state (sockets), mode
  abstract socket         type, state, pid                              owner: who holds it
  running process         pid, state, session                           owner: its own name
  orphan, zombie          pid, process (its own name)                   owner: its parent
  file lock               type, range, pid                              owner: who holds it
  descriptor              descriptor, program, pid                      owner: who has it open
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from driver import calls, ipc, procfs
from driver.locks import file_words, locks
from driver.workspace import MQUEUE, SHM, Entry, UnreadableError, Workspace, printable
from grader.wire import Kind, Leftover

Name = Callable[[int], str]
_File = tuple[int, int, str]
Thing = tuple[Kind, str]  # what makes an object the same as one of before

_MOST = 1000  # leftovers of a kind that are told one by one
_SYSTEM_V = {"shm": Kind.SHM, "sem": Kind.SEM, "msg": Kind.MSG}
_MADE = {
    "posix-shm": Kind.POSIX_SHM,
    "posix-sem": Kind.POSIX_SEM,
    "mqueue": Kind.MQUEUE,
    "fifo": Kind.FIFO,
    "file": Kind.FILE,
    "directory": Kind.DIRECTORY,
    "symlink": Kind.SYMLINK,
    "socket": Kind.SOCKET,
}
_IN_TABLES = (Kind.POSIX_SHM, Kind.POSIX_SEM, Kind.MQUEUE)
_FORKED_WITHOUT_EXEC = 0x40  # PF_FORKNOEXEC of /proc/PID/stat: cleared by exec, set by fork
_LISTENING = 0x10000  # __SO_ACCEPTCON in /proc/net/unix
_SOCKET_TYPES = {1: "stream", 2: "datagram", 5: "seqpacket"}
_STATES = {"R": "running", "S": "sleeping", "D": "waiting for a device", "T": "stopped", "t": "traced"}
_LOCKS = {"POSIX": "record lock (fcntl)", "OFDLCK": "open file description lock (fcntl)", "FLOCK": "flock lock"}
_SHELLS = ("sh", "dash", "bash", "ksh", "zsh")


# --- what is looked at -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """A bound line of /proc/net/unix. An abstract name begins with @."""

    name: str
    kind: str
    listening: bool
    inode: int


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A descriptor of a process. access: os.O_RDONLY, os.O_WRONLY or os.O_RDWR."""

    descriptor: int
    link: str
    format: int
    device: int
    inode: int
    access: int
    closes_at_exec: bool
    locked: bool

    @property
    def anonymous(self) -> bool:
        """A pipe or socket without a path: a process can have got it only from where it was made."""
        return self.link.startswith(("pipe:[", "socket:["))

    @property
    def identity(self) -> _File:
        """Equal for all that are open on the same pipe, socket or file."""
        return self.device, self.inode, self.link

    def words(self) -> str:
        """As a sentence would call it."""
        link = printable(self.link)
        if stat.S_ISFIFO(self.format):
            end = {os.O_RDONLY: "read end", os.O_WRONLY: "write end"}.get(self.access, "both ends")
            return f"{end} of {link}" if self.anonymous else f"{end} of FIFO {link}"
        use = {os.O_RDONLY: "reading", os.O_WRONLY: "writing"}.get(self.access, "reading and writing")
        return f"{link} for {use}" if link.startswith("/") else link


def unix_sockets() -> tuple[UnixSocket, ...]:
    """Every Unix-domain socket of this network namespace that has a name.

    A name may hold newlines: what does not look like a line is passed over.
    """
    return _unix_sockets(procfs.table("/proc/net/unix"))


@functools.lru_cache(maxsize=2)
def _unix_sockets(table: bytes) -> tuple[UnixSocket, ...]:
    found = []
    for line in table.split(b"\n"):
        fields = line.split(None, 7)
        if len(fields) < 8 or not fields[0].endswith(b":"):
            continue
        try:
            flags, kind, inode = int(fields[3], 16), int(fields[4], 16), int(fields[6])
        except ValueError:
            continue
        name = fields[7].decode("utf-8", "backslashreplace")
        found.append(UnixSocket(name, _SOCKET_TYPES.get(kind, ""), bool(flags & _LISTENING), inode))
    return tuple(found)


def open_files(pid: int) -> list[OpenFile]:
    """The descriptors of a process with what they are open on; empty if it may not be looked at."""
    found = []
    for descriptor, link in procfs.fd_links(pid):
        info = procfs.fd_info(pid, descriptor)
        if info is None or not info.get("flags"):
            continue
        flags = int(info["flags"], 8)
        try:
            seen = procfs.file_stat(f"/proc/{pid}/fd/{descriptor}")
        except OSError:
            continue
        found.append(
            OpenFile(
                descriptor=descriptor,
                link=link,
                format=seen.st_mode,
                device=seen.st_dev,
                inode=seen.st_ino,
                access=flags & os.O_ACCMODE,
                closes_at_exec=bool(flags & os.O_CLOEXEC),
                locked="lock" in info,
            )
        )
    return found


def descriptors(pid: int, expected: Collection[int] = (0, 1, 2), name: str = "") -> tuple[Leftover, ...]:
    """Every descriptor that a process has open besides the expected ones. name: of the process."""
    found = sorted(open_files(pid), key=lambda opened: opened.descriptor)
    return tuple(_descriptor(pid, opened, name) for opened in found if opened.descriptor not in expected)


def has_executed(pid: int) -> bool:
    """Has the process called exec since it was forked?"""
    seen = procfs.stat(pid)
    return seen is not None and seen.living and not seen.flags & _FORKED_WITHOUT_EXEC


def runs_another(pid: int) -> bool:
    """Does it run another program than its parent? What a program hands over to itself it hands over on purpose."""
    seen, own = procfs.stat(pid), procfs.exe(pid)
    return has_executed(pid) and (seen is None or own is None or own != procfs.exe(seen.ppid))


def command(pid: int) -> str:
    """What a process runs: its command line, or its short name where it shows none."""
    words = procfs.cmdline(pid)
    if words and any(words):
        line = " ".join(words)
        return line if len(line) <= 200 else line[:197] + "..."
    seen = procfs.stat(pid)
    return seen.comm if seen is not None else ""


# --- the census --------------------------------------------------------------------------------


@dataclass
class _Places:
    """What was seen in one look at all places that outlive processes."""

    shms: tuple[ipc.Segment, ...]
    sems: tuple[ipc.SemaphoreSet, ...]
    msgs: tuple[ipc.Queue, ...]
    posix: tuple[Entry, ...]
    mqueues: tuple[Entry, ...]
    files: tuple[Entry, ...]
    sockets: tuple[UnixSocket, ...]
    complete: bool

    def empty(self, temporary: Iterable[str]) -> list[str]:
        """Those of the places outside home in which there is nothing, if the look was complete."""
        filled = [entry.path for entry in self.files if entry.path.startswith("/")]
        bare = [place for place in temporary if not any(path.startswith(f"{place}/") for path in filled)]
        return bare + [place for place, entries in ((SHM, self.posix), (MQUEUE, self.mqueues)) if not entries]

    def things(self) -> Iterator[Thing]:
        for kind, objects in ((Kind.SHM, self.shms), (Kind.SEM, self.sems), (Kind.MSG, self.msgs)):
            yield from ((kind, str(found.id)) for found in objects)
        yield from (_posix_thing(entry) for entry in self.posix)
        yield from ((Kind.MQUEUE, f"/{entry.path}") for entry in self.mqueues)
        yield from ((entry.kind, entry.path) for entry in self.files)
        yield from ((Kind.ABSTRACT_SOCKET, found.name) for found in self.sockets if found.name.startswith("@"))


@dataclass
class Census:
    """One census: before(), then adopt() and look_at_descriptors() during the case, after(), sweep()."""

    workspace: Workspace
    _known: set[Thing] = field(default_factory=set)
    _adopted: set[Thing] = field(default_factory=set)
    _descriptors: dict[tuple[int, int], Leftover] = field(default_factory=dict)
    _identities: dict[tuple[Kind, str, str], tuple[int, int]] = field(default_factory=dict)
    _first: _Places | None = None  # seen by before(), and by each look that finds the same
    _final: _Places | None = None  # seen when no process was left, so still true

    def before(self) -> None:
        """Remember what is there."""
        self.workspace.remember()
        self._first = self._look()
        self._known = set(self._first.things())
        self._adopted.clear()
        self._descriptors.clear()
        self._identities.clear()

    def again(self) -> None:
        """Begin anew with what is known: right where a sweep has restored it and nobody else comes by."""
        self._adopted.clear()
        self._descriptors.clear()
        self._identities.clear()

    def adopt(self, kind: str, name: str, number: int = -1) -> None:
        """Do not count what the scenario made. kind: as in wire.Make; number: the id of a System V object."""
        if kind in _SYSTEM_V:
            self._adopted.add((_SYSTEM_V[kind], str(number)))
            return
        found = _MADE[kind]
        if found in _IN_TABLES:
            self._adopted.add((found, "/" + printable(name.lstrip("/"))))
            return
        path = os.path.normpath(os.path.join(self.workspace.home, name))
        self._adopted.add((found, printable(path.removeprefix(f"{self.workspace.home}/"))))

    def look_at_descriptors(self, pids: Sequence[int], names: Mapping[int, str]) -> None:
        """Remember descriptors that exec'ed descendants inherited. pids: a program, then its living descendants."""
        executed = [pid for pid in pids[1:] if runs_another(pid)]
        self._remember_descriptors(pids, executed, lambda pid: names.get(pid, f"pid {pid}"))

    def after(
        self,
        strays: Iterable[int],
        name: Name,
        zombies: Iterable[tuple[int, str, str]] = (),
        orphans: Iterable[tuple[int, str, str]] = (),
        *,
        final: bool = False,
    ) -> tuple[Leftover, ...]:
        """Everything that is new. strays: processes that still live; zombies, orphans: (pid, command, parent).

        final: no process is left, so that sweep() need not look again.
        """
        living = [pid for pid in strays if (seen := procfs.stat(pid)) is not None and seen.living]
        places = self._look()
        self._final = places if final else None
        opened = {pid: open_files(pid) for pid in living}
        self._remember_descriptors(living, [pid for pid in living if runs_another(pid)], name)
        found: list[Leftover] = []
        if places is not self._first:
            found += self._system_v(places, name)
            found += self._posix(places)
            found += self._files(places)
            found += self._abstract(places, opened, name)
        found += (_stray(pid, name) for pid in living)
        found += (_ended(Kind.ORPHAN, *orphan, name) for orphan in orphans)
        found += (_ended(Kind.ZOMBIE, *zombie, name) for zombie in zombies)
        if living:
            found += _locks(places.files, opened, name)
        found += self._descriptors.values()
        return _bounded(found, places.complete)

    def identity(self, leftover: Leftover) -> tuple[int, int] | None:
        """Device and inode of a file that was left, or of what a leaked descriptor is open on."""
        facts = leftover.facts
        which = f"{facts.get('pid')}:{facts.get('descriptor')}" if leftover.kind is Kind.DESCRIPTOR else ""
        return self._identities.get((leftover.kind, leftover.name, which))

    def sweep(self) -> None:
        """Remove everything that was not there before, also what was adopted. All processes are dead."""
        seen, self._final = self._final, None
        for segment in seen.shms if seen else ipc.shms():
            if self._may_remove(Kind.SHM, segment):
                _remove(ipc.remove_shm, segment)
        for semaphores in seen.sems if seen else ipc.sems():
            if self._may_remove(Kind.SEM, semaphores):
                _remove(ipc.remove_sem, semaphores)
        for queue in seen.msgs if seen else ipc.msgs():
            if self._may_remove(Kind.MSG, queue):
                _remove(ipc.remove_msg, queue)
        if seen is None or not seen.complete:
            self.workspace.clean()
        else:
            self.workspace.clean(seen.empty(self.workspace.temporary), seen.files)

    # --- parts -------------------------------------------------------------------------------

    def _look(self) -> _Places:
        walk = self.workspace.walk()
        posix, mqueues = self.workspace.list(SHM), self.workspace.list(MQUEUE)
        places = _Places(
            shms=ipc.shms(),
            sems=ipc.sems(),
            msgs=ipc.msgs(),
            posix=posix.entries,
            mqueues=mqueues.entries,
            files=walk.entries,
            sockets=unix_sockets(),
            complete=walk.complete and posix.complete and mqueues.complete,
        )
        return self._first if self._first is not None and self._first == places and places.complete else places

    def _is_new(self, thing: Thing) -> bool:
        return thing not in self._known and thing not in self._adopted

    def _counts(self, uid: int) -> bool:
        """Where others use the same tables, only what the submission owns is its doing."""
        return not self.workspace.shared or uid == self.workspace.owner

    def _may_remove(self, kind: Kind, found: ipc.Segment | ipc.SemaphoreSet | ipc.Queue) -> bool:
        thing = (kind, str(found.id))
        return thing in self._adopted or (
            thing not in self._known and (self._counts(found.cuid) or self._counts(found.uid))
        )

    def _system_v(self, places: _Places, name: Name) -> Iterator[Leftover]:
        for segment in places.shms:
            # One that is marked as removed is gone with its last user.
            if self._is_new((Kind.SHM, str(segment.id))) and self._counts(segment.cuid) and not segment.removed:
                yield _segment(segment, name)
        for number, semaphores in enumerate(places.sems):
            if self._is_new((Kind.SEM, str(semaphores.id))) and self._counts(semaphores.cuid):
                # Of thousands, which only a place without limits of its own allows, no more than that is told.
                yield _semaphores(semaphores, name) if number < _MOST else Leftover(Kind.SEM, _key(semaphores.key))
        for queue in places.msgs:
            if self._is_new((Kind.MSG, str(queue.id))) and self._counts(queue.cuid):
                yield _queue(queue, name)

    def _posix(self, places: _Places) -> Iterator[Leftover]:
        for entry in places.posix:
            kind, name = thing = _posix_thing(entry)
            if not self._is_new(thing) or not self._counts(entry.uid):
                continue
            if kind is Kind.POSIX_SHM:
                yield Leftover(kind, name, facts={"size": _bytes(entry.size), "mode": _mode(entry.mode)})
            elif kind is Kind.POSIX_SEM:
                yield Leftover(kind, name, facts=self._semaphore_facts(entry))
            else:
                yield _file(entry, name)
        for entry in places.mqueues:
            name = f"/{entry.path}"
            if self._is_new((Kind.MQUEUE, name)) and self._counts(entry.uid):
                yield Leftover(Kind.MQUEUE, name, facts=_mqueue_facts(entry))

    def _semaphore_facts(self, entry: Entry) -> dict[str, str]:
        value = None
        with contextlib.suppress(UnreadableError):
            value = ipc.posix_sem_value(self.workspace.read_regular(f"{SHM}/{entry.path}", 64))
        return ({"value": str(value)} if value is not None else {}) | {"mode": _mode(entry.mode)}

    def _files(self, places: _Places) -> Iterator[Leftover]:
        listening = {found.name: found.listening for found in places.sockets if not found.name.startswith("@")}
        for entry in places.files:
            below_home = not entry.path.startswith("/")
            if not self._is_new((entry.kind, entry.path)) or not (below_home or self._counts(entry.uid)):
                continue
            state = ""
            if entry.kind is Kind.SOCKET:
                names = (entry.path, f"./{entry.path}", f"{self.workspace.home}/{entry.path}")
                known = [listening[bound] for bound in names if bound in listening]
                state = ("listening" if any(known) else "bound, not listening") if known else "nobody has it open"
            made = _file(entry, entry.path, state)
            self._identities[made.kind, made.name, ""] = (entry.device, entry.inode)
            yield made

    def _abstract(self, places: _Places, opened: Mapping[int, list[OpenFile]], name: Name) -> Iterator[Leftover]:
        # A socket that accept() returned bears the name of the one that listens: tell the name once.
        new = {
            found.name: found
            for found in sorted(places.sockets, key=lambda found: (found.name, found.listening))
            if found.name.startswith("@") and self._is_new((Kind.ABSTRACT_SOCKET, found.name))
        }
        for bound in new.values():
            link = f"socket:[{bound.inode}]"
            holder = next((pid for pid, files in opened.items() if any(file.link == link for file in files)), 0)
            if self.workspace.shared and not holder:
                continue
            facts = {"type": bound.kind, "state": "listening" if bound.listening else "bound, not listening"}
            if holder:
                facts["pid"] = str(holder)
            yield Leftover(Kind.ABSTRACT_SOCKET, bound.name, name(holder) if holder else "", facts)

    def _remember_descriptors(self, pids: Sequence[int], executed: Collection[int], name: Name) -> None:
        if not executed:
            return
        opened = {pid: open_files(pid) for pid in pids}
        parents = {pid: seen.ppid for pid in pids if (seen := procfs.stat(pid)) is not None}
        lines = {pid: _line(pid, parents) for pid in pids}
        # By sets: of tens of thousands of descriptors, not each can be held against each.
        having: dict[_File, set[int]] = {}
        copies: dict[tuple[_File, int, int], set[int]] = {}
        for pid, files in opened.items():
            for file in files:
                having.setdefault(file.identity, set()).add(pid)
                copies.setdefault((file.identity, file.descriptor, file.access), set()).add(pid)
        for pid in executed:
            below = {other for other in pids if pid in lines[other]}
            plain, standard = _is_plain_command(pid), {file.identity for file in opened[pid] if file.descriptor <= 2}
            for mine in opened[pid]:
                if mine.descriptor <= 2 or mine.closes_at_exec:
                    continue
                same = having[mine.identity]
                exact = copies[mine.identity, mine.descriptor, mine.access]
                if not mine.anonymous:  # a sibling that runs a program, too, may have opened the same file by itself
                    exact = {other for other in exact if other in lines[pid] or other not in executed}
                if _inherited(mine, same, exact, below, own=pid, is_copy=mine.identity in standard, plain=plain):
                    made = _descriptor(pid, mine, name(pid))
                    self._descriptors[pid, mine.descriptor] = made
                    self._identities[made.kind, made.name, f"{pid}:{mine.descriptor}"] = (mine.device, mine.inode)


# --- descriptors that came through exec ----------------------------------------------------------


def _line(pid: int, parents: Mapping[int, int]) -> list[int]:
    """A process, its parent, and so on, as far as they are among those looked at."""
    line = []
    while pid in parents and pid not in line:
        line.append(pid)
        pid = parents[pid]
    return line


def _is_plain_command(pid: int) -> bool:
    """A command of the system that makes no pipes of its own, such as sleep or wc."""
    path = procfs.exe(pid) or ""
    return path.startswith(("/usr/", "/bin/")) and os.path.basename(path) not in _SHELLS


def _inherited(
    mine: OpenFile, same: set[int], exact: set[int], below: set[int], *, own: int, is_copy: bool, plain: bool
) -> bool:
    """Did this descriptor of an exec'ed process come through exec, or has the process opened it itself?

    Told only where there is no doubt. same: who has the file open; exact: who has it under this number, for the
    same use. below: the process itself (own) and who descends from it. plain: it is a plain command. is_copy: it
    may be a copy that the process made of one of its standard three.
    """
    if exact - below and not mine.link.startswith("anon_inode:"):  # all eventfds and their like are one inode
        return True  # fork copies descriptors under the same numbers
    if not mine.anonymous:
        return False
    if plain:
        return same & below <= {own}
    return not is_copy and bool(same - below)


def _descriptor(pid: int, opened: OpenFile, owner: str) -> Leftover:
    facts = {"descriptor": str(opened.descriptor), "program": command(pid), "pid": str(pid)}
    return Leftover(Kind.DESCRIPTOR, opened.words(), owner, facts)


# --- words -----------------------------------------------------------------------------------------


def _posix_thing(entry: Entry) -> Thing:
    """What lies in /dev/shm: objects of shm_open and sem_open, or something that was put there by hand."""
    if entry.kind is not Kind.FILE:
        return entry.kind, f"{SHM}/{entry.path}"
    if entry.path.startswith("sem."):
        return Kind.POSIX_SEM, f"/{entry.path.removeprefix('sem.')}"
    return Kind.POSIX_SHM, f"/{entry.path}"


def _bytes(number: int) -> str:
    return "1 byte" if number == 1 else f"{number:,} bytes"


def _mode(mode: int) -> str:
    return f"{mode:04o}"


def _key(key: int) -> str:
    return f"0x{key:x}" if key else "IPC_PRIVATE"


def _who(pids: Iterable[int], name: Name) -> str:
    return ", ".join(dict.fromkeys(name(pid) for pid in pids if pid))


def _told(facts: dict[str, str]) -> dict[str, str]:
    return {key: value for key, value in facts.items() if value}


def _segment(found: ipc.Segment, name: Name) -> Leftover:
    attached = {0: "by no process", 1: "by 1 process"}.get(found.nattch, f"by {found.nattch} processes")
    facts = {
        "key": _key(found.key),
        "id": str(found.id),
        "size": _bytes(found.size),
        "mode": _mode(found.mode),
        "attached": attached,
        "pid": str(found.cpid) if found.cpid else "",
    }
    return Leftover(Kind.SHM, _key(found.key), name(found.cpid) if found.cpid else "", _told(facts))


def _semaphores(found: ipc.SemaphoreSet, name: Name) -> Leftover:
    values: tuple[int, ...] = ()
    pids: list[int] = []
    with contextlib.suppress(OSError):  # removed meanwhile by a process that lives
        values = ipc.values(found.id, found.uid, found.nsems)
        pids = [ipc.last_pid(found.id, number, found.uid) for number in range(len(values))]
    shown = ", ".join(map(str, values[:32])) + (", ..." if len(values) > 32 else "")
    facts = {
        "key": _key(found.key),
        "id": str(found.id),
        "semaphores": str(found.nsems),
        "values": shown,
        "mode": _mode(found.mode),
        "last changed by": _who(pids, name),
    }
    return Leftover(Kind.SEM, _key(found.key), facts=_told(facts))


def _queue(found: ipc.Queue, name: Name) -> Leftover:
    facts = {
        "key": _key(found.key),
        "id": str(found.id),
        "messages": str(found.qnum),
        "size": _bytes(found.cbytes),
        "mode": _mode(found.mode),
        "last sent by": _who([found.lspid], name),
        "last received by": _who([found.lrpid], name),
    }
    return Leftover(Kind.MSG, _key(found.key), facts=_told(facts))


def _mqueue_facts(entry: Entry) -> dict[str, str]:
    facts = {}
    with contextlib.suppress(OSError):
        attributes = ipc.mqueue_attributes(f"/{entry.path}")
        facts["messages"] = str(attributes.curmsgs)
        text = procfs.read(f"{MQUEUE}/{entry.path}") or b""
        size = text.partition(b"QSIZE:")[2].split(None, 1)[:1]
        if size and size[0].isdigit():
            facts["size"] = _bytes(int(size[0]))
        facts["room"] = f"for {attributes.maxmsg:,} messages of at most {_bytes(attributes.msgsize)}"
    return facts | {"mode": _mode(entry.mode)}


def _file(entry: Entry, name: str, state: str = "") -> Leftover:
    facts = {
        "size": _bytes(entry.size) if entry.kind is Kind.FILE else "",
        "target": entry.target,
        "state": state,
        "mode": "" if entry.kind is Kind.SYMLINK else _mode(entry.mode),
        "type": entry.words if entry.words.endswith("device") else "",
    }
    return Leftover(entry.kind, name, facts=_told(facts))


def _stray(pid: int, name: Name) -> Leftover:
    seen = procfs.stat(pid)
    facts = {"pid": str(pid)}
    if seen is not None:
        facts["state"] = _doing(pid, seen.state)
        facts["session"] = "its own" if seen.session == pid else str(seen.session)
    return Leftover(Kind.STRAY, command(pid), name(pid), facts)


def _doing(pid: int, state: str) -> str:
    call = next(iter(calls.blocked(pid)), None) if state in "SD" else None
    if call is None:
        return _STATES.get(state, state)
    about = call.path or call.target
    return f"waits in {call.name}()" + (f" of {printable(about)}" if about else "")


def _ended(kind: Kind, pid: int, program: str, parent: str, name: Name) -> Leftover:
    return Leftover(kind, printable(program), parent, {"pid": str(pid), "process": name(pid)})


def _locks(files: Sequence[Entry], opened: Mapping[int, list[OpenFile]], name: Name) -> Iterator[Leftover]:
    """File locks that living processes hold."""
    paths = {file_words(entry.device, entry.inode): entry.path for entry in files if entry.kind is Kind.FILE}
    holding: dict[str, list[tuple[int, OpenFile]]] = {}
    for other, mine in opened.items():
        for file in mine:
            # A device is no file of the program's: what it inherited as /dev/null may be locked by anybody.
            if stat.S_ISREG(file.format):
                holding.setdefault(file_words(file.device, file.inode), []).append((other, file))
    for lock in locks(lambda lock: lock.pid in opened or lock.file in paths or lock.file in holding):
        if lock.waits or lock.family not in _LOCKS:
            continue
        pid, path = lock.pid, paths.get(lock.file, "")
        holders = holding.get(lock.file, [])
        if pid not in opened:
            # A lock of an open file: its first owner may have passed it on and ended.
            pid = next((other for other, file in holders if file.locked), 0)
        if not pid or not (path or holders):
            continue
        if not path:
            path = printable(holders[0][1].link)
        extent = f"from byte {lock.start}" if lock.end == "EOF" else f"bytes {lock.start} to {lock.end}"
        facts = {
            "type": f"{lock.kind.lower()} {_LOCKS[lock.family]}",
            "range": "the whole file" if lock.whole else extent,
            "pid": str(pid),
        }
        yield Leftover(Kind.LOCK, path, name(pid), facts)


def _remove(remove: Callable[[int, int | None], None], found: ipc.Segment | ipc.SemaphoreSet | ipc.Queue) -> None:
    try:
        remove(found.id, found.uid)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EIDRM):  # it is gone already
            raise


def _bounded(found: list[Leftover], complete: bool) -> tuple[Leftover, ...]:
    """All, or, where a hostile program left thousands of things, the first of each kind and how many more.

    Of each kind, so that nothing hides behind a thousand other things.
    """
    counts: Counter[Kind] = Counter()
    kept = []
    for leftover in found:
        counts[leftover.kind] += 1
        if counts[leftover.kind] <= _MOST:
            kept.append(leftover)
    kept += [Leftover(kind, f"({count - _MOST:,} more)") for kind, count in counts.items() if count > _MOST]
    return tuple(kept) if complete else (*kept, Leftover(Kind.FILE, "(and further things)"))
