"""What one task waits for, as a sentence without its subject that a second-year student understands.

`Explainer.wait` looks at the call in which a task is blocked, and at the object of that call: who has the other end of
a pipe, what a semaphore's value is, who holds a lock. `Wait.enders` names at least all who could end the wait: on that
driver.graph builds who is dead.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from driver import calls, futexes, ipc, procfs
from driver.calls import Call
from driver.scene import READERS, WRITERS, End, Scene, Task

_MOST_NAMED = 4  # processes in one sentence
_STANDARD = {0: "standard input", 1: "standard output", 2: "standard error"}
_POSIX_SHARED_MEMORY = "/dev/shm"
_SEMBUF = struct.Struct("=Hhh")


@dataclass(frozen=True)
class Wait:
    """What one task waits for. call: as a student calls it. by: tids that the words speak of."""

    call: str
    words: str
    by: tuple[int, ...] = ()
    enders: frozenset[int] | None = None  # pids; None: any
    timed: bool = False
    runs: bool = False


class Explainer:
    """Puts one task's wait into words."""

    def __init__(self, case: Scene, task: Task) -> None:
        self._case = case
        self._task = task
        self._pid = task.pid
        self._handle = task.tid  # under which /proc shows memory and descriptors, also when the leader has left

    def wait(self) -> Wait:
        """What this task waits for, right now."""
        state = self._task.stat.state
        if state in "Tt":
            if self._pid in self._case.halted:
                return Wait("", "is stopped: the case has sent it SIGSTOP")
            return Wait("", "is stopped by a signal; only SIGCONT lets it go on")
        call = calls.blocked_in(self._pid, self._task.tid)
        if call is None:
            return Wait("", "waits for a device" if state == "D" else "runs", runs=True)
        if not call.family:
            return Wait("", f"is in {call.name}", runs=True)
        call = calls.locate(self._handle, call)
        explain: dict[str, Callable[[Call], Wait]] = {
            "read": self._reads,
            "recv": self._reads,
            "write": self._writes,
            "send": self._writes,
            "open": self._opens,
            "wait": self._waits_for_children,
            "vfork": self._vforks,
            "semop": self._semop,
            "sem-wait": self._futex,
            "msgrcv": self._msgrcv,
            "msgsnd": self._msgsnd,
            "mq-receive": self._mq,
            "mq-send": self._mq,
            "lock": self._lock,
            "poll": self._poll,
            "signal": self._signal,
            "sleep": self._sleep,
            "accept": self._accept,
            "connect": self._connect,
        }
        made = explain.get(call.family, self._plain)(call)
        made = replace(made, words=made.words + self._held_back())
        if not call.timed or call.family == "sleep":
            return made
        return Wait(made.call, made.words + ", with a time-out", made.by, made.enders, timed=True)

    def _held_back(self) -> str:
        """Signals that have come and change nothing."""
        status = procfs.status(self._pid, self._task.tid)
        names = _signals(status.pending & status.blocked, "and") if status is not None else ""
        return f" ({names}, which it blocks, {'have' if ' and ' in names else 'has'} come)" if names else ""

    def all_enders(self) -> set[int] | None:
        """Pids of all who could end the wait; None: it is not known, or may end by itself."""
        wait = self.wait()
        call = calls.blocked_in(self._pid, self._task.tid)
        if wait.runs or wait.timed or wait.enders is None or call is None:
            return None
        call = calls.locate(self._handle, call)
        if call.family == "poll":
            watched = [descriptor for descriptor, _, _ in calls.watched(self._handle, call)]
            links = {procfs.fd_link(self._handle, descriptor) or "" for descriptor in watched}
        else:
            links = {call.target} if call.target.startswith(("pipe:", "socket:")) else set()
        links |= {f"socket:[{self._case.peers.get(_inode(link), (0, ''))[0]}]" for link in links if "socket:" in link}
        # What it writes to the driver is taken away in a moment.
        if any(self._case.driver_has(link, READERS) for link in links):
            return None
        ends = [end for link in links for way in (READERS, WRITERS) for end in self._case.ends_of(link, way)]
        return set(wait.enders) | {end.pid for end in ends}

    # Words.

    def _name(self, pid: int) -> str:
        return "itself" if pid == self._pid else self._case.name_of(pid)

    def _list(self, ends: Sequence[End]) -> str:
        """The holders of open ends: "child 1 of x (descriptor 4) and itself (descriptor 3)"."""
        by_pid: dict[int, list[int]] = {}
        for end in ends:
            by_pid.setdefault(end.pid, []).append(end.descriptor)
        words = [
            f"{self._name(pid)} ({'descriptor' if len(held) == 1 else 'descriptors'} {_and(map(str, sorted(held)))})"
            for pid, held in list(by_pid.items())[:_MOST_NAMED]
        ]
        return _and([*words, *[""] * (len(by_pid) - len(words))])

    def _thing(self, call: Call) -> str:
        """What a descriptor is open on: "a pipe (descriptor 3)", "jobs.fifo (descriptor 0, its standard input)"."""
        return self._thing_at(call.descriptor, call.target)

    def _thing_at(self, descriptor: int, link: str) -> str:
        standard = f", its {_STANDARD[descriptor]}" if descriptor in _STANDARD else ""
        return f"{self._kind(link)} (descriptor {descriptor}{standard})"

    def _kind(self, link: str) -> str:
        for kind in ("pipe", "socket"):
            if link.startswith(f"{kind}:"):
                return self._case.mark(kind, _inode(link), f"a {kind}")
        if link.startswith("/dev/pts/"):
            return "the terminal"
        if link.startswith("anon_inode:"):
            kind = link.removeprefix("anon_inode:").strip("[]")
            return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"
        return self._short(link) or "a file"

    def _short(self, path: str) -> str:
        """A path as the student wrote it: relative to the working directory where it lies below that."""
        cwd = procfs.cwd(self._handle)
        return path.removeprefix(cwd + "/") if cwd and cwd != "/" else path

    # Pipes, FIFOs, sockets, terminals.

    def _reads(self, call: Call) -> Wait:
        if call.target.startswith("socket:"):
            return self._socket(call, f"waits in {call.name}() for data on {self._thing(call)}", "end-of-file")
        if "signal" in call.families:
            return self._signal(call)
        start = f"waits in {call.name}() of {self._thing(call)}"
        if call.target.startswith("anon_inode:"):
            return self._waiting(call, start, (), anybody=True)
        return self._other_end(call, start, WRITERS, "write", "it keeps itself from seeing end-of-file")

    def _writes(self, call: Call) -> Wait:
        if call.target.startswith("socket:"):
            return self._socket(call, f"waits in {call.name}() for room in {self._thing(call)}", "the broken pipe")
        start = f"waits in {call.name}() for room in {self._thing(call)}, which is full and"
        return self._other_end(call, start, READERS, "read", "nobody else can read it empty")

    def _other_end(self, call: Call, start: str, way: str, end_word: str, alone: str) -> Wait:
        """A wait for whoever has the other end of a pipe or FIFO."""
        case, link = self._case, call.target
        ends = case.ends_of(link, way)
        others = [end for end in ends if end.pid != self._pid]
        full = way == READERS
        if case.driver_has(link, way):
            verb = f"waits in {call.name}() " + ("to " if full else "of ")
            words = verb + case.held[link]
            if others:
                words += f"; its {end_word} end is also open in {self._list(others)}"
            return self._waiting(call, words, others)
        if others:
            return self._waiting(call, f"{start} whose {end_word} end is open in {self._list(ends)}", others)
        if ends:
            words = f"{start} whose only {end_word} end is open in {self._list(ends)}: {alone}"
            return self._waiting(call, words, ends)
        if link.startswith("/dev/pts/"):
            return self._waiting(call, f"waits in {call.name}() of {self._thing(call)} for input", ())
        if link.startswith("pipe:"):
            return self._waiting(call, f"{start} whose {end_word} ends are all closed", ())
        return self._waiting(call, start.removesuffix(" and"), (), anybody=True)

    def _waiting(self, call: Call, words: str, ends: Sequence[End], *, anybody: bool = False) -> Wait:
        pids = tuple(dict.fromkeys(end.pid for end in ends))
        # A FIFO can be opened by anybody at any time; a pipe only by those who have it.
        closed = not anybody and call.target.startswith(("pipe:", "socket:"))
        return Wait(call.name, words, pids, frozenset(pids) if closed else None)

    def _socket(self, call: Call, start: str, instead: str) -> Wait:
        inode = _inode(call.target)
        if inode not in self._case.peers:
            return self._waiting(call, start, (), anybody=True)
        peer = self._case.peers[inode][0]
        link = f"socket:[{peer}]"
        ends = self._case.ends_of(link, READERS) if peer else []
        others = [end for end in ends if end.pid != self._pid]
        if peer and self._case.driver_has(link, READERS):
            return self._waiting(call, f"{start}; the other end is {self._case.held[link]}", others, anybody=True)
        if others:
            return self._waiting(call, f"{start} whose other end is open in {self._list(ends)}", others)
        if ends:
            words = f"{start} whose other end is open only in {self._list(ends)}: it keeps itself from seeing {instead}"
            return self._waiting(call, words, ends)
        return self._waiting(call, f"{start}, to which nobody is connected", (), anybody=True)

    def _accept(self, call: Call) -> Wait:
        name = self._case.peers.get(_inode(call.target), (0, ""))[1]
        where = f" to {self._short(name)}" if name else f" on {self._thing(call)}"
        return self._waiting(call, f"waits in accept() for a connection{where}", (), anybody=True)

    def _connect(self, call: Call) -> Wait:
        words = f"waits in connect() on {self._thing(call)} until its connection is accepted"
        return self._waiting(call, words, (), anybody=True)

    def _opens(self, call: Call) -> Wait:
        mode = calls.open_mode(self._handle, call)
        other = "writing" if mode == os.O_RDONLY else "reading"
        name = self._short(call.path) or "a FIFO"
        if self._case.marks:
            name = self._case.mark("fifo", self._inode_at(call.path), name)
        return Wait("open", f"waits in open() of {name} for a process that opens it for {other}")

    def _inode_at(self, path: str) -> int:
        """Of what this task finds at a path; 0 for nothing."""
        start = "root" if path.startswith("/") else "cwd"
        try:
            return procfs.file_stat(f"/proc/{self._handle}/{start}/{path}").st_ino
        except (OSError, ValueError):
            return 0

    def _poll(self, call: Call) -> Wait:
        if "signal" in call.families:
            return self._signal(call)
        things, holders = [], []
        closed = True
        for descriptor, reading, writing in calls.watched(self._handle, call):
            link = procfs.fd_link(self._handle, descriptor) or ""
            thing = self._thing_at(descriptor, link)
            closed = closed and link.startswith("pipe:")
            for wanted, way in ((reading, WRITERS), (writing, READERS)):
                ends = self._case.ends_of(link, way) if wanted and link.startswith("pipe:") else []
                thing += f", whose {way} end is open in {self._list(ends)}" if ends else ""
                holders += ends
            things.append(thing)
        others = [end for end in holders if end.pid != self._pid] or holders
        pids = tuple(dict.fromkeys(end.pid for end in others))
        words = f"waits in {call.name}() for {_and(things) or 'nothing at all'}"
        return Wait(call.name, words, pids, frozenset(pids) if things and closed else None)

    # Children and signals.

    def _children(self) -> list[int]:
        return [pid for pid in procfs.children(self._pid) if pid in self._case.living]

    def _waits_for_children(self, call: Call) -> Wait:
        children = self._children()
        wanted = ctypes.c_int(call.args[0] & 0xFFFFFFFF).value if call.name == "waitpid" else -1
        if call.name == "waitid" and call.args[0] == 1:  # P_PID
            wanted = ctypes.c_int(call.args[1] & 0xFFFFFFFF).value
        name = "wait" if call.name == "waitpid" and wanted == -1 else call.name
        if wanted > 0:
            children = [wanted]
        if not children:
            return Wait(name, f"waits in {name}() for a child, but none is left", (), frozenset())
        names = [self._case.name_of(pid) for pid in children]
        return Wait(name, f"waits in {name}() for {_and(names, 'or')} to exit", tuple(children), frozenset(children))

    def _vforks(self, call: Call) -> Wait:
        children = self._children()
        names = _and(self._case.name_of(pid) for pid in children) or "its child"
        words = f"waits in {call.name}(), posix_spawn() or system() until {names} runs a program or exits"
        return Wait(call.name, words, tuple(children), frozenset(children))

    def _signal(self, call: Call) -> Wait:
        name = {"poll": "pause", "select": "pause"}.get(call.name, call.name)
        status = procfs.status(self._pid, self._task.tid)
        if name == "sigwait":
            mask = procfs.word_at(self._handle, call.args[0]) or 0
            wanted = _signals(mask, "or") or "no signal at all"
            return Wait(name, f"waits in sigwait() for {wanted}{self._no_child_left(mask)}")
        if name == "read":
            info = procfs.fd_info(self._handle, call.descriptor) or {}
            mask = int(info.get("sigmask", "0"), 16)
            wanted = _signals(mask, "or") or "no signal at all"
            return Wait(name, f"waits in read() of {self._thing(call)} for {wanted}{self._no_child_left(mask)}")
        caught, blocked = (status.caught, status.blocked) if status is not None else (0, 0)
        if let_in := _signals(caught & ~blocked, "and"):
            handlers = f"a handler for {let_in}"
        elif kept_out := _signals(caught & blocked, "and"):
            handlers = f"a handler for {kept_out}, but blocks that meanwhile"
        else:
            handlers = "no handler"
        return Wait(name, f"waits in {name}() for a signal; it has {handlers}{self._no_child_left(caught)}")

    def _no_child_left(self, wanted: int) -> str:
        """Who waits for SIGCHLD waits for a child that lives."""
        if not wanted >> (signal.SIGCHLD - 1) & 1 or self._children():
            return ""
        ended = [self._case.name_of(pid).removesuffix(", which has ended") for pid in procfs.children(self._pid)]
        if not ended:
            return "; it has no child any more that could end"
        return f"; {_and(ended)} {'has' if len(ended) == 1 else 'have'} ended before, and nobody waited for them"

    def _sleep(self, call: Call) -> Wait:
        return Wait(call.name, "sleeps", enders=frozenset(), timed=True)

    def _plain(self, call: Call) -> Wait:
        return Wait(call.name, f"waits in {call.name}()")

    # System V.

    def _last(self, pid: int) -> tuple[str, tuple[int, ...]]:
        """How to speak of the process that did something last, and whether it can be waited for."""
        return self._name(pid), (pid,) if pid in self._case.living and pid != self._pid else ()

    def _semop(self, call: Call) -> Wait:
        semid = call.identifier
        found = next((one for one in ipc.sems() if one.id == semid), None)
        if found is None:
            return Wait("semop", f"waits in semop() on semaphore set {semid}")
        try:
            values = ipc.values(semid, found.uid)
        except OSError:
            values = ()
        made = self._case.mark("sem", semid, "")
        number, change = _blocking_operation(self._handle, call, values)
        if number < 0:
            return Wait("semop", f"waits in semop() on semaphore set {semid} ({made}key {_key(found.key)})")
        value = f", value {values[number]}" if number < len(values) else ""
        which = f"semaphore {number} of set {semid} ({made}key {_key(found.key)}{value})"
        if change == 0:
            words = f"waits in semop() until {which} is 0"
        elif change == -1:
            words = f"waits in semop() for {which}"
        else:
            words = f"waits in semop() to take {-change} from {which}"
        try:
            last = ipc.last_pid(semid, number, found.uid)
        except OSError:
            last = 0
        if not last:
            return Wait("semop", f"{words}, never changed by any process")
        name, by = self._last(last)
        return Wait("semop", f"{words}, last changed by {name}", by)

    def _queue(self, identifier: int) -> tuple[str, ipc.Queue | None]:
        found = next((one for one in ipc.msgs() if one.id == identifier), None)
        if found is None:
            return f"message queue {identifier}", None
        made = self._case.mark("msg", identifier, "")
        return f"message queue {identifier} ({made}key {_key(found.key)})", found

    def _msgrcv(self, call: Call) -> Wait:
        name, queue = self._queue(call.identifier)
        kind = ctypes.c_long(call.args[3]).value
        types = "" if kind == 0 else f" of type {kind}" if kind > 0 else f" of type {-kind} or less"
        words = f"waits in msgrcv() for a message{types} in {name}"
        if queue is None:
            return Wait("msgrcv", words)
        words += f", which holds {queue.qnum} of other types" if queue.qnum else ", which is empty"
        if not queue.lspid:
            return Wait("msgrcv", f"{words} and to which nobody has sent anything yet")
        sender, by = self._last(queue.lspid)
        return Wait("msgrcv", f"{words}; the last one was sent by {sender}", by)

    def _msgsnd(self, call: Call) -> Wait:
        name, queue = self._queue(call.identifier)
        words = f"waits in msgsnd() for room in {name}"
        if queue is None:
            return Wait("msgsnd", words)
        words += f", which holds {queue.qnum} {'message' if queue.qnum == 1 else 'messages'} ({queue.cbytes} bytes)"
        if not queue.lrpid:
            return Wait("msgsnd", f"{words} and from which nobody has received anything yet")
        receiver, by = self._last(queue.lrpid)
        return Wait("msgsnd", f"{words}; the last one was received by {receiver}", by)

    # POSIX.

    def _mq(self, call: Call) -> Wait:
        what = "a message in" if call.family == "mq-receive" else "room in"
        state = "empty" if call.family == "mq-receive" else "full"
        name = call.target.replace(" (deleted)", ", already unlinked")
        queue = f"message queue {name} (descriptor {call.descriptor})"
        return Wait(call.name, f"waits in {call.name}() for {what} {queue}, which is {state}")

    def _futex(self, call: Call) -> Wait:
        """Which object of pthreads it is tells only the memory about it."""
        address, operation, expected = call.args[0], call.args[1] & 0x7F, call.args[2] & 0xFFFFFFFF
        private = bool(call.args[1] & futexes.PRIVATE)
        enders = frozenset({self._pid}) if private else None
        room = procfs.memory(self._handle, address, 16)
        if call.name != "futex" or room is None:
            return Wait("futex", "waits for a lock, a semaphore or a condition variable", enders=enders)
        words = struct.unpack("=4I", room)
        owner = futexes.mutex_owner(operation, expected, words)
        if owner is not None:
            return self._mutex(owner, self._memory(address, private=private), enders)
        if operation == futexes.WAIT_BITSET and words[0] == expected and self._is_own_thread(expected):
            thread = self._case.task_name(expected)
            return Wait("pthread_join", f"waits in pthread_join() for {thread} to end", (expected,), enders)
        where = self._memory(address, private=private)
        # First, for the words of one that was signalled look like those of a semaphore.
        if operation == futexes.WAIT_BITSET and futexes.is_condition(self._handle, address):
            start = "waits in pthread_cond_wait() for a condition variable"
            return Wait("pthread_cond_wait", f"{start} {where}", enders=enders)
        counted = futexes.still_waiting(self._handle, address, operation, expected)
        if counted:
            start = f"waits in pthread_cond_destroy() for {'one waiter' if counted == 1 else f'{counted} waiters'}"
            told = "counted as waiting: who is killed in pthread_cond_wait() is counted for ever"
            return Wait("pthread_cond_destroy", f"{start} of a condition variable {where} still {told}", enders=enders)
        if operation == futexes.WAIT_BITSET and expected == 0 and futexes.is_semaphore(words):
            which = self._semaphore(call, address, private=private)
            return Wait("sem_wait", f"waits in sem_wait() for {which}, whose value is 0", enders=enders)
        return Wait("futex", f"waits for a lock, a barrier or a condition variable {where}", enders=enders)

    def _is_own_thread(self, tid: int) -> bool:
        return any(task.tid == tid and task.pid == self._pid for task in self._case.tasks)

    def _mutex(self, owner: int, where: str, enders: frozenset[int] | None) -> Wait:
        start = f"waits in pthread_mutex_lock() for a mutex {where}"
        if owner == self._task.tid:
            return Wait("pthread_mutex_lock", f"{start}, which it has locked itself", (owner,), frozenset({self._pid}))
        task = next((task for task in self._case.tasks if task.tid == owner), None)
        if "own memory" in where and (task is None or task.pid != self._pid) and owner != 0:
            words = f"{start}, a copy of one that was locked when fork() copied it: who has locked that unlocks another"
            return Wait("pthread_mutex_lock", words, (), enders)
        if task is not None:
            return Wait("pthread_mutex_lock", f"{start}, which {task.name} has locked", (owner,), enders)
        if owner == 0:
            return Wait("pthread_mutex_lock", start, enders=enders)
        ended = self._case.name_of(owner).removesuffix(", which has ended")
        words = f"{start}, which {ended} locked and never unlocked before it ended"
        return Wait("pthread_mutex_lock", words, (), enders)

    def _semaphore(self, call: Call, address: int, *, private: bool) -> str:
        found = procfs.mapping_at(self._handle, address)
        if found is not None and found.path.startswith(calls.NAMED_SEMAPHORES):
            return f"named semaphore {call.target}" if call.target else "a named semaphore, already unlinked"
        return f"a semaphore {self._memory(address, private=private)}"

    def _memory(self, address: int, *, private: bool) -> str:
        """Where an object of pthreads lies. private: it was made for the threads of one process."""
        found = procfs.mapping_at(self._handle, address)
        if found is not None and found.shared:
            return f"in {_shared_memory(found)}"
        return "in its own memory" if private else "in its own memory, which no other process shares"

    # File locks.

    def _lock(self, call: Call) -> Wait:
        mine = next((lock for lock in self._case.locks if lock.waits and lock.pid == self._pid), None)
        thing = self._thing(call)
        if mine is None:
            return Wait(call.name, f"waits in {call.name}() for a lock on {thing}")
        kind = {"READ": "a shared", "WRITE": "an exclusive"}.get(mine.kind, "a")
        part = "" if call.name == "flock" or mine.whole else f" on {mine.part} of"
        holders = [
            lock.pid for lock in self._case.locks if lock.number == mine.number and not lock.waits and lock.pid > 0
        ]
        words = f"waits in {call.name}() for {kind} lock{part or ' on'} {thing}"
        if not holders:
            return Wait(call.name, words)
        names = _and(self._name(pid) for pid in holders)
        living = tuple(pid for pid in holders if pid in self._case.living)
        return Wait(call.name, f"{words}, which {names} has locked", living)


