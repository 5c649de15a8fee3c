"""Advice `handler-reach`: what a signal handler can come to that must not be called in one, in whichever way.

gcc writes down who calls whom (-fcallgraph-info: one .ci file for each source of a program, kept by the traced build);
which functions are handlers, and what was inlined where, is read from the source. What a handler was *seen* to do is
judged by another check; this finds the branch that no case came through, and never costs points.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from grader import BuildObservation, CSource, Exercise, Finding, Location, Program, Submission, hookimpl

MOST = 5  # handlers that are told of
CHAINS = 8  # ways that are told of one handler
_EDGES = 20_000  # of a program
_ARGUMENT = 24  # tokens of an argument that are looked at
_NEAR = 500  # functions between which an inlined one is looked for
_STEPS = 12  # of a chain that are told

# signal-safety(7) of Linux man-pages 6.03: what POSIX.1-2008 with TC2 requires to be async-signal-safe.
_POSIX = """
    abort accept access aio_error aio_return aio_suspend alarm bind cfgetispeed cfgetospeed cfsetispeed
    cfsetospeed chdir chmod chown clock_gettime close connect creat dup dup2 execl execle execv execve _exit _Exit
    faccessat fchdir fchmod fchmodat fchown fchownat fcntl fdatasync fexecve ffs fork fstat fstatat fsync
    ftruncate futimens getegid geteuid getgid getgroups getpeername getpgrp getpid getppid getsockname getsockopt
    getuid htonl htons kill link linkat listen longjmp lseek lstat memccpy memchr memcmp memcpy memmove memset
    mkdir mkdirat mkfifo mkfifoat mknod mknodat ntohl ntohs open openat pause pipe poll posix_trace_event pselect
    pthread_kill pthread_self pthread_sigmask raise read readlink readlinkat recv recvfrom recvmsg rename renameat
    rmdir select sem_post send sendmsg sendto setgid setpgid setsid setsockopt setuid shutdown sigaction sigaddset
    sigdelset sigemptyset sigfillset sigismember siglongjmp signal sigpause sigpending sigprocmask sigqueue sigset
    sigsuspend sleep sockatmark socket socketpair stat stpcpy stpncpy strcat strchr strcmp strcpy strcspn strlen
    strncat strncmp strncpy strnlen strpbrk strrchr strspn strstr strtok_r symlink symlinkat tcdrain tcflow
    tcflush tcgetattr tcgetpgrp tcsendbreak tcsetattr tcsetpgrp time timer_getoverrun timer_gettime timer_settime
    times umask uname unlink unlinkat utime utimensat utimes wait waitpid wcpcpy wcpncpy wcscat wcschr wcscmp
    wcscpy wcscspn wcslen wcsncat wcsncmp wcsncpy wcsnlen wcspbrk wcsrchr wcsspn wcsstr wcstok wmemchr wmemcmp
    wmemcpy wmemmove wmemset write
"""
# Not on that list, but on Linux with glibc nothing but a system call, or a computation: there is nothing to advise.
_HARMLESS = """
    accept4 dup3 epoll_create epoll_create1 epoll_ctl epoll_wait eventfd eventfd_read eventfd_write execlp execvp
    execvpe flock getitimer getpgid getpriority getrlimit getrusage getsid gettid gettimeofday ioctl isatty killpg
    mlock mmap mprotect msync munmap nanosleep clock_nanosleep nice open64 pidfd_open pidfd_send_signal pipe2
    ppoll prctl pread pwrite readv sched_yield semctl semget semop semtimedop setegid seteuid setitimer
    setpriority setregid setreuid setrlimit shmat shmctl shmdt shmget msgctl msgget msgrcv msgsnd signalfd sync
    syscall timer_delete timerfd_create timerfd_gettime timerfd_settime truncate usleep vfork wait3 wait4 waitid
    writev sem_close sem_getvalue sem_trywait sem_unlink shm_open shm_unlink mq_close mq_getattr mq_notify
    mq_receive mq_send mq_setattr mq_timedreceive mq_timedsend mq_unlink pthread_equal ftok getpagesize sysconf
    bsd_signal sysv_signal sigandset sigorset sigblock sigisemptyset siginterrupt sigsetmask sigtimedwait sigwait
    sigwaitinfo sigabbrev_np sigstack sigaltstack tgkill setjmp _setjmp sigsetjmp _longjmp abs labs llabs div ldiv
    atoi atol atoll strtol strtoll strtoul strtoull isalnum isalpha isascii isblank iscntrl isdigit isgraph
    islower isprint ispunct isspace isupper isxdigit tolower toupper bcmp bcopy bzero ffsl ffsll explicit_bzero
    index rindex memmem mempcpy memrchr rawmemchr strcasecmp strcasestr strchrnul strncasecmp strsep swab alloca
    clock difftime getenv fallocate posix_fadvise chroot lockf sendfile splice tee fpathconf pathconf getcpu
    sched_getcpu creat64 lseek64 stat64 fstat64 lstat64
