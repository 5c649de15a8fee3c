"""The verbs of a scenario: what an author may write after each, and its long form.

`read_step` turns `finish: {reader: {exit: 0}}` into a `StepSpec` whose arguments are the same however
the step was written; `grader.planning` renders them. The JSON Schema comes from the same forms.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.model import Match, StepSpec
from grader.spec.forms import (
    MISSING,
    Boolean,
    Duration,
    Either,
    Fields,
    Form,
    Integer,
    Json,
    ListOf,
    MapOf,
    Name,
    Named,
    Nothing,
    Reading,
    Size,
    Text,
    Word,
)
from grader.spec.problems import Place, kind_of, meant, one_of

# fmt: off
SIGNALS = (
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
    "PWR", "SYS", "RTMIN", "RTMAX",
)
CALLS = (
    "open", "read", "write", "wait", "semop", "sem-wait", "lock", "poll", "signal", "sleep", "msgrcv", "msgsnd",
    "mq-receive", "mq-send", "accept", "connect", "recv", "send", "any", "asleep",
)
# fmt: on
MODES = {"reading": "read", "writing": "write", "appending": "append"}


# --- parts of forms ---------------------------------------------------------------------------


def _regex_problem(pattern: str) -> str:
    plain = re.sub(r"\$\{[^}]*\}", "x", pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what Python will one day read otherwise
            re.compile(plain.encode("utf-8", "surrogatepass"), re.MULTILINE | re.DOTALL)
    except (re.error, FutureWarning, OverflowError, RecursionError) as error:
        return f"not a regular expression: {error}"
    return ""


def _hex_problem(digits: str) -> str:
    if "${" in digits:
        return ""
    try:
        bytes.fromhex(digits)
    except ValueError:
        return f"'{digits}' is not made of pairs of hexadecimal digits"
    return ""


def _argument_problem(text: str) -> str:
    return "holds a NUL character, which no argument can" if "\0" in text else ""


def _variable_problem(name: str) -> str:
    return "" if name and "=" not in name and "\0" not in name else f"{name!r} cannot be the name of a variable"


_PATH = Text("a path, relative to the directory of the case", empty=False, check=_argument_problem)
_KEY = Integer("a System V key", high=(1 << 32) - 1)
_MODE = Integer("permissions, for example 0644", high=0o7777)
_POSIX_NAME = Text("a name such as /jobs", empty=False)
_REGEX = Text("a regular expression; ^ and $ match at lines, . matches newlines", check=_regex_problem)
_SAYS = Text('what a regex asks for, in words that a student understands: "a line with a number"', empty=False)
_SIGNAL = Word("a signal, for example USR1", SIGNALS, "signal", "SIG", free=True)
_SIGNALS = ListOf(item=_SIGNAL, single=True)
_DATA_FORMS: Mapping[str, Form] = {
    "text": Text("exactly this text"),
    "line": Text("this text and a newline"),
    "hex": Text("these bytes, in hexadecimal", check=_hex_problem),
}
_DATA = Either(
    mapping=Fields(one=_DATA_FORMS),
    scalar=Text("exactly this text"),
    short=lambda text: {"kind": "text", "value": text},
)


@dataclass(frozen=True)
class Expectation:
    """What an output must be. values: texts and Templates, or one Template that is a list of them.

    says: the same in words (a Template or text), for a student who cannot read regular expressions.
    """

    match: Match
    values: Any = ()
    says: Any = ""


@dataclass(eq=False, repr=False)
class _OutputForm(Form):
    """Wraps another form, to make an Expectation of what it reads."""

    form: Form = Either(  # noqa: RUF009 - nothing writes to a Form
        scalar=Text("exactly this text"),
        mapping=Fields(
            one={
                "contains": ListOf("all of these, anywhere", single=True),
                "regex": _REGEX,
                "lines": ListOf("exactly these lines, in any order", least=0, whole=True),
                "not-empty": Boolean("anything but nothing"),
            },
            optional={"says": _SAYS},
        ),
        short=lambda text: {"kind": "exact", "value": text},
    )

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        made = self.form.read(value, place, reading)
        if made is MISSING:
            return MISSING
        kind, given = made["kind"], made["value"]
        if kind == "not-empty":
            if given is not True:
                fix = 'write "" for an empty output'
                return reading.wrong((*place, "not-empty"), "only true makes sense here", fix)
            return Expectation(Match.NOT_EMPTY)
        says = made.get("says", "")
        if says and kind != "regex":
            return _needless(place, reading)
        return Expectation(Match(kind), given if kind in ("contains", "lines") else (given,), says)

    def shape(self) -> Json:
        return self.form.shape()


def _needless(place: Place, reading: Reading) -> Any:
    return reading.wrong((*place, "says"), "only a regex needs to be put into words", "leave it away")


@dataclass(eq=False, repr=False)
class _PatternForm(Form):
    """Wraps the form of a named pattern, which may be put into words if it is a regex."""

    form: Form = Form()  # noqa: RUF009 - nothing writes to a Form

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        made = self.form.read(value, place, reading)
        if made is not MISSING and "says" in made and made["kind"] != "regex":
            return _needless((*place, made["name"]), reading)
        return made

    def shape(self) -> Json:
        return self.form.shape()


_OUTPUT = _OutputForm("what must have been printed")


@dataclass(eq=False, repr=False)
class _ExitForm(Form):
    """A status, a list of them, `nonzero` (the empty tuple), or one ${...}."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if value == "nonzero":
            return ()
        if isinstance(value, str) and "${" not in value:
            fix = "write 0 to 255, a list, or nonzero"
            return reading.wrong(place, f"an exit status is needed, not {kind_of(value)}", fix)
        return ListOf(item=Integer(high=255), single=True, whole=True).read(value, place, reading)

    def shape(self) -> Json:
        status = Integer(high=255).shape()
        return {"anyOf": [*status["anyOf"], {"const": "nonzero"}, {"type": "array", "items": status}]}


