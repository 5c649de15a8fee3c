"""What crosses the wall: plans go in, observations come out, one JSON document a line.

Standard library only, no input or output: the engine outside and the driver inside both
import this module, so neither side keeps its own idea of the other's words.

A session is: plan line in; a line for each build, a line for each case as it ends (of short ones
several together), a "done" line out; then perhaps a further plan. Nothing is ever signalled by end-of-file,
except that the other side is gone. Bytes travel as {"ascii": "..."} where they are plain text, else as
{"b64": "..."}, which is slower to read and larger.
Points, expected outputs and verdicts never appear in a plan: judging is done outside.
"""

from __future__ import annotations

import binascii
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from enum import Enum
from functools import cache, cached_property, lru_cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from grader.trace import Origin, Place, Trace, Tracing

T = TypeVar("T")


# --- what is asked -----------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Bounds for each process of a case, or for a build. CPU decides; wall is the last resort.

    cpu, wall: seconds (cpu: of each process; all processes of a case together may use four times
    as much; wall: less what they were kept from the CPU). memory: bytes a process may map, and all
    may use together. output: bytes of one stream before the case is ended as a flood. file: bytes
    of one file.
    """

    cpu: float = 2.0
    wall: float = 30.0
    memory: int = 256 << 20
    processes: int = 64
    descriptors: int = 256
    file: int = 16 << 20
    output: int = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """A file that is laid in the build directory, under a plain name without slashes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Link:
    """One program: argv is the compiler command, run in the build directory; it writes `program`."""

    program: str
    argv: tuple[str, ...]


@dataclass(frozen=True)
class BuildPlan:
    """One way to build the sources. partner builds come from the reference and are execute-only.

    name: "plain", "sanitized", "traced", "partner". environment: what programs of this build are
    started with besides the usual (ASAN_OPTIONS). address_space: whether limits.memory may be
    enforced as RLIMIT_AS (not under AddressSanitizer, which maps terabytes). runtime: the files of
    sandbox/runtime are laid beside the sources, for `gcc -B. -fsanitize=thread`, and its programs are traced.
    keep: names of further files that the compiler makes and whose text is wanted ("*.ci").
    """

    name: str
    files: tuple[SourceFile, ...]
    links: tuple[Link, ...]
    limits: Limits
    partner: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    address_space: bool = True
    runtime: bool = False
    keep: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """Base of the verbs. Strings may hold %{NAME.pid} or %{NAME.id}, known only inside."""


@dataclass(frozen=True)
class Start(Step):
    """Start a program. times > 1 makes NAME.1 ... NAME.times, all released at the same moment.

    program: which program of the build ("" = argv[0] is a command of the system).
    stdin: "pipe" (held by the driver), "null", "closed", or the name of a handle;
    stdout: "pipe", "null", "closed", or the name of a handle. tty: stdin, stdout and
    stderr are one terminal, whose transcript is the stdout.
    """

    name: str
    argv: tuple[str, ...]
    program: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    stdin: str = "pipe"
    stdout: str = "pipe"
    tty: bool = False
    partner: bool = False
    times: int = 1


@dataclass(frozen=True)
class Send(Step):
    """Write to a process's stdin (or to a handle), waiting while it is full."""

    to: str
    data: bytes


@dataclass(frozen=True)
class Expect(Step):
    """Wait until a pattern has come, `count` times, on a process's stream or a handle.

    kind: "text" (exact bytes), "line" (a whole line), "regex" (bytes, re.MULTILINE | re.DOTALL).
    """

    source: str
    pattern: str
    kind: str = "text"
    count: int = 1
    stream: str = "stdout"


@dataclass(frozen=True)
class Open(Step):
    """Have the driver hold an end of something under a name.

    kind: "fifo" (mode "read" or "write"; waits for the other side to open too), "file"
    (mode "read", "write", "append"), "pipe" (both ends), "stream", "datagram" or
    "seqpacket" (connects to the Unix-domain socket at path).
    """

    name: str
    kind: str
    path: str = ""
    mode: str = "read"


@dataclass(frozen=True)
class Write(Step):
    """Write all of data to a handle, or open the path, write and close (waiting for a reader)."""

    to: str
    data: bytes


@dataclass(frozen=True)
class Read(Step):
    """Read from a handle (or path, opened for it) until end of file or until `size` bytes came."""

    source: str
    size: int = 0  # 0: until end of file


@dataclass(frozen=True)
class Close(Step):
    """Close a handle, or NAME.stdin or NAME.stdout of a process."""

    name: str


