"""Advice from the source alone: the mistakes that students of this course make most, where a few tokens prove them.

Each rule is a pattern of tokens that is certain: it says nothing about what only looks like a mistake, nothing about
code that may not be compiled (#if), and nothing about functions that the submission defines itself. One note for each
rule, the most dangerous first; none ever costs points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader import BuildObservation, CSource, Finding, Location, Submission, hookimpl

MOST = 5  # notes
PLACES = 8  # lines that one note names
FILES = 16  # that are looked at
_CONDITION = 40  # tokens of a condition that are looked at

_LOOPS = frozenset(("while", "for"))
_HEADS = frozenset(("if", "while", "for", "switch"))
_CHANGES = frozenset(("=", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="))
_PAUSES = frozenset(("sleep", "usleep", "nanosleep", "sched_yield"))
_SPINS = ("atomic_load", "atomic_flag_test_and_set", "__atomic_", "__sync_")  # calls that wait for nothing
_CONDITION_WAITS = ("pthread_cond_wait", "pthread_cond_timedwait", "pthread_cond_clockwait")
_LEAVES = frozenset(("continue", "break", "return", "goto"))
_GETS = frozenset(("shmget", "semget", "msgget"))
_THERE = ("/etc/", "/bin/", "/usr/", "/proc/", "/dev/")
_STANDARD = frozenset(("", ".", "..", "/", "/tmp", "/home", "/usr", "/etc", "/bin", "/dev", "/proc", "/root", "/var"))
# Calls after which the sleep before them is meant to make sure that somebody else has come so far.
_AFTER_SLEEP = _GETS | {"kill", "semctl", "shmctl", "msgctl", "shm_open", "sem_open", "mq_open", "connect", "sem_post"}
# Calls whose result must be looked at: what comes of it if it is not.
_RESULTS: Mapping[str, str] = {
    "fork": "if it fails, there is no child, and the parent goes on as if there were one",
    "pipe": "if it fails, the two descriptors are whatever lay there before",
    "pipe2": "if it fails, the two descriptors are whatever lay there before",
    "socketpair": "if it fails, the two descriptors are whatever lay there before",
    "semop": "if it fails (EINTR: a signal came; EIDRM: the set is gone), the program goes on as if it had not",
    "semtimedop": "it returns -1 when the time is over or a signal came: the program goes on without the lock",
    "sem_wait": "it returns -1 when a signal came (EINTR): the program goes on without the lock",
    "sem_timedwait": "it returns -1 when the time is over: the program goes on without the lock",
    "sem_clockwait": "it returns -1 when the time is over: the program goes on without the lock",
    "sem_trywait": "it returns -1 when the semaphore is 0: the program goes on without the lock",
    "pthread_mutex_trylock": "it returns EBUSY when another one has the lock: the program goes on without it",
    "pthread_mutex_timedlock": "it returns ETIMEDOUT when the time is over: the program goes on without the lock",
    "pthread_spin_trylock": "it returns EBUSY when another one has the lock: the program goes on without it",
    "sem_init": "if it fails, nobody ever waits, or everybody does",
    "semctl": "if it fails, the semaphore has another value than the one that is relied on",
    "msgsnd": "if it fails, the message is lost, and whoever waits for it waits for ever",
    "msgrcv": "if it fails, the old contents of the buffer are taken for a message",
    "read": "it says how many bytes have come: fewer than asked for, 0 at the end, -1 for an error",
    "recv": "it says how many bytes have come: fewer than asked for, 0 at the end, -1 for an error",
    "write": "it says how many bytes were taken: a pipe or socket may take a part, and a full disk none",
    "send": "it says how many bytes were taken, and -1 where nobody is there any more",
    "mkfifo": "if it fails for another reason than EEXIST, everything after it works on something else, or not at all",
    "mknod": "if it fails, everything after it works on something else, or not at all",
    "ftruncate": "if it fails, the memory that is mapped has no bytes behind it: SIGBUS",
    "dup2": "if it fails, what is written goes to the wrong place",
    "bind": "if it fails, nobody can connect",
    "listen": "if it fails, nobody can connect",
    "connect": "if it fails, there is nobody at the other end",
    "pthread_create": "if it fails, there is no thread, and joining it waits for something that never was",
    "flock": "if it fails, the program goes on without the lock",
    "lockf": "if it fails, the program goes on without the lock",
    "fcntl": "if it fails, the program goes on as if the lock were taken or given back",
}
_ONLY_WITH: Mapping[str, tuple[int, frozenset[str]]] = {  # an argument that must be one of these
    "semctl": (2, frozenset(("SETVAL", "SETALL"))),
    "fcntl": (1, frozenset(("F_SETLK", "F_SETLKW"))),
    "flock": (1, frozenset(("LOCK_EX", "LOCK_SH"))),
    "lockf": (1, frozenset(("F_LOCK", "F_TLOCK"))),
}
_TERMINAL = frozenset(("1", "2", "STDOUT_FILENO", "STDERR_FILENO"))


@dataclass(frozen=True)
class _Hit:
    """One place at which a rule holds. what: of this place, for the message."""

    place: Location
    what: str


class _Code:
    """The source of a submission, as the rules ask about it."""

    def __init__(self, files: Mapping[str, CSource]) -> None:
        self.files = files
        self.own = {function.name for source in files.values() for function in source.functions}
        self.macros: dict[str, str] = {}
        for source in files.values():
            self.macros.update(source.macros)
        self.texts: dict[str, int] = {}  # how often each string stands there
        for source in files.values():
            for token in source.tokens:
                if token.kind == "string":
                    self.texts[token.text] = self.texts.get(token.text, 0) + 1

        self.while_loops = tuple(_while_loops(files))

    def calls(self, names: Iterable[str]) -> Iterator[tuple[str, CSource, int]]:
        """Calls of functions of the library in code that is compiled for certain: (file, source, token)."""
        for name in names:
            if name in self.own or name in self.macros:
                continue
            for file, source in self.files.items():
                for index in source.named.get(name, ()):
                    if source.tokens[index].sure and source.depth[index] > 0 and source.is_call(index):
                        yield file, source, index

    def quiet(self, source: CSource, condition: Sequence[int]) -> bool:
        """Does a condition only look at values: neither call anything that may wait, nor change anything?"""
        if not 0 < len(condition) <= _CONDITION:
            return False
        for index in condition:
            token = source.tokens[index]
            if token.text in _CHANGES or "(" in self.macros.get(token.text, ""):
                return False
            if source.is_call(index) and token.text != "sizeof" and not token.text.startswith(_SPINS):
                return False
        return True

    def varies(self, source: CSource, condition: Sequence[int]) -> bool:
        """Is there a variable in it, so that it is not for ever?"""
        return any(source.tokens[i].kind == "name" and source.tokens[i].text not in self.macros for i in condition)


def _text(source: CSource, index: int) -> str:
    """The text of a token, "" beyond the ends."""
    return source.tokens[index].text if 0 <= index < len(source.tokens) else ""


def _begins_statement(source: CSource, index: int) -> bool:
    """Does a statement begin at a token, so that the value of a call there is not used?"""
    before = _text(source, index - 1)
    if before == ")":
        opening = source.match[index - 1]
        return opening > 0 and _text(source, opening - 1) in _HEADS
    return before in (";", "{", "}", "else", "do")


def _is_statement(source: CSource, index: int) -> bool:
    """Is a call a statement of its own?"""
    return _begins_statement(source, index) and _text(source, source.match[index + 1] + 1) == ";"


def _hit(file: str, source: CSource, index: int, what: str) -> _Hit:
    token = source.tokens[index]
    within = source.function_at(token.line, token.column)
    return _Hit(Location(file, token.line, token.column, within.name if within else ""), what)


def _while_loops(files: Mapping[str, CSource]) -> Iterator[tuple[str, CSource, int, range, int]]:
    """Loops `while (...)`, not those of do: (file, source, token of while, its condition, first token of its body)."""
    for file, source in files.items():
        bare_do = any(_text(source, index + 1) != "{" for index in source.named.get("do", ()))
        for index in source.named.get("while", ()):
            closing = source.match[index + 1] if _text(source, index + 1) == "(" else -1
            if closing < 0 or not source.tokens[index].sure or source.depth[index] == 0:
                continue
            before = _text(source, index - 1)
            ends_do = before == "}" and _text(source, source.match[index - 1] - 1) == "do"
            if not ends_do and not (bare_do and before == ";"):
                yield file, source, index, range(index + 2, closing), closing + 1


def _only_call(code: _Code, source: CSource, body: int, names: frozenset[str]) -> int:
    """The call of one of some functions that is all of a body, in braces or not; 0 if there is none."""
    call = body + (_text(source, body) == "{")
    if _text(source, call) not in names - code.own or not source.is_call(call):
        return 0
    end = source.match[call + 1] + 1
    return call if _text(source, end) == ";" and (call == body or source.match[body] == end + 1) else 0


# --- the rules --------------------------------------------------------------------------------------


def _message_size(code: _Code) -> Iterator[_Hit]:
    """msgsnd(id, &m, sizeof m, ...): the size must not count mtype."""
    sites = tuple(code.calls(("msgsnd", "msgrcv")))
    declared = {
        (name, _text(source, index + 1 + (_text(source, index + 1) == "*")))
        for source in (code.files.values() if sites else ())
        for name, places in source.named.items()
        for index in places
    }
    for file, source, index in sites:
        parts = source.parts(index + 1)
        if len(parts) < 4 or len(parts[1]) > 2 or not 2 <= len(parts[2]) <= 6:
            continue
        message, size = source.text(parts[1]), source.text(parts[2])
        if not size.startswith("sizeof"):
            continue
        measured = size.removeprefix("sizeof").removeprefix("(").removesuffix(")")
        name = message.removeprefix("&")
        whole = {name} if message != name else {f"*{name}"}
        tag = measured.removeprefix("struct")
        if measured in whole or (tag, name) in declared:
            what = f"the size that {_text(source, index)}() is given counts mtype, which it must not"
            yield _hit(file, source, index, what)


def _pause_race(code: _Code) -> Iterator[_Hit]:
    """while (!flag) pause();"""
    for file, source, _, condition, body in code.while_loops:
        call = _only_call(code, source, body, frozenset(("pause",)))
        if call and code.quiet(source, condition) and code.varies(source, condition):
            yield _hit(file, source, call, "a signal between the test and pause() is missed: pause() waits for another")


def _condition_if(code: _Code) -> Iterator[_Hit]:
    """if (count == 0) pthread_cond_wait(...), alone or in braces, unless a loop around it looks again."""
    inner: dict[str, list[int]] = {}
    for file, source, index in code.calls(_CONDITION_WAITS):
        around = (at for at in range(index - 1, -1, -1) if source.match[at] > index and _text(source, at) == "{")
        brace = next(around, -1)
        head = index - 1 if _text(source, index - 1) == ")" else brace - 1
        opening = source.match[head] if head > 0 and _text(source, head) == ")" else -1
        if opening <= 0 or _text(source, opening - 1) != "if" or not _is_statement(source, index):
            continue
        end = source.match[index + 1] + 1 if head == index - 1 else source.match[brace]
        if _LEAVES & {_text(source, at) for at in range(index, end)} or _text(source, end + 1) == "else":
            continue
        loop = inner.setdefault(file, _in_loops(source))[index]
        if loop >= 0 and (_text(source, end + 1) == "}" or _names(source, opening, head) & _looks_at(source, loop)):
            continue
        what = f"after {_text(source, index)}() the condition is taken to hold, and not looked at again"
        yield _hit(file, source, index, what)


def _fork_result(code: _Code) -> Iterator[_Hit]:
    """fork() == 0, !fork()."""
    for file, source, index in code.calls(("fork",)):
        compared = [_text(source, index + 3), _text(source, index + 4)] == ["==", "0"]
        if compared or _text(source, index - 1) == "!":
            yield _hit(file, source, index, "where fork() fails, this cannot be told from being the parent")


def _unchecked(code: _Code) -> Iterator[_Hit]:
    """pipe(fd); as a statement of its own."""
    for file, source, index in code.calls(_RESULTS):
        if not _is_statement(source, index):
            continue
        name, parts = _text(source, index), source.parts(index + 1)
        if name in _ONLY_WITH:
            at, wanted = _ONLY_WITH[name]
            if at >= len(parts) or source.text(parts[at][:4]) not in wanted:
                continue
        if name == "write" and parts and source.text(parts[0][:4]) in _TERMINAL:
            continue
        yield _hit(file, source, index, f"what {name}() returns is not looked at: {_RESULTS[name]}")


def _busy_loop(code: _Code) -> Iterator[_Hit]:
    """while (!flag);"""
    for file, source, index, condition, body in code.while_loops:
        empty = _text(source, body) == ";" or (_text(source, body) == "{" and source.match[body] == body + 1)
        if empty and code.quiet(source, condition):
            yield _hit(file, source, index, "this loop waits by asking again and again, using all of a CPU")


def _ftok(code: _Code) -> Iterator[_Hit]:
    """shmget(ftok(...)), ftok("a file that nobody makes")."""
    for file, source, index in code.calls(("ftok",)):
        parts = source.parts(index + 1)
        path = source.tokens[parts[0].start] if parts and len(parts[0]) == 1 else None
        if _text(source, index - 1) == "(" and _text(source, index - 2) in _GETS:
            what = f"where ftok() fails, {_text(source, index - 2)}() takes its -1 for a key"
            yield _hit(file, source, index, what)
        elif path is not None and path.kind == "string" and code.texts[path.text] == 1:
            name = path.text.strip('"')
            if name not in _STANDARD and not name.startswith(_THERE):
                yield _hit(file, source, index, "ftok() fails where that file is not there, or is looked for elsewhere")


def _sleep(code: _Code) -> Iterator[_Hit]:
    """sleep(1); kill(...), not in a loop; while (!flag) sleep(1);"""
    loops: dict[str, list[int]] = {}
    for file, source, index in code.calls(_PAUSES):
        if not _is_statement(source, index):
            continue
        behind = source.match[index + 1] + 2
        behind += 2 if [_text(source, behind), _text(source, behind + 1)] == ["if", "("] else 0
        after = _text(source, behind)
        if after not in _AFTER_SLEEP or not source.is_call(behind):
            continue
        if file not in loops:
            loops[file] = _in_loops(source)
        if loops[file][index] < 0:
            what = f"a sleep before {after}() does not make sure that the other process has come so far"
            yield _hit(file, source, index, what)
    for file, source, _, condition, body in code.while_loops:
        call = _only_call(code, source, body, _PAUSES)
        if call and code.quiet(source, condition) and code.varies(source, condition):
            yield _hit(file, source, call, "this loop waits by sleeping and looking again")


def _in_loops(source: CSource) -> list[int]:
    """For each token the opening brace of the loop that it stands in, the innermost; -1 if there is none."""
    made, opened = [], [-1]
    for index, token in enumerate(source.tokens):
        if token.text == "{" and source.match[index] > 0:
            before, opening = _text(source, index - 1), source.match[index - 1] if index else -1
            loop = before == "do" or (before == ")" and opening > 0 and _text(source, opening - 1) in _LOOPS)
            opened.append(index if loop else opened[-1])
        elif token.text == "}" and source.match[index] >= 0 and len(opened) > 1:
            opened.pop()
        made.append(opened[-1])
    return made


def _looks_at(source: CSource, brace: int) -> set[str]:
    """The names in the condition of a loop, given its opening brace."""
    closing = brace - 1
    if _text(source, closing) == "do":  # } while (...)
        closing = source.match[source.match[brace] + 2] if _text(source, source.match[brace] + 2) == "(" else -1
    return _names(source, source.match[closing], closing) if closing > 0 else set()


def _names(source: CSource, start: int, end: int) -> set[str]:
    return {token.text for token in source.tokens[start:end] if token.kind == "name"}


def _signal(code: _Code) -> Iterator[_Hit]:
    """signal(SIGINT, handler)."""
    for file, source, index in code.calls(("signal",)):
        parts = source.parts(index + 1)
        handler = source.text(parts[1][:_CONDITION]) if len(parts) == 2 else "0"
        if handler not in ("0", "NULL") and "SIG_" not in handler:
            yield _hit(file, source, index, "signal() installs a handler, which sigaction() does with stated rules")


@dataclass(frozen=True)
class _Rule:
    """check: the name that disabled_checks takes."""

    check: str
    find: Callable[[_Code], Iterator[_Hit]]
    because: str
    hint: str


# The most dangerous first: notes are told in this order.
RULES = (
    _Rule(
        "message-size",
        _message_size,
        "msgsz is the size of what stands behind mtype. Counting mtype too sends 8 bytes from beyond the end of the"
        " message, and lets one that is too long be written over what lies behind it.",
        "Write sizeof message - sizeof(long), or sizeof message.mtext.",
    ),
    _Rule(
        "pause-race",
        _pause_race,
        "A signal is handled whenever it comes. Between the test and pause() its handler sets the flag, and pause()"
        " does not know of it: if no other signal comes, it waits for ever.",
        "Block the signal with sigprocmask(), test, and wait with sigsuspend(): it lets it in and waits in one step.",
    ),
    _Rule(
        "condition-if",
        _condition_if,
        "pthread_cond_wait() may return although nobody signalled, and whoever was faster may have changed the"
        " condition again before the waiter got the mutex back.",
        "while (!condition) pthread_cond_wait(&changed, &mutex); looks again each time that it wakes.",
    ),
    _Rule(
        "fork-result",
        _fork_result,
        "fork() returns 0 in the child, the child's pid in the parent, and -1 where there is no child (EAGAIN): that"
        " must not be taken for a pid. kill(-1, ...) signals every process that you may signal.",
        "pid_t pid = fork(); if (pid == -1) report it and end; if (pid == 0) the child; otherwise the parent.",
    ),
    _Rule(
        "unchecked-call",
        _unchecked,
        "A system call can fail, or do only a part; where nobody looks, it shows up much later, somewhere else.",
        'if (call(...) == -1) { perror("call"); exit(EXIT_FAILURE); } Where it does not matter: (void)call(...);',
    ),
    _Rule(
        "busy-wait",
        _busy_loop,
        "It takes the CPU from the very process that it waits for; and without volatile or an atomic type, the"
        " compiler may read the variable once and loop for ever.",
        "Let the kernel wake you: semop() or sem_wait(), read() from a pipe, waitpid(), sigsuspend() for a signal.",
    ),
    _Rule(
        "ftok",
        _ftok,
        "ftok() returns -1 where the path does not exist, as seen from wherever the program is started. -1 works as a"
        " key: everybody whose ftok() fails shares it.",
        'Compare the key with -1 and say which path it was. Use a path that is always there ("/"), or a fixed key.',
    ),
    _Rule(
        "sleep-wait",
        _sleep,
        "No time is long enough on a machine that is busy, and it is lost on one that is not: it works until it"
        " matters. Sleeping is no synchronisation.",
        "Wait for the event itself: waitpid() for an end, read() on a pipe or a semaphore for a step that was reached.",
    ),
    _Rule(
        "signal-call",
        _signal,
        "What signal() does differs between systems: whether the handler stays installed, and whether a blocked"
        " read() goes on by itself (as here) or returns with EINTR.",
        "struct sigaction action = {.sa_handler = handler}; sigemptyset(&action.sa_mask); sigaction(SIGINT, &action,"
        " NULL); with .sa_flags = SA_RESTART where calls shall go on.",
    ),
)


@hookimpl
def grader_advise(submission: Submission, build: BuildObservation) -> Iterator[Finding]:
    """Look at the source once, when the plain build is there."""
    if build.name != "plain":
        return
    names = [name for name in submission.files if name.endswith((".c", ".h"))][:FILES]
    code = _Code({name: CSource(submission.files[name]) for name in names})
    told = 0
    for rule in RULES:
        hits: dict[tuple[str, int], _Hit] = {}
        for hit in rule.find(code):
            hits.setdefault((hit.place.file, hit.place.line), hit)
        if hits and told < MOST:
            told += 1
            yield _note(rule, [hits[line] for line in sorted(hits)])


def _note(rule: _Rule, hits: Sequence[_Hit]) -> Finding:
    first, more = hits[0], len(hits) - 1
    also = f", and the like at {more} more line{'s' if more > 1 else ''}" if more else ""
    return Finding(
        rule.check,
        f"{first.place.file}:{first.place.line}: {first.what}{also}",
        locations=tuple(hit.place for hit in hits[:PLACES]),
        because=rule.because,
        hint=rule.hint,
        details=tuple(f"{hit.place.file}:{hit.place.line}: {hit.what}" for hit in hits[1:PLACES]),
        data={"lines": len(hits)},
    )