@dataclass(eq=False, repr=False)
class _BlockedForm(Form):
    """ "open jobs.fifo" or {call, object, count}."""

    form: Fields = Fields(  # noqa: RUF009 - nothing writes to a Form
        required={"call": Word("a family of calls", CALLS, "call", free=True)},
        optional={
            "object": Text("a path, handle or descriptor", empty=False),
            "count": Integer("so many of its processes", low=1),
        },
    )

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if not isinstance(value, str):
            return self.form.read(value, place, reading)
        call, _, subject = value.strip().partition(" ")
        parts = {"call": call, **({"object": subject.strip()} if subject.strip() else {})}
        inner = Reading(reading.problems, {}, reading.used, reading.uses)
        return self.form.read(parts, place, inner)

    def shape(self) -> Json:
        short = {"type": "string", "pattern": f"^({'|'.join(CALLS)}|\\$\\{{.*\\}})( .+)?$"}
        return {"anyOf": [short, self.form.schema()]}


@dataclass(eq=False, repr=False)
class _SemForm(Form):
    """{NAME: values} of a made set, or {key, values} of any."""

    named: Named = Named(form=ListOf(item=Integer(high=32767), whole=True), member=False, as_="values")  # noqa: RUF009 - nothing writes to a Form
    keyed: Fields = Fields(required={"key": _KEY, "values": ListOf(item=Integer(high=32767), whole=True)})  # noqa: RUF009 - nothing writes to a Form

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        keyed = isinstance(value, dict) and "key" in value and "values" in value
        return (self.keyed if keyed else self.named).read(value, place, reading)

    def shape(self) -> Json:
        return {"anyOf": [self.keyed.schema(), self.named.schema()]}