"""
SAFE = frozenset(_POSIX.split())
_QUIET = SAFE | frozenset(_HARMLESS.split())

_HEAP = """
    malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf getline getdelim fopen fdopen fclose
    freopen popen pclose opendir closedir readdir setenv putenv unsetenv qsort atexit on_exit
"""
_STDIO = """
    printf fprintf vprintf vfprintf puts fputs putchar putc fputc putchar_unlocked putc_unlocked perror fflush
    fwrite fread fgets fgetc getc getchar scanf fscanf ungetc setbuf setvbuf setlinebuf gets psignal psiginfo err
    errx warn warnx error fseek ftell rewind fputs_unlocked fwrite_unlocked
"""
_LOCKS = """
    pthread_mutex_lock pthread_mutex_unlock pthread_mutex_trylock pthread_cond_wait pthread_cond_signal
    pthread_cond_broadcast pthread_rwlock_rdlock pthread_rwlock_wrlock pthread_rwlock_unlock pthread_spin_lock
    pthread_create pthread_join pthread_exit pthread_barrier_wait sem_wait sem_timedwait
"""
_OTHERS = """
    sprintf snprintf vsprintf vsnprintf sscanf localtime gmtime ctime asctime strftime mktime localtime_r ctime_r
    rand srand random srandom drand48 strtok strerror strsignal syslog openlog closelog system getpwnam getpwuid
    gethostbyname getaddrinfo setlocale dlopen dlsym __assert_fail assert sem_open mq_open dprintf vdprintf
"""


@dataclass(frozen=True)
class _Family:
    """Functions that are unsafe for one reason. names: parted by white space."""

    names: str
    because: str
    hint: str


_FLAG = (
    "Let the handler only set a flag (static volatile sig_atomic_t), and do the rest where the program notices it:"
    " in its main loop, when a blocked call returns with EINTR."
)
# The most dangerous first.
_FAMILIES = (
    _Family(
        _HEAP,
        "It changes the lists of malloc(). A signal that comes while the program itself is in malloc() or free()"
        " finds them half changed: the program hangs on their lock, or crashes much later.",
        _FLAG,
    ),
    _Family(
        _STDIO,
        "stdio has one buffer and one lock for each stream. A signal that comes while the program itself is in"
        " printf() finds them half changed: text comes twice or is lost, or the program waits for ever for its lock.",
        f"{_FLAG} A handler that must print uses write(STDOUT_FILENO, ...).",
    ),
    _Family(
        "exit quick_exit",
        "exit() writes out the buffers of stdio and calls what atexit() was given, in the midst of whatever the signal"
        " interrupted: text comes twice or is lost, or the program waits for its own lock for ever.",
        f"Call _exit() there. Or: {_FLAG[0].lower()}{_FLAG[1:]}",
    ),
    _Family(
        _LOCKS,
        "The code that was interrupted may hold that lock. It goes on only when the handler returns, and the handler"
        " only when it has the lock: the process waits for itself.",
        f"{_FLAG} sem_post() is allowed in a handler; nothing that waits is.",
    ),
    _Family(
        _OTHERS,
        "It is not async-signal-safe: it keeps things between calls, or takes locks. A signal that comes while the"
        " program itself is in it, or in one like it, finds them half changed. man 7 signal-safety lists what is safe.",
        _FLAG,
    ),
)
_RANK = {name: rank for rank, family in enumerate(_FAMILIES) for name in family.names.split()}
_ALIAS = re.compile(r"^(?:__builtin_)?(?:__isoc\d\d_|__GI_|_IO_)?(?:__(?P<checked>\w+)_chk|(?P<name>\w+))$", re.ASCII)
_ALIASES = {"__assert_fail": "assert", "__sigsetjmp": "sigsetjmp", "__xpg_strerror_r": "strerror", "_IO_putc": "putc"}

_NODE = re.compile(r'^node: \{ title: "([^"]{1,300})" label: "([^"]{0,600})"( shape : ellipse)? \}')
_EDGE = re.compile(r'^edge: \{ sourcename: "([^"]{1,300})" targetname: "([^"]{1,300})" label: "([^"]{0,300})" \}')
_PLACE = re.compile(r"^(?P<file>[^:]+):(?P<line>\d{1,7}):(?P<column>\d{1,7})$")
_INSTALLERS = frozenset(("signal", "bsd_signal", "sysv_signal", "ssignal", "sigset"))  # the second argument
_MEMBERS = frozenset(("sa_handler", "sa_sigaction"))


# --- the graph ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Call:
    """One call: of which function, and where it stands (file "" where gcc does not tell)."""

    target: str
    file: str
    line: int
    column: int


@dataclass(frozen=True)
class _Step:
    """A step of a chain, in a reader's names. line 0: not known."""

    caller: str
    callee: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"calls {self.callee}()" + (f" at {self.file}:{self.line}" if self.line else "")