@dataclass(frozen=True)
class Make(Step):
    """Make an object as the driver, before or beside the program.

    kind: fifo, file, directory, symlink, socket (a stale socket file), shm, sem, msg (System V:
    key, size or values), posix-shm, posix-sem, mqueue. name: for %{name.id}; path, or "/name".
    foreign: it belongs to another user than the submission (System V only).
    """

    kind: str
    name: str = ""
    path: str = ""
    data: bytes = b""
    target: str = ""
    mode: int = 0o600
    key: int = 0
    size: int = 0
    values: tuple[int, ...] = ()
    foreign: bool = False


@dataclass(frozen=True)
class Remove(Step):
    """Remove what lies at path (a file of any kind but a directory)."""

    path: str


@dataclass(frozen=True)
class Signal(Step):
    """Send signals, each `times` times, the next only when the last has been taken.

    A stopped process takes none: the step then only sends. group: to the process group.
    """

    to: str
    signals: tuple[str, ...]
    times: int = 1
    group: bool = False


@dataclass(frozen=True)
class Kill(Step):
    """SIGKILL to a process that was started, or to "child 2 of NAME", and wait until it is gone."""

    name: str


@dataclass(frozen=True)
class Blocked(Step):
    """Wait until a process (or, with children, one of its descendants) is blocked.

    call: the family of calls as a student would say it (open, read, write, wait, semop, ...;
    see driver.calls), "any": the whole process tree is idle, "asleep": and nobody in it has set a time limit
    to its waiting. name may be "child 2 of NAME" otherwise. object: a path, a handle or a
    descriptor number that the call must be about; "" = whatever.
    """

    name: str
    call: str = "any"
    object: str = ""
    count: int = 1  # so many processes of the tree


@dataclass(frozen=True)
class Handles(Step):
    """Wait until a process catches, blocks or ignores each of these signals."""

    name: str
    signals: tuple[str, ...]


@dataclass(frozen=True)
class Exists(Step):
    """Wait until an object exists (or is gone). kind: as in Make, or "any" for a path."""

    path: str
    kind: str = "any"
    key: int = 0
    gone: bool = False


@dataclass(frozen=True)
class Processes(Step):
    """Wait until a process has exactly `count` living descendants, and so many zombies; -1: any number."""

    name: str
    count: int = -1
    zombies: int = -1


@dataclass(frozen=True)
class Finish(Step):
    """Close the process's stdin (if close_stdin), wait until it has exited, and collect it."""

    name: str
    close_stdin: bool = True


@dataclass(frozen=True)
class Contents(Step):
    """Read a regular file that the program wrote, bounded, never following a link."""

    path: str


@dataclass(frozen=True)
class SetSem(Step):
    """Set the values of a System V semaphore set: the one that was made as `name`, or that of `key`."""

    name: str
    key: int
    values: tuple[int, ...]


VERBS: dict[str, type[Step]] = {
    kind.__name__.lower(): kind
    for kind in (
        Start,
        Send,
        Expect,
        Open,
        Write,
        Read,
        Close,
        Make,
        Remove,
        Signal,
        Kill,
        Blocked,
        Handles,
        Exists,
        Processes,
        Finish,
        Contents,
        SetSem,
    )
}


@dataclass(frozen=True)
class CasePlan:
    """One case to play. drive: the function of Plan.drive that plays it instead of steps.

    parameters: what a drive function may ask for (values drawn from the seed).
    needs: ids of cases; where one of them could not be played to its end before, this one is not
    played (its observation says SKIPPED): it could not count any more.
    tracing: of a traced build, how it is played. late: before each step the driver waits until the programs have come
    as far as they can.
    """

    id: str
    build: str
    steps: tuple[Step, ...]
    limits: Limits
    drive: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    tracing: Tracing | None = None
    late: bool = False

    @cached_property
    def json(self) -> str:
        """As encode() writes it. Kept, as a batch sends the same cases for each of its submissions."""
        return text(self)


@dataclass(frozen=True)
class Plan:
    """Everything that the driver is told. drive: the text of the exercise's drive.py.

    lesson: the number of cases that the driver has learned before (driver/lessons.py), in place of cases; 0: none.
    """

    builds: tuple[BuildPlan, ...]
    cases: tuple[CasePlan, ...]
    seed: int = 0
    drive: str = ""
    lesson: int = 0


# --- what came of it ---------------------------------------------------------------------