@dataclass(eq=False, repr=False)
class _StreamForm(Text):
    """Where a standard stream leads; `null` is the word here, which YAML takes for nothing."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        word = "null" if value is None and reading.texts.get(place) == "null" else value
        return super().read(word, place, reading)

    def shape(self) -> Json:
        return {"type": ["string", "null"]}


def _path_or(**optional: Form) -> Form:
    return Either(
        scalar=_PATH, mapping=Fields(required={"path": _PATH}, optional=optional), short=lambda path: {"path": path}
    )


def _posix(**optional: Form) -> Form:
    mapping = Fields(required={"name": _POSIX_NAME}, optional={"mode": _MODE, **optional})
    return Either(scalar=_POSIX_NAME, mapping=mapping, short=lambda name: {"name": name})


_FOREIGN = Boolean("it belongs to another user")


def _system_v(required: Mapping[str, Form]) -> Form:
    return Fields(
        required={"key": _KEY, **required}, optional={"as": Name("for %{NAME.id}"), "mode": _MODE, "foreign": _FOREIGN}
    )


_NUMBERS = ListOf("a value for each semaphore", item=Integer(high=32767), whole=True)
_MAKE = Fields(
    one={
        "fifo": _path_or(mode=_MODE),
        "file": Either(
            scalar=_PATH,
            mapping=Fields(required={"path": _PATH}, optional={**_DATA_FORMS, "mode": _MODE}),
            short=lambda path: {"path": path},
        ),
        "directory": _path_or(mode=_MODE),
        "symlink": Fields(required={"path": _PATH, "target": Text("what it points to", empty=False)}),
        "socket": _path_or(mode=_MODE),
        "shm": _system_v({"size": Size("bytes")}),
        "sem": _system_v({"values": _NUMBERS}),
        "msg": _system_v({}),
        "posix-shm": _posix(size=Size("bytes")),
        "posix-sem": _posix(value=Integer("its first value")),
        "mqueue": _posix(),
    }
)
_BY_KEY = Fields(required={"key": _KEY})
_POSIX = Either(scalar=_POSIX_NAME, mapping=Fields(required={"name": _POSIX_NAME}), short=lambda name: {"name": name})
_OBJECT = Either(
    scalar=_PATH,
    mapping=Fields(
        one={
            **dict.fromkeys(("fifo", "file", "directory", "symlink", "socket"), _PATH),
            **dict.fromkeys(("shm", "sem", "msg"), _BY_KEY),
            **dict.fromkeys(("posix-shm", "posix-sem", "mqueue"), _POSIX),
        }
    ),
    short=lambda path: {"kind": "any", "value": path},
)
_STREAM = _StreamForm("pipe, null, closed, or the name of a handle", empty=False)
_RUN = ListOf("the program and its arguments", item=Text(check=_argument_problem))
FINISH: Mapping[str, Form] = {
    "exit": _ExitForm("the status, a list of allowed ones, or nonzero"),
    "signal": Word("the signal that ends it", SIGNALS, "signal", "SIG", free=True),
    "stdout": _OUTPUT,
    "stderr": _OUTPUT,
    "cpu": Duration("CPU time at the most"),
    "stdin": Word("open: leave stdin open", ("open", "close"), "word"),
}


# --- the verbs --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verb:
    """A word that a step can begin with."""

    form: Form
    about: str


def _named(*, child: bool = False, **parts: Any) -> Form:
    return Named(form=Either(**parts), child=child)


_JUST_NAME = Either(scalar=Name(), short=lambda name: {"name": name})
_JUST_PATH = Either(scalar=_PATH, short=lambda path: {"path": path})

VERBS: Mapping[str, Verb] = {
    "start": Verb(
        Named(
            member=False,
            form=Either(
                listed=_RUN,
                mapping=Fields(
                    required={"run": _RUN},
                    optional={
                        "env": MapOf(
                            "more of the environment", item=Text(check=_argument_problem), check=_variable_problem
                        ),
                        "cwd": Text("a directory", empty=False, check=_argument_problem),
                        "stdin": _STREAM,
                        "stdout": _STREAM,
                        "tty": Boolean("stdin, stdout and stderr are one terminal"),
                        "times": Integer("start so many at the same moment: NAME.1, NAME.2 ...", low=1, high=200),
                    },
                ),
                short=lambda run: {"run": run},
            ),
        ),
        "start a program; ./NAME is one of the build, partner:NAME one of the partners, other words are commands",
    ),
    "send": Verb(Named(form=_DATA), "write to a program's stdin, or to a handle"),
    "eof": Verb(_JUST_NAME, "close a program's stdin; on a terminal: send Ctrl-D"),
    "expect": Verb(
        _PatternForm(
            form=_named(
                scalar=Text("exactly this text"),
                mapping=Fields(
                    one={"text": Text("exactly this text"), "line": Text("a whole line"), "regex": _REGEX},
                    optional={
                        "count": Integer("so many times", low=1),
                        "stream": Word("stdout or stderr", ("stdout", "stderr"), "stream"),
                        "says": _SAYS,
                    },
                ),
                short=lambda text: {"kind": "text", "value": text},
            )
        ),
        "wait until this has come on a program's stdout, or on a handle",
    ),
    "open": Verb(
        Named(
            member=False,
            form=Fields(
                one={
                    "fifo": _PATH,
                    "file": _PATH,
                    "pipe": Nothing("a pipe of the grader's own, for stdin and stdout of `start`"),
                    "stream": _PATH,
                    "datagram": _PATH,
                    "seqpacket": _PATH,
                },
                optional={"for": Word("what it is opened for", tuple(MODES), "word")},
            ),
        ),
        "have the grader hold an end of something, under a name",
    ),
    "write": Verb(
        Fields(required={"to": Text("a handle or a path", empty=False, check=_argument_problem)}, one=_DATA_FORMS),
        "write all of it to a handle, or to a path (open, write, close)",
    ),
    "read": Verb(
        Fields(
            required={"from": Text("a handle or a path", empty=False, check=_argument_problem)},
            optional={
                "until": Word("read to the end", ("eof",), "word"),
                "bytes": Integer("so many bytes", low=1),
                "text": _OUTPUT,
            },
        ),
        "read from a handle or path until end of file, or so many bytes",
    ),
    "close": Verb(_JUST_NAME, "close a handle, NAME.stdin or NAME.stdout"),
    "make": Verb(_MAKE, "make an object beside the program"),
    "remove": Verb(_JUST_PATH, "unlink a path"),
    "signal": Verb(
        _named(
            child=True,
            scalar=_SIGNALS,
            listed=_SIGNALS,
            mapping=Fields(
                required={"send": _SIGNALS},
                optional={"times": Integer("each so often", low=1), "group": Boolean("to its process group")},
            ),
            short=lambda signals: {"send": signals},
        ),
        "send signals, each when the one before has been taken",
    ),
    "kill": Verb(
        Either(scalar=Name(child=True), short=lambda name: {"name": name}),
        "SIGKILL to a program or to one of its children, and wait until it is gone",
    ),
    "blocked": Verb(Named(form=_BlockedForm(), child=True), "wait until a program is blocked in a call, on an object"),
    "handles": Verb(
        Named(form=_SIGNALS, as_="signals", child=True),
        "wait until a program catches, blocks or ignores all of these",
    ),
    "exists": Verb(_OBJECT, "wait until it exists"),
    "gone": Verb(_OBJECT, "wait until it does not exist"),
    "processes": Verb(
        Named(
            form=Either(
                scalar=Integer("living descendants", high=10_000),
                mapping=Fields(
                    optional={
                        "living": Integer("living descendants", high=10_000),
                        "zombies": Integer("descendants that have ended and were not waited for", high=10_000),
                    }
                ),
                short=lambda count: {"living": count},
            ),
            child=True,
        ),
        "wait until a program has exactly so many living descendants",
    ),
    "finish": Verb(
        Either(
            scalar=Name(),
            mapping=Named(form=Either(mapping=Fields(optional=FINISH), nothing=True)),
            short=lambda name: {"name": name},
        ),
        "close its stdin, wait until it exits, and check what it did",
    ),
    "contents": Verb(Fields(required={"path": _PATH, "text": _OUTPUT}), "what a file must hold now"),
    "sem": Verb(_SemForm(), "set the values of a semaphore set that was made as NAME, or of the one with a key"),
}


def read_step(value: Any, place: Place, reading: Reading) -> StepSpec | None:
    """One step in its long form; None after a problem was noted."""
    if not isinstance(value, dict) or not value:
        reading.wrong(place, f"a step is needed, not {kind_of(value)}", "write for example finish: {reader: {exit: 0}}")
        return None
    if len(value) > 1:
        first, second = list(value)[:2]
        what = f"a step has one verb, not '{first}' and '{second}'"
        reading.wrong(place, what, "begin each step with a - of its own")
        return None
    ((verb, inner),) = value.items()
    if verb not in VERBS:
        reading.wrong((*place, verb), f"unknown step '{verb}'", _instead(verb))
        return None
    made = VERBS[verb].form.read(inner, (*place, verb), reading)
    if made is MISSING:
        return None
    line = reading.problems.line((*place, verb))
    if problem := _contradiction(verb, made):
        reading.wrong((*place, verb), problem)
        return None
    return StepSpec(verb, made, line)


_OTHER_WORDS: Mapping[str, str] = {
    "await": "expect",
    "delete": "remove",
    "exit": "finish",
    "input": "send",
    "run": "start",
    "stop": "finish",
    "type": "send",
    "unlink": "remove",
    "wait": "finish",
}


def _instead(verb: str) -> str:
    """The verb that was meant, by the word for it or by another."""
    if verb in ("sleep", "delay", "pause"):
        return "a step waits for a state, never for a time: blocked, exists, expect"
    fix = meant(verb, [*VERBS, *_OTHER_WORDS])
    word = fix.removeprefix("did you mean '").removesuffix("'?")
    if word in _OTHER_WORDS:
        return f"did you mean '{_OTHER_WORDS[word]}'?"
    return fix if fix.startswith("did you") else one_of(VERBS)


def _contradiction(verb: str, made: Mapping[str, Any]) -> str:
    """What no form alone can tell: parts that do not go together."""
    if verb == "finish" and "exit" in made and "signal" in made:
        return "'exit' and 'signal' exclude each other"
    if verb == "read" and ("until" in made) == ("bytes" in made):
        return "one of 'until: eof' and 'bytes: N' is needed"
    if verb == "make" and made["kind"] == "file" and len([key for key in made if key in _DATA_FORMS]) > 1:
        return "of 'text', 'line' and 'hex' only one can be"
    if verb == "open":
        return _open_problem(made)
    if verb == "blocked" and " of " in made["name"] and made["call"] in ("any", "asleep"):
        return f"'{made['call']}' is about a program with all its children; of one child name a call"
    if verb == "processes" and not {"living", "zombies"} & made.keys():
        return "one of 'living' and 'zombies' is needed"
    if verb == "start" and made.get("tty") and ("stdin" in made or "stdout" in made):
        return "with 'tty: true' stdin and stdout are the terminal"
    return ""


def _open_problem(made: Mapping[str, Any]) -> str:
    kind, mode = made["kind"], made.get("for")
    if kind in ("fifo", "file") and mode is None:
        return f"'for: reading' or 'for: writing' is missing beside '{kind}'"
    if kind == "fifo" and mode == "appending":
        return "a FIFO is opened for reading or for writing"
    if kind not in ("fifo", "file") and mode is not None:
        return f"'for' means nothing beside '{kind}'"
    return ""


def steps_schema() -> Json:
    """A list of steps as JSON Schema: every verb with every form."""
    verbs = [
        {
            "type": "object",
            "title": verb,
            "description": kind.about,
            "properties": {verb: {"description": kind.about, **kind.form.shape()}},
            "required": [verb],
            "additionalProperties": False,
        }
        for verb, kind in VERBS.items()
    ]
    return {"type": "array", "items": {"oneOf": verbs}, "minItems": 1}