@dataclass
class _Graph:
    """Who calls whom in one program. names: of each node. own: those that the submission defines."""

    names: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)  # file in which a node is declared
    own: set[str] = field(default_factory=set)
    calls: dict[str, list[_Call]] = field(default_factory=dict)
    edges: int = 0

    def read(self, text: str) -> None:
        """Add what gcc wrote about one source."""
        for line in text.split("\n", 4 * _EDGES)[: 4 * _EDGES]:
            node = _NODE.match(line)
            if node:
                title, label, outside = node.groups()
                name, _, rest = label.partition("\\n")
                place = _PLACE.match(rest.partition("\\n")[0])
                if not outside or title not in self.names:
                    self.names[title] = name.partition(".")[0]
                    self.places[title] = place["file"] if place else ""
                if not outside and place and not place["file"].startswith("/"):
                    self.own.add(title)
                continue
            edge = _EDGE.match(line)
            if edge and self.edges < _EDGES:
                self.edges += 1
                source, target, label = edge.groups()
                at = None if label.startswith("/") else _PLACE.match(label)  # / : an inline function of a header
                where = (at["file"], int(at["line"]), int(at["column"])) if at else ("", 0, 0)
                self.calls.setdefault(source, []).append(_Call(target, *where))

    def unsafe(self, title: str) -> str:
        """The name of a function of the library that a handler must not call; "" for any other."""
        found = _ALIAS.match(self.names.get(title, title))
        if title in self.own or found is None:
            return ""
        whole = self.names.get(title, title)
        name = _ALIASES.get(whole) or found["checked"] or found["name"]
        if name in _RANK:
            return name
        system = self.places.get(title, "").startswith("/usr/") and "math" not in self.places[title]
        return name if system and name not in _QUIET and not name.startswith("_") else ""

    def reached(self, start: str) -> Iterator[tuple[str, list[tuple[str, _Call]]]]:
        """Every unsafe function that can be reached, the nearest first: its name, and each (caller, call) up to it."""
        came: dict[str, tuple[str, _Call] | None] = {start: None}
        told: set[str] = set()
        waiting = deque([start])
        while waiting:
            at = waiting.popleft()
            for call in self.calls.get(at, ()):
                name = self.unsafe(call.target)
                if name and name not in told:
                    told.add(name)
                    yield name, [*self._way(came, at), (at, call)]
                elif call.target in self.own and call.target not in came:
                    came[call.target] = (at, call)
                    waiting.append(call.target)

    @staticmethod
    def _way(came: Mapping[str, tuple[str, _Call] | None], at: str) -> list[tuple[str, _Call]]:
        way = []
        step = came[at]
        while step is not None:
            way.append(step)
            step = came[step[0]]
        return way[::-1]


# --- the source -----------------------------------------------------------------------------------