class Ended(Enum):
    """How a step, a build or a case came to its end."""

    DONE = "done"
    EXITED = "exited"  # a process that the step waits for has exited before
    END_OF_FILE = "end-of-file"  # the stream ended before the pattern came
    STUCK = "stuck"  # every process is blocked and nothing can wake one
    CPU = "cpu-limit"
    WALL = "wall-limit"
    MEMORY = "memory-limit"
    FLOOD = "output-limit"
    REFUSED = "refused"  # the call that the step makes failed (connect: ECONNREFUSED)
    SKIPPED = "skipped"


@dataclass(frozen=True)
class BuildObservation:
    """argv: the commands as run; output: what the compiler printed, bytes, cut at the limit.

    kept: what BuildPlan.keep asked for, by file name. died: how the compiler came to its end ("SIGKILL", "exit
    status 4") where it gave no reason for that, twice, so that nothing says that it is for what it was given to read.
    """

    name: str
    ended: Ended
    ok: bool
    output: bytes
    seconds: float
    argv: tuple[str, ...] = ()
    kept: Mapping[str, bytes] = field(default_factory=dict)
    died: str = ""


@dataclass(frozen=True)
class StepOutcome:
    """index: of the step in its case. detail: in words, why it was not met.

    data: what was read; of an `expect` or a `read` that was not met the end of what had come instead.
    """

    index: int
    verb: str
    ended: Ended
    detail: str = ""
    data: bytes = b""
    process: str = ""


@dataclass(frozen=True)
class ProcessOutcome:
    """A started program at its end.

    exit_code or signal (a name: "SIGSEGV"), or neither: the driver ended it (`killed` says why, in
    Ended's words). cpu, max_rss: seconds and KiB of it and of the children that it waited for.
    exec_error: the errno name if it could not be started.
    """

    name: str
    argv: tuple[str, ...]
    exit_code: int | None = None
    signal: str = ""
    killed: str = ""
    stdout: bytes = b""
    stderr: bytes = b""
    truncated: bool = False
    cpu: float = 0.0
    max_rss: int = 0
    exec_error: str = ""
    tty: bool = False


class Kind(Enum):
    """What can be left behind, by its everyday name."""

    SHM = "shared memory segment"
    SEM = "semaphore set"
    MSG = "message queue"
    POSIX_SHM = "POSIX shared memory object"
    POSIX_SEM = "POSIX named semaphore"
    MQUEUE = "POSIX message queue"
    FIFO = "FIFO"
    SOCKET = "socket"
    ABSTRACT_SOCKET = "abstract socket"
    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symbolic link"
    STRAY = "running process"
    ORPHAN = "orphaned process"
    ZOMBIE = "zombie process"
    LOCK = "file lock"
    DESCRIPTOR = "descriptor"


@dataclass(frozen=True)
class Leftover:
    """One thing that the program left. name: path, "/name", or what a process runs.

    owner: which process made or holds it, as the student knows it ("shm_counter",
    "child 2 of shm_counter"), "" where the kernel does not tell.
    facts: key, id, bytes, mode, attached, values, pid, lock range ... as text, in the order
    in which a report should name them. origin: which call made it, known in a traced build only.
    """

    kind: Kind
    name: str
    owner: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = None


@dataclass(frozen=True)
class Waiter:
    """One process (or thread) in the wait-for graph.

    name: as the student knows it. call: "semop", "read", "" if it runs. words: the whole
    sentence without its subject: "waits in semop() for semaphore 0 of set 3 (value 0), last
    taken by child 2". waits_for: names of those who could end the wait. dead: nobody will.
    timed: a time-out or timer will. halted: by the scenario, which has sent it SIGSTOP. place, caller: the line of the
    call, and from where the function was called in which it stands; object: which call made what it waits for. All
    three are known in a traced build only.
    """

    name: str
    pid: int
    command: str
    call: str
    words: str
    waits_for: tuple[str, ...] = ()
    dead: bool = False
    timed: bool = False
    halted: bool = False
    place: Place | None = None
    caller: Place | None = None
    object: Origin | None = None


@dataclass(frozen=True)
class WaitGraph:
    """Who waits for whom, at the moment in which a case got stuck (or was ended at a limit).

    cycle: names in a circle of waiting, each for the next, the last for the first, if there is one.
    """

    waiters: tuple[Waiter, ...]
    cycle: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseObservation:
    """All that was seen of one case. limit_process: who was over the limit, if one was.

    leftovers is meaningful only where the case ran to its own end (ended is DONE), or where a call was made to fail
    and a program left the scenario for that (EXITED, END_OF_FILE, REFUSED, STUCK).
    """

    id: str
    build: str
    ended: Ended
    steps: tuple[StepOutcome, ...]
    processes: tuple[ProcessOutcome, ...]
    leftovers: tuple[Leftover, ...] = ()
    graph: WaitGraph | None = None
    limit_process: str = ""
    seconds: float = 0.0
    values: Mapping[str, str] = field(default_factory=dict)  # %{...} as they came out
    trace: Trace | None = None  # of a traced build


