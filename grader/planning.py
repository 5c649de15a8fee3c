"""An exercise, a submission and a seed become what is sent through the wall, and what stays outside.

`plan_case` draws the values of a case, renders its steps into a `wire.CasePlan`, and keeps everything
that is expected of them in an `Expected`, which never enters the sandbox. Pure, but for `plan_partner` and
`plan_build`, which read the exercise's own files.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from grader import wire
from grader.config import Config
from grader.errors import SpecError
from grader.model import CaseSpec, Exercise, Exit, Expected, ExpectedStep, Output, Program, Submission
from grader.spec import templates
from grader.spec.problems import message, shown
from grader.spec.scope import PARTNER, Programs
from grader.spec.steps import MODES, SIGNALS, Expectation
from grader.spec.templates import ExpressionError, Template
from grader.spec.values import draw
from grader.trace import Point
from grader.wire import BuildPlan, CasePlan, Limits, Link, SourceFile

PLAIN, SANITIZED, TRACED, PARTNERS = "plain", "sanitized", "traced", "partner"
_SHOWN = 40  # characters of data that a step's words quote
_SLOWER: Mapping[str, float] = MappingProxyType({SANITIZED: 4.0, TRACED: 8.0})  # so much more CPU time it may take
_SHADOW = 512 << 20  # and so much more memory, in either of these builds
_LARGEST_SOURCE = 1 << 20
SANITIZER_ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        "ASAN_OPTIONS": "exitcode=99:detect_leaks=0:halt_on_error=1:abort_on_error=0:detect_stack_use_after_return=1"
        ":handle_segv=1:handle_abort=0:allocator_may_return_null=1:symbolize=1:color=never",
        "UBSAN_OPTIONS": "exitcode=99:halt_on_error=1:print_stacktrace=1:color=never",
    }
)


# What sandbox/runtime needs of the compiler: each access to memory becomes a call, nothing that a library function does
# is done inline, and whoever called a wrapper of semop() can be told, for it has a frame of its own. What stands in a
# line is done there: nothing is moved out of a loop, or to where the paths from it meet.
TRACE_FLAGS = (
    *("-B.", "-fsanitize=thread", "-static-libtsan", "-Wno-tsan"),
    *("--param", "tsan-distinguish-volatile=1", "--param", "tsan-instrument-func-entry-exit=0"),
    *("-fno-builtin", "-fno-inline", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls"),
    *("-fno-tree-loop-im", "-fno-tree-pre", "-fno-code-hoisting", "-fno-tree-sink", "-fno-tree-vectorize"),
    # addr2line (binutils 2.40) takes what lies in a header for the source that includes it, in DWARF 5.
    *("-U_FORTIFY_SOURCE", "-gdwarf-4"),
    "-fcallgraph-info",  # who calls whom, for plugins/advise_handlers.py: a .ci file beside each program
)
TRACE_LIBRARIES = ("-lrt", "-pthread", "-ldl")


# --- builds -----------------------------------------------------------------------------------


def plan_build(exercise: Exercise, submission: Submission, config: Config, build: str = PLAIN) -> BuildPlan:
    """How the submission is built; build: "plain", "sanitized" or "traced"."""
    files = [SourceFile(name, submission.files[name]) for name in exercise.submit if name in submission.files]
    files += [_source(exercise.root / "given" / name) for name in exercise.given]
    return BuildPlan(
        name=build,
        files=tuple(files),
        links=tuple(_link(exercise, program, config, build) for program in exercise.programs if not program.partner),
        limits=config.build_limits,
        environment=SANITIZER_ENVIRONMENT if build == SANITIZED else {},
        address_space=build not in _SLOWER,
        runtime=build == TRACED,
        keep=("*.ci",) if build == TRACED else (),
    )


def plan_partner(exercise: Exercise, config: Config) -> BuildPlan:
    """How the partners are built, from the reference; execute-only for the submission."""
    programs = [program for program in exercise.programs if program.partner]
    sources = dict.fromkeys(source for program in programs for source in program.sources)
    reference = exercise.root / "reference"
    headers = [name for name in sorted(os.listdir(reference)) if name.endswith(".h") and name not in exercise.given]
    names = [name for name in (*sources, *headers) if name not in exercise.given]
    files = [_source(reference / name) for name in names]
    files += [_source(exercise.root / "given" / name) for name in exercise.given]
    return BuildPlan(
        name=PARTNERS,
        files=tuple(files),
        links=tuple(_link(exercise, program, config) for program in programs),
        limits=config.build_limits,
        partner=True,
    )


def plan_builds(
    exercise: Exercise, submission: Submission, config: Config, build: str = PLAIN
) -> tuple[BuildPlan, ...]:
    """All builds that the cases of one plan need: that of the partners, if there are any, and `build`."""
    partners = any(program.partner for program in exercise.programs)
    return (*([plan_partner(exercise, config)] if partners else []), plan_build(exercise, submission, config, build))


def _link(exercise: Exercise, program: Program, config: Config, build: str = PLAIN) -> Link:
    flags = (*exercise.flags, *program.flags)
    libraries = [flag for flag in flags if flag.startswith("-l")]
    options = [*config.flags, *(flag for flag in flags if not flag.startswith("-l"))]
    if build == SANITIZED:
        options[len(config.flags) : len(config.flags)] = config.sanitizer_flags
    elif build == TRACED:
        # Another sanitizer's calls would not be those of the runtime.
        options = [flag for flag in options if not flag.startswith(("-fsanitize", "-fno-sanitize"))]
        options += TRACE_FLAGS
        libraries += TRACE_LIBRARIES
    argv = (*config.compiler, *options, *program.sources, "-o", program.name, *libraries)
    return Link(program.name, argv)


def _source(path: Path) -> SourceFile:
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST_SOURCE + 1)
    except OSError as error:
        raise SpecError((f"{shown(path)}:1: cannot be read: {error.strerror}",)) from None
    if len(content) > _LARGEST_SOURCE:
        raise SpecError((f"{shown(path)}:1: is larger than {_LARGEST_SOURCE >> 10} KiB",))
    return SourceFile(path.name, content)


# --- cases ------------------------------------------------------------------------------------


def plan_case(
    exercise: Exercise, case: CaseSpec, *, build: str, seed: int, replay: str = ""
) -> tuple[CasePlan, Expected]:
    """One case, its values drawn from the seed. Raises SpecError for what only the values show to be wrong."""
    try:
        values = draw(case.variables, f"{seed}/{exercise.slug}/{case.id}")
        pattern = [_Step(exercise, case.line, values).text(leaves) for leaves in case.leaves]
    except ExpressionError as error:
        raise _failed(exercise, case.line, str(error)) from None
    steps: list[wire.Step] = []
    expected: list[ExpectedStep] = []
    for spec in case.steps:
        planned = _Step(exercise, spec.line, values, slower=_SLOWER.get(build, 1.0))
        try:
            step, told = _PLANNERS[spec.verb](planned, spec.arguments)
        except ExpressionError as error:
            raise _failed(exercise, spec.line, f"'{spec.verb}': {error}") from None
        steps.append(step)
        expected.append(told)
    limits = case.limits or exercise.limits
    plan = CasePlan(
        id=case.id,
        build=build,
        steps=tuple(steps),
        limits=_wider(limits, build) if build in _SLOWER else limits,
        drive=case.drive,
        parameters=values if case.drive else {},
        needs=case.needs,
    )
    return plan, Expected(case.id, tuple(expected), tuple(pattern), values, replay)


def replay(exercise: Exercise, submission: Submission, *, case: str, seed: int, point: Point | None = None) -> str:
    """The command that plays one case again, with the same values and, if one is given, in the same schedule."""
    command = f"grader grade {exercise.slug} {shlex.quote(str(submission.path))} --case {case} --seed {seed}"
    return command if point is None else f"{command} --replay {shlex.quote(str(point))}"


def _failed(exercise: Exercise, line: int, what: str) -> SpecError:
    return SpecError((message(shown(exercise.source), line, what),))


def _wider(limits: Limits, build: str) -> Limits:
    return replace(limits, cpu=limits.cpu * _SLOWER[build], memory=limits.memory + _SHADOW)


class _Step:
    """One step while it is rendered: fills its templates, and sees that what comes out fits."""

    __slots__ = ("exercise", "line", "slower", "values")

    def __init__(self, exercise: Exercise, line: int, values: Mapping[str, Any], *, slower: float = 1.0) -> None:
        self.exercise = exercise
        self.line = line
        self.values = values
        self.slower = slower

    def text(self, value: Any) -> str:
        """A text, or a number as text."""
        if type(value) is str:
            return value
        made = value.render(self.values)
        return made if type(made) is str else templates.as_text(made, _source_of(value))

    def words(self, values: Sequence[Any]) -> list[str]:
        """Texts; where one is nothing but a ${...} that is a list, each item of it."""
        made: list[str] = []
        for value in values:
            rendered = value if type(value) is str else value.render(self.values)
            items = rendered if isinstance(rendered, list) else [rendered]
            made += [item if type(item) is str else templates.as_text(item, _source_of(value)) for item in items]
        return made

    def integer(self, value: Any, low: int = 0, high: int = (1 << 32) - 1) -> int:
        """A whole number."""
        if type(value) is int:
            return value
        made = value.render(self.values)
        if type(made) is not int or not low <= made <= high:
            what = f"a whole number from {low} to {high}"
            raise ExpressionError(f"${{{_source_of(value)}}} is {made!r}; {what} is needed")
        return made

    def integers(self, value: Any, low: int = 0, high: int = 32767) -> tuple[int, ...]:
        """A list of whole numbers, or one ${...} that is such a list, or one number."""
        if type(value) is tuple:
            return tuple([self.integer(item, low, high) for item in value])
        made = value.render(self.values)
        items = made if isinstance(made, list) else [made]
        if not all(type(item) is int and low <= item <= high for item in items):
            what = f"whole numbers from {low} to {high}"
            raise ExpressionError(f"${{{_source_of(value)}}} is {made!r}; {what} are needed")
        return tuple(items)

    def word(self, value: Any, words: Sequence[str], what: str) -> str:
        """One of some words."""
        if type(value) is str:
            return value
        made = self.text(value).removeprefix("SIG" if words is SIGNALS else "")
        if made not in words:
            raise ExpressionError(f"${{{_source_of(value)}}} is '{made}', which is no {what}")
        return made

    def data(self, arguments: Mapping[str, Any]) -> bytes:
        """What {kind, value} stand for."""
        return self.bytes_of(arguments["kind"], arguments["value"])

    def bytes_of(self, kind: str, value: Any) -> bytes:
        """A text, a line or hexadecimal digits, as bytes."""
        text = self.text(value)
        if kind == "hex":
            try:
                return bytes.fromhex(text)
            except ValueError:
                raise ExpressionError(f"'{text}' is not made of pairs of hexadecimal digits") from None
        return (text + "\n" if kind == "line" else text).encode("utf-8")

    def output(self, expectation: Expectation | None) -> Output | None:
        """An expectation with its values."""
        if expectation is None:
            return None
        values = expectation.values
        if type(values) is tuple:
            says = self.text(expectation.says)
            return Output(expectation.match, tuple([self.text(value) for value in values]), says)
        made = values.render(self.values)
        if isinstance(made, str):
            made = made.splitlines()
        if not isinstance(made, list):
            raise ExpressionError(f"${{{_source_of(values)}}} is {made!r}; a list is needed")
        return Output(expectation.match, tuple([templates.as_text(item, _source_of(values)) for item in made]))

    def told(self, words: str, **more: Any) -> ExpectedStep:
        """What stays outside."""
        return ExpectedStep(words, self.line, **more)


def _source_of(template: Template) -> str:
    first = template.parts[0]
    return first if isinstance(first, str) else first.source


# --- the verbs ----------------------------------------------------------------------------------

_Planned = tuple[wire.Step, ExpectedStep]
_Arguments = Mapping[str, Any]


def _start(step: _Step, given: _Arguments) -> _Planned:
    argv = step.words(given["run"])
    if not argv:
        raise ExpressionError("there is no program to start: the list is empty")
    name, command = given["name"], argv[0]
    program, partner = "", False
    if command.startswith(("./", PARTNER)) or isinstance(given["run"][0], Template):
        programs = step.exercise.programs
        known = Programs([p.name for p in programs if not p.partner], [p.name for p in programs if p.partner])
        what, fix = known.problem(command)
        if what:
            raise ExpressionError(f"{what}; {fix}" if fix else what)
        partner = command.startswith(PARTNER)
        program = command.removeprefix(PARTNER) if partner else command[2:] if command.startswith("./") else ""
        if partner:
            argv[0] = program
    times = step.integer(given.get("times", 1), 1, 200)
    words = f"start {shlex.join(argv)}" if len(argv) < 8 else f"start {shlex.join(argv[:8])} ..."
    made = wire.Start(
        name=name,
        argv=tuple(argv),
        program=program,
        env={key: step.text(value) for key, value in given["env"].items()} if "env" in given else {},
        cwd=step.text(given.get("cwd", "")),
        stdin=step.text(given.get("stdin", "pipe")),
        stdout=step.text(given.get("stdout", "pipe")),
        tty=given.get("tty", False),
        partner=partner,
        times=times,
    )
    if name != (program or command):
        words += f" as {name}"
    return made, step.told(words if times == 1 else f"{words}, {times} times at once")


def _send(step: _Step, given: _Arguments) -> _Planned:
    data, name = step.data(given), given["name"]
    return wire.Send(name, data), step.told(f"send {_sized(data)} to {name}{_quoted(data)}")


def _eof(step: _Step, given: _Arguments) -> _Planned:
    name = given["name"]
    return wire.Close(f"{name}.stdin"), step.told(f"close {name}'s stdin")


def _expect(step: _Step, given: _Arguments) -> _Planned:
    name, kind, stream = given["name"], given["kind"], given.get("stream", "stdout")
    pattern, count = step.text(given["value"]), step.integer(given.get("count", 1), 1)
    what = {"text": "", "line": "the line ", "regex": "something like "}[kind] + _cut(pattern)
    if "says" in given:
        what = step.text(given["says"])
    times = f" {count} times" if count > 1 else ""
    words = f"wait for {what}{times} on {name}'s {stream}"
    return wire.Expect(name, pattern, kind, count, stream), step.told(words)


def _open(step: _Step, given: _Arguments) -> _Planned:
    name, kind, path = given["name"], given["kind"], step.text(given["value"])
    mode = MODES[given["for"]] if "for" in given else "read"
    words = {
        "pipe": f"make a pipe, {name}",
        "fifo": f"open FIFO {path} for {given.get('for')} as {name}",
        "file": f"open {path} for {given.get('for')} as {name}",
    }.get(kind, f"connect {name} to {path} ({kind})")
    return wire.Open(name, kind, path, mode), step.told(words)


def _write(step: _Step, given: _Arguments) -> _Planned:
    data, to = step.data(given), step.text(given["to"])
    return wire.Write(to, data), step.told(f"write {_sized(data)} to {to}{_quoted(data)}")


def _read(step: _Step, given: _Arguments) -> _Planned:
    source = step.text(given["from"])
    size = step.integer(given["bytes"], 1) if "bytes" in given else 0
    words = f"read {_plural(size, 'byte')} from {source}" if size else f"read {source} until end of file"
    subject = f"what was read from {source}"
    return wire.Read(source, size), step.told(words, output=step.output(given.get("text")), subject=subject)


def _close(step: _Step, given: _Arguments) -> _Planned:
    name = given["name"]
    base, _, stream = name.partition(".")
    return wire.Close(name), step.told(f"close {base}'s {stream}" if stream else f"close {name}")


def _make(step: _Step, given: _Arguments) -> _Planned:
    kind = given["kind"]
    path = step.text(given["path"] if "path" in given else given.get("name", ""))
    data = b""
    for form in ("text", "line", "hex"):
        if form in given:
            data = step.bytes_of(form, given[form])
    values: tuple[int, ...] = ()
    if "values" in given:
        values = step.integers(given["values"])
    elif "value" in given:
        values = (step.integer(given["value"], high=(1 << 31) - 1),)
    key = step.integer(given["key"]) if "key" in given else 0
    size = step.integer(given["size"], 1) if "size" in given else 0
    mode = step.integer(given["mode"], high=0o7777) if "mode" in given else 0o600
    target = step.text(given["target"]) if "target" in given else ""
    foreign = given.get("foreign", False)
    made = wire.Make(kind, given.get("as", ""), path, data, target, mode, key, size, values, foreign)
    return made, step.told(f"make {_object(kind, path, key)}" + (" of another user" if foreign else ""))


def _remove(step: _Step, given: _Arguments) -> _Planned:
    path = step.text(given["path"])
    return wire.Remove(path), step.told(f"remove {path}")


def _signal(step: _Step, given: _Arguments) -> _Planned:
    name, group = given["name"], given.get("group", False)
    signals = tuple([step.word(signal, SIGNALS, "signal") for signal in given["send"]])
    times = step.integer(given.get("times", 1), 1)
    words = f"send {_joined(signals)} to {name}" + ("'s process group" if group else "")
    return wire.Signal(name, signals, times, group), step.told(f"{words} {times} times" if times > 1 else words)


def _kill(step: _Step, given: _Arguments) -> _Planned:
    return wire.Kill(given["name"]), step.told(f"kill {given['name']}", kills=given["name"])


def _blocked(step: _Step, given: _Arguments) -> _Planned:
    name, call = given["name"], step.text(given["call"])
    subject = step.text(given.get("object", ""))
    count = step.integer(given.get("count", 1), 1)
    about = (f" of descriptor {subject}" if subject.isdigit() else f" of {subject}") if subject else ""
    if call == "any":
        words = f"wait until {name} is idle"
    elif call == "asleep":
        words = f"wait until {name} sleeps, with no time limit"
    elif count > 1:
        words = f"wait until {count} processes of {name} are blocked in {_CALL_WORDS.get(call, call + '()')}{about}"
    else:
        words = f"wait until {name} is blocked in {_CALL_WORDS.get(call, call + '()')}{about}"
    return wire.Blocked(name, call, subject, count), step.told(words)


def _handles(step: _Step, given: _Arguments) -> _Planned:
    name, signals = given["name"], tuple([step.word(signal, SIGNALS, "signal") for signal in given["signals"]])
    return wire.Handles(name, signals), step.told(f"wait until {name} handles {_joined(signals)}")


def _presence(step: _Step, given: _Arguments, *, gone: bool) -> _Planned:
    kind = given["kind"]
    path = step.text(given["value"] if "value" in given else given.get("name", ""))
    key = step.integer(given["key"]) if "key" in given else 0
    state = "is gone" if gone else "exists"
    return wire.Exists(path, kind, key, gone), step.told(f"wait until {_object(kind, path, key)} {state}")


def _exists(step: _Step, given: _Arguments) -> _Planned:
    return _presence(step, given, gone=False)


def _gone(step: _Step, given: _Arguments) -> _Planned:
    return _presence(step, given, gone=True)


def _processes(step: _Step, given: _Arguments) -> _Planned:
    name = given["name"]
    living, zombies = (step.integer(given[key], high=10_000) if key in given else -1 for key in ("living", "zombies"))
    words = [
        f"no {noun}es" if count == 0 else f"{count} {noun}" + ("es" if count > 1 else "")
        for count, noun in ((living, "child process"), (zombies, "zombie process"))
        if count >= 0
    ]
    return wire.Processes(name, living, zombies), step.told(f"wait until {name} has {' and '.join(words)}")


def _finish(step: _Step, given: _Arguments) -> _Planned:
    name = given["name"]
    signal = step.word(given["signal"], SIGNALS, "signal") if "signal" in given else ""
    cpu = given.get("cpu")
    expected = Exit(
        process=name,
        statuses=step.integers(given["exit"], high=255) if "exit" in given else () if signal else (0,),
        signal=signal,
        stdout=step.output(given.get("stdout")),
        stderr=step.output(given.get("stderr")),
        cpu=cpu,
        slower=step.slower,
    )
    return wire.Finish(name, given.get("stdin") != "open"), step.told(f"finish {name}", exit=expected)


def _contents(step: _Step, given: _Arguments) -> _Planned:
    path = step.text(given["path"])
    return wire.Contents(path), step.told(f"look into {path}", output=step.output(given["text"]), subject=path)


def _sem(step: _Step, given: _Arguments) -> _Planned:
    name, key = given.get("name", ""), step.integer(given["key"]) if "key" in given else 0
    values = step.integers(given["values"])
    words = f"set {name or _object('sem', '', key)} to {', '.join(map(str, values))}"
    return wire.SetSem(name, key, values), step.told(words)


_PLANNERS: Mapping[str, Callable[[_Step, _Arguments], _Planned]] = {
    "start": _start,
    "send": _send,
    "eof": _eof,
    "expect": _expect,
    "open": _open,
    "write": _write,
    "read": _read,
    "close": _close,
    "make": _make,
    "remove": _remove,
    "signal": _signal,
    "kill": _kill,
    "blocked": _blocked,
    "handles": _handles,
    "exists": _exists,
    "gone": _gone,
    "processes": _processes,
    "finish": _finish,
    "contents": _contents,
    "sem": _sem,
}

# --- words ------------------------------------------------------------------------------------

_CALL_WORDS: Mapping[str, str] = {
    "sem-wait": "sem_wait()",
    "lock": "a lock call",
    "poll": "poll()",
    "signal": "a wait for a signal",
    "mq-receive": "mq_receive()",
    "mq-send": "mq_send()",
}
_OBJECTS: Mapping[str, str] = {
    "any": "",
    "fifo": "FIFO ",
    "symlink": "symbolic link ",
    "shm": "shared memory segment ",
    "sem": "semaphore set ",
    "msg": "message queue ",
    "posix-shm": "shared memory object ",
    "posix-sem": "semaphore ",
    "mqueue": "message queue ",
}


def _object(kind: str, path: str, key: int) -> str:
    return _OBJECTS.get(kind, f"{kind} ") + (path or (f"{key:#x}" if key else "without a key"))


def _sized(data: bytes) -> str:
    return _plural(len(data), "byte")


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _quoted(data: bytes) -> str:
    if not 0 < len(data) <= _SHOWN:
        return ""
    return ": " + _cut(data.decode("utf-8", "backslashreplace"))


def _cut(text: str) -> str:
    """A text as C would write it."""
    return json.dumps(text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "...", ensure_ascii=False)


def _joined(signals: Sequence[str]) -> str:
    names = [f"SIG{signal}" for signal in signals]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