# --- words and numbers ---------------------------------------------------------------------------


def _and(words: Iterable[str], last: str = "and") -> str:
    """ "a", "a and b", "a, b and c"; of more than a few only the first and how many others."""
    listed = list(words)
    if len(listed) > _MOST_NAMED:
        listed = [*listed[: _MOST_NAMED - 1], f"{len(listed) - _MOST_NAMED + 1} others"]
    return f" {last} ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))


def _key(key: int) -> str:
    return f"0x{key & 0xFFFFFFFF:x}" if key else "IPC_PRIVATE"


def _signals(mask: int, last: str) -> str:
    names = []
    for number in range(1, 65):
        if mask >> (number - 1) & 1 and number not in (32, 33):  # those two belong to the C library
            try:
                names.append(signal.Signals(number).name)
            except ValueError:
                names.append(f"signal {number}")
    return _and(names, last)


def _inode(link: str) -> int:
    """The number in "socket:[123]"."""
    digits = link.partition("[")[2].removesuffix("]")
    return int(digits) if digits.isdecimal() else 0


def _blocking_operation(pid: int, call: Call, values: Sequence[int]) -> tuple[int, int]:
    """(semaphore, change) of the first operation of a semop() that cannot be done now; (-1, 0) if unknown."""
    count = min(call.args[2], 500)
    room = procfs.memory(pid, call.args[1], count * _SEMBUF.size)
    if not room:
        return -1, 0
    operations = list(_SEMBUF.iter_unpack(room))
    left = list(values)
    for number, change, _ in operations:
        if number >= len(left):
            break
        if (change == 0 and left[number] != 0) or left[number] + change < 0:
            return number, change
        left[number] += change
    number, change, _ = operations[0]
    return (number, change) if len(operations) == 1 else (-1, 0)


def _shared_memory(found: procfs.Mapping) -> str:
    if found.path.startswith("/SYSV"):
        return f"shared memory segment {found.inode}"
    if found.path.startswith(f"{_POSIX_SHARED_MEMORY}/"):
        return f"shared memory {found.path.removeprefix(_POSIX_SHARED_MEMORY)}"
    return "shared memory"