@dataclass(frozen=True)
class Done:
    """The plan has been carried out."""

    cases: int


@dataclass(frozen=True)
class Fault:
    """The sandbox or the driver failed: ours, never the student's. No grade comes of it."""

    message: str


Observation = BuildObservation | CaseObservation | Done | Fault
_OBSERVATIONS: dict[str, type[Any]] = {kind.__name__: kind for kind in (BuildObservation, CaseObservation, Done, Fault)}


# --- JSON ---------------------------------------------------------------------------------
#
# This is on the path of every grading, on both sides, so what can be known of a type beforehand is
# worked out once (the fields that a dataclass has, a reader for each type), and json itself goes
# through whatever it knows: only dataclasses, enums and bytes come by here.

_REQUIRED = object()
_REHEARSALS = 20
# In a JSON string these are as long as they were; the others of a plain text take two characters.
_UNESCAPED = bytes(byte for byte in range(0x20, 0x7F) if byte not in b'"\\')
_ESCAPED = b'"\\\n\t'


def _simpler(value: Any) -> Any:
    """What json does not know, in terms that are a step nearer to what it does."""
    kind: Any = type(value)
    return _writer(kind)(value)


_ENCODER = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False, default=_simpler)


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    """How a value of a type that json does not know is made simpler."""
    if kind is bytes:
        return _write_bytes
    if issubclass(kind, Enum):
        return lambda value: value.value
    if issubclass(kind, Mapping):
        return dict
    if kind is StepOutcome:
        return _outcome_writer()
    if is_dataclass(kind):
        return _object_writer(kind)
    raise TypeError(f"{kind.__name__} cannot cross the wall")


def _outcome_writer() -> Callable[[Any], Any]:
    """Most steps come out as they should, so of these no more crosses the wall than which they are."""
    whole = _object_writer(StepOutcome)

    def write(value: StepOutcome) -> Any:
        if value.ended is Ended.DONE and not (value.data or value.detail or value.process):
            return value.index, value.verb
        return whole(value)

    return write


def _outcome_reader() -> Callable[[Any], Any]:
    whole = _object_reader(StepOutcome)
    return lambda value: _met(*value) if type(value) is list else whole(value)


@lru_cache(maxsize=1024, typed=True)
def _met(index: Any, verb: Any) -> StepOutcome:
    """The outcome of a step that was met, and which read nothing: one for all cases."""
    return StepOutcome(_integer(index), _of(str, verb), Ended.DONE)


def _write_bytes(value: bytes) -> dict[str, str]:
    escaped = value.translate(None, _UNESCAPED)
    # Never longer than base64 is, so that nobody's output can make a line longer than it would be anyway.
    if 3 * len(escaped) <= len(value) and not escaped.translate(None, _ESCAPED):
        return {"ascii": value.decode("ascii")}
    return {"b64": binascii.b2a_base64(value, newline=False).decode("ascii")}


def _object_writer(kind: Any) -> Callable[[Any], Any]:
    """A dataclass without those of its fields that have their defaults."""
    shape = _shape(kind)
    verb = {"verb": kind.__name__.lower()} if issubclass(kind, Step) else {}

    def write(value: Any) -> dict[str, Any]:
        made: dict[str, Any] = dict(verb)
        for name, default in shape:
            item = getattr(value, name)
            if item is not default and item != default:
                made[name] = item
        return made

    return write


@cache
def _shape(kind: Any) -> tuple[tuple[str, Any], ...]:
    """(name, default) of each field."""

    def default(item: Field[Any]) -> Any:
        if item.default is not MISSING:
            return item.default
        return item.default_factory() if item.default_factory is not MISSING else _REQUIRED

    return tuple((item.name, default(item)) for item in fields(kind))


def prepare() -> None:
    """Work out everything that is kept about types now: a process that is forked later has it then.

    The interpreter rewrites code that has run a few times (PEP 659), which in each fork would cost copies of
    the pages that it lies in.
    """
    for kind in (Plan, *VERBS.values(), *_OBSERVATIONS.values()):
        _prepare(kind)
    built = BuildPlan("plain", (SourceFile("a.c", b"\0"),), (Link("a", ("cc",)),), Limits())
    played = CasePlan("case", "plain", (Start("a", ("./a",)), Write("a", b"text")), Limits())
    for _ in range(_REHEARSALS):
        decode(Plan, encode(Plan((built,), (played,))))