@dataclass
class _Sources:
    """What is read from the sources of one program: handlers, and who calls whom before anything is inlined."""

    files: Mapping[str, CSource]
    handlers: dict[str, Location] = field(default_factory=dict)  # name -> where it is installed
    calls: dict[str, list[_Step]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Look for what installs handlers, and for the functions that hand on a parameter to it."""
        self.defined = {function.name for source in self.files.values() for function in source.functions}
        sites: dict[str, list[tuple[str, int]]] = {}  # calls: name -> (file, token)
        waiting = [(name, 1) for name in _INSTALLERS if name not in self.defined]
        for file, source in self.files.items():
            waiting += self._members(file, source)
            for index in self._calls(file, source):
                sites.setdefault(source.tokens[index].text, []).append((file, index))
        known = set(waiting)
        while waiting:
            name, at = waiting.pop()
            for file, index in sites.get(name, ()):
                arguments = self.files[file].parts(index + 1)
                for more in self._handler(file, self.files[file], arguments[at] if at < len(arguments) else ()):
                    if more not in known:
                        known.add(more)
                        waiting.append(more)

    def _members(self, file: str, source: CSource) -> Iterator[tuple[str, int]]:
        """Look at what is assigned to the members of a struct sigaction, or initialises them."""
        for index, token in enumerate(source.tokens):
            start = 0
            if token.text in _MEMBERS and _follows(source, index, "="):
                start = index + 2
            elif token.text == "sigaction":
                start = _first_member(source, index)
            if start:
                yield from self._handler(file, source, _expression(source, start))

    def _calls(self, file: str, source: CSource) -> Iterator[int]:
        """The calls of functions that may install handlers; who calls whom is noted on the way."""
        for index, token in enumerate(source.tokens):
            if (token.text in self.defined or token.text in _INSTALLERS) and source.is_call(index):
                yield index
                within = source.function_at(token.line, token.column)
                if within is not None and token.text in self.defined:
                    step = _Step(within.name, token.text, file, token.line)
                    self.calls.setdefault(within.name, []).append(step)

    def _handler(self, file: str, source: CSource, part: Sequence[int]) -> Iterator[tuple[str, int]]:
        """Note the handlers in an expression; yields (function, argument) where it is a parameter of that function."""
        for index in part[:_ARGUMENT]:
            token = source.tokens[index]
            if token.kind != "name" or source.is_call(index):
                continue
            within = source.function_at(token.line, token.column)
            if within is not None and token.text in within.parameters:
                yield within.name, within.parameters.index(token.text)
            elif token.text in self.defined:
                self.handlers.setdefault(token.text, Location(file, token.line, token.column))

    def within(self, call: _Call) -> str:
        """The function in whose text a call stands; "" where that is not known."""
        source = self.files.get(call.file)
        function = source.function_at(call.line, call.column) if source else None
        return function.name if function else ""

    def way(self, start: str, end: str) -> list[_Step]:
        """How the text of one function comes to call another that was inlined into it."""
        came: dict[str, _Step | None] = {start: None}
        waiting = deque([start])
        while waiting and end not in came and len(came) < _NEAR:
            for step in self.calls.get(waiting.popleft(), ()):
                if step.callee not in came:
                    came[step.callee] = step
                    waiting.append(step.callee)
        made: list[_Step] = []
        last = came.get(end)
        while last is not None:
            made.append(last)
            last = came[last.caller]
        return made[::-1] or [_Step(start, end, "", 0)]


def _follows(source: CSource, index: int, text: str) -> bool:
    return index + 1 < len(source.tokens) and source.tokens[index + 1].text == text


def _expression(source: CSource, start: int) -> range:
    """The tokens of an expression, up to what ends it."""
    index = start
    while index < min(len(source.tokens), start + _ARGUMENT) and source.tokens[index].text not in (",", ";", "}", "="):
        index = max(index, source.match[index]) + 1
    return range(start, index)


def _first_member(source: CSource, index: int) -> int:
    """Of `struct sigaction NAME = {HANDLER` where the handler stands, which is its first member; else 0."""
    texts = [token.text for token in source.tokens[index + 1 : index + 6]]
    if len(texts) < 5 or texts[1:3] != ["=", "{"] or source.tokens[index - 1].text != "struct":
        return 0
    first = index + 4 + (texts[3] == "{")
    return first if source.tokens[first].kind == "name" or source.tokens[first].text == "&" else 0


# --- the advice -----------------------------------------------------------------------------------


@hookimpl
def grader_advise(exercise: Exercise, submission: Submission, build: BuildObservation) -> Iterator[Finding]:
    """Follow each handler of each program to what it must not call. Says nothing where no .ci files were kept."""
    read: dict[str, CSource] = {}
    told: set[str] = set()
    for program in exercise.programs:
        if program.partner:
            continue
        graph = _graph(program, build.kept)
        if not graph.calls:
            continue
        for name in submission.files:
            if name not in read and (name in program.sources or name.endswith(".h")):
                read[name] = CSource(submission.files[name])
        sources = _Sources({name: read[name] for name in read if name in program.sources or name.endswith(".h")})
        for title, handler, place in _handlers(graph, sources):
            if handler not in told and len(told) < MOST:
                found = _follow(graph, sources, title, handler)
                if found:
                    told.add(handler)
                    yield _note(handler, place, found)


def _graph(program: Program, kept: Mapping[str, bytes]) -> _Graph:
    """What gcc wrote for `gcc ... a.c b.c -o prog`: prog-a.ci and prog-b.ci; for `gcc prog.c -o prog`: prog.ci."""
    graph = _Graph()
    for source in program.sources:
        stem = source.rpartition("/")[2].rpartition(".")[0]
        text = kept.get(f"{program.name}-{stem}.ci")
        if text is None and len(program.sources) == 1 and stem == program.name:
            text = kept.get(f"{stem}.ci")
        if text is not None:
            graph.read(text.decode("utf-8", "replace"))
    return graph


def _handlers(graph: _Graph, sources: _Sources) -> Iterator[tuple[str, str, Location]]:
    """(node, name, where it is installed) of each handler that gcc has kept."""
    for title in sorted(graph.own):
        name = graph.names[title]
        if name in sources.handlers and title in graph.calls:
            yield title, name, sources.handlers[name]


def _follow(graph: _Graph, sources: _Sources, title: str, handler: str) -> list[tuple[str, list[_Step]]]:
    """(unsafe function, the steps to it) of a handler, the most dangerous first."""
    made = []
    for name, way in sorted(graph.reached(title), key=lambda one: _RANK.get(one[0], len(_FAMILIES)))[:CHAINS]:
        steps: list[_Step] = []
        for at, call in way if len(way) <= 2 * _STEPS else [*way[:_STEPS], way[-1]]:
            caller = graph.names[at] if steps else handler
            within = sources.within(call)
            if within and within != caller:
                steps += sources.way(caller, within)
                caller = within
            callee = graph.unsafe(call.target) or graph.names[call.target]
            steps.append(_Step(caller, callee, call.file, call.line))
        made.append((name, steps))
    return made


def _note(handler: str, installed: Location, found: Sequence[tuple[str, list[_Step]]]) -> Finding:
    name, steps = found[0]
    family = _FAMILIES[_RANK.get(name, len(_FAMILIES) - 1)]
    others = [f"{other}()" for other, _ in found[1:]]
    also = f"; so can {_listed(others)}" if others else ""
    return Finding(
        "handler-reach",
        f"{name}() can be reached in a signal handler: {_told(steps)}{also}",
        expected="only async-signal-safe functions in a handler (man 7 signal-safety)",
        locations=tuple(dict.fromkeys(Location(s.file, s.line, 0, s.caller) for s in steps[:_STEPS] if s.line)),
        because=family.because,
        hint=family.hint,
        details=(
            *(_told(way) for _, way in found[1:]),
            f"{handler}() is installed as a handler at {installed.file}:{installed.line}",
        ),
        data={
            "handler": handler,
            "reached": [
                {
                    "function": other,
                    "steps": [
                        {"caller": s.caller, "callee": s.callee, "file": s.file, "line": s.line} for s in way[:_STEPS]
                    ],
                }
                for other, way in found
            ],
        },
    )


def _told(steps: Sequence[_Step]) -> str:
    """on_int() calls report() at x.c:31, which calls printf() at x.c:12."""
    shown = [str(step) for step in steps[:_STEPS]]
    if len(steps) > _STEPS:
        shown[-1] = f"in the end {steps[-1]}"
    return f"{steps[0].caller}() {', which '.join(shown)}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