def _prepare(kind: Any) -> None:
    _reader(kind)
    for hint in get_type_hints(kind).values():
        for part in (hint, *get_args(hint)):
            if is_dataclass(part):
                _prepare(part)
    _writer(kind)


def encode(document: Any) -> bytes:
    """One line of JSON with its newline. Observations carry their type's name."""
    made = _simpler(document)
    if isinstance(document, Plan):
        del made["cases"]
        cases = ",".join([case.json for case in document.cases])
        return f'{_ENCODER.encode(made)[:-1]},"cases":[{cases}]}}\n'.encode("ascii")
    if type(document).__name__ in _OBSERVATIONS:
        made["type"] = type(document).__name__
    return _ENCODER.encode(made).encode("ascii") + b"\n"


def text(value: Any) -> str:
    """JSON of anything that crosses the wall, or of a tuple or mapping of such things."""
    return _ENCODER.encode(value)


def build(kind: Any, value: Any) -> Any:
    """A value of type `kind` from what json made of it. ValueError, KeyError or TypeError if it does not fit."""
    return _reader(kind)(value)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """How a value of a type is read."""
    origin = get_origin(kind)
    if kind is Any:
        return lambda value: value
    if origin in (Union, types.UnionType):
        inner = _reader(next(arg for arg in get_args(kind) if arg is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is tuple:
        return _tuple_reader(get_args(kind)[0])
    if origin is not None and issubclass(origin, Mapping):
        held = _reader(get_args(kind)[1])
        return lambda value: {key: held(item) for key, item in _of(dict, value).items()}
    if kind is Step:
        return _read_step
    if kind is StepOutcome:
        return _outcome_reader()
    if is_dataclass(kind):
        return _object_reader(kind)
    return _scalar_reader(kind)


def _read_step(value: Any) -> Any:
    verb: Any = VERBS[_of(dict, value)["verb"]]
    return _reader(verb)(value)


def _tuple_reader(kind: Any) -> Callable[[Any], Any]:
    exact, read = _as_it_is(kind), _reader(kind)
    return lambda value: tuple([item if type(item) is exact else read(item) for item in _of(list, value)])


def _object_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {item.name: (_as_it_is(hints[item.name]), _reader(hints[item.name])) for item in fields(kind)}

    def read(value: Any) -> Any:
        given = {}
        for name, item in _of(dict, value).items():
            if name in readers:
                exact, reader = readers[name]
                given[name] = item if type(item) is exact else reader(item)
        return kind(**given)

    return read


def _as_it_is(kind: Any) -> Any:
    """The type of which json's values are taken as they are, without a reader; None: of no type."""
    return kind if kind in (str, int, float, bool) else None


def _scalar_reader(kind: Any) -> Callable[[Any], Any]:
    if kind is bytes:
        return _read_bytes
    if issubclass(kind, Enum):
        return {member.value: member for member in kind}.__getitem__
    if kind is float:
        return lambda value: float(value) if type(value) is int else _of(float, value)
    if kind is int:
        return _integer
    return lambda value: _of(kind, value)


def _read_bytes(value: Any) -> bytes:
    if "ascii" in _of(dict, value):
        return _of(str, value["ascii"]).encode("ascii")
    return binascii.a2b_base64(value["b64"], strict_mode=True)


def _integer(value: Any) -> int:
    if type(value) is not int:  # a bool is an int, but not on the wire
        raise ValueError(f"int is needed, not {type(value).__name__}")
    return value


def _of(wanted: type[T], value: Any) -> T:
    """The value, which must be of that JSON type."""
    if not isinstance(value, wanted):
        raise ValueError(f"{wanted.__name__} is needed, not {type(value).__name__}")  # noqa: TRY004
    return value


def decode(kind: type[T], line: bytes | bytearray) -> T:
    """One line back into `kind`. ValueError where the line is not such a document."""
    try:
        made: T = build(kind, json.loads(line))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not a {kind.__name__}: {error!r}") from None
    return made


def decode_observation(line: bytes | bytearray) -> Observation:
    """One line from the driver. ValueError where it is none."""
    try:
        value = json.loads(line)
        made: Observation = build(_OBSERVATIONS[value["type"]], value)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"not an observation: {error!r}") from None
    return made
