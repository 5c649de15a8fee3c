"""Lifecycle cases: how a program ends, what a second start finds, where it can be started.

`expanded` turns each kind that an exercise names under `lifecycle` into an ordinary case, before anything else
is read. Every part of such a case keeps the line on which the author wrote it (what nobody wrote: that of its kind),
so that whatever is wrong with one is told like everything else. What is no lifecycle at all is left for `validate`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType, NoneType
from typing import Any

from grader.spec.problems import Place, Problems
from grader.spec.yaml_source import Document

KEY = "lifecycle"
_FINISH = ("exit", "signal", "stdout", "stderr", "cpu")
_OF_A_CASE = ("id", "title", "points", "values", "limits", "leaves", "schedules", "faults", "because", "hint")
_SHOWS_THAT_IT_WORKS = ("restart-after-kill", "twice", "elsewhere")


@dataclass(frozen=True)
class Kind:
    """One way of ending or starting, and what is said of its case unless the author says more."""

    id: str
    title: str
    because: str
    hint: str
    signal: str = ""


def _by_signal(name: str, comes: str) -> Kind:
    return Kind(
        f"ends-on-sig{name.lower()}",
        f"ends as it should when SIG{name} comes",
        f"SIG{name} comes {comes}, and a program that does not expect it ends on the spot and cleans nothing up.",
        f"What happens in your program when SIG{name} comes while it waits, and which way out does it take then?",
        name,
    )


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "sigint": _by_signal("INT", "whenever somebody types Ctrl-C"),
        "sigterm": _by_signal("TERM", "from kill(1), and to everybody when the machine is switched off"),
        "sighup": _by_signal("HUP", "when the terminal is closed"),
        "sigquit": _by_signal("QUIT", "whenever somebody types Ctrl-\\"),
        "eof": Kind(
            "ends-at-end-of-input",
            "ends as it should when its input ends",
            "At its end every read() returns 0 at once, and a program that takes that for a message goes on for ever.",
            "What does your program do when reading its standard input returns 0, or EOF?",
        ),
        "restart-after-kill": Kind(
            "restarts-after-kill",
            "works again after a run that was killed with SIGKILL",
            "Nobody can clean up after SIGKILL, so the next run must be able to live with what the last one left.",
            "Which of your calls fails at the second start because something is there already, and what then?",
        ),
        "twice": Kind(
            "survives-a-second-start",
            "goes on working when it is started a second time beside",
            "What is there already may be in use, and to take it over, reset or remove it breaks a running program.",
            "How does your program tell what a running program uses from what a dead one has left?",
        ),
        "elsewhere": Kind(
            "works-elsewhere",
            "works when it is started in another directory",
            "A program is started from anywhere, and a name that does not begin with / means another file there.",
            "Which files does your program name that nobody gave it as an argument?",
        ),
    }
)


@dataclass(frozen=True)
class _Part:
    """A value of the document and the place of which it keeps the lines; values inside may be parts themselves."""

    value: Any
    place: Place

    def inside(self, key: str | int) -> _Part:
        """One of its items."""
        item = self.value[key]
        return item if isinstance(item, _Part) else _Part(item, (*self.place, key))

    def get(self, key: str, default: Any = None) -> _Part:
        """The same, or a default where it is not there."""
        return self.inside(key) if key in self.value else _Part(default, self.place)

    def items(self) -> list[_Part]:
        """Those of a list; none where it is no list."""
        return [self.inside(index) for index in range(len(self.value))] if isinstance(self.value, list) else []


def expanded(document: Document, problems: Problems) -> Document:
    """The document with the cases of its `lifecycle` behind its own. Notes what makes no case."""
    root = document.value
    if not isinstance(root, dict) or KEY not in root or not isinstance(root.get("cases"), list):
        return document
    given = _Part(root[KEY], (KEY,))
    listed = given if isinstance(root[KEY], list) else _Part([given], (KEY,))
    grown = Document(document.path, {**root}, document.lines, document.texts)
    grown.value[KEY] = _graft(listed, (KEY,), grown)  # always a list from here on
    cases = [*root["cases"]]
    for life in listed.items():
        for case in _cases(life, problems):
            cases.append(_graft(case, ("cases", len(cases)), grown))
    grown.value["cases"] = cases
    return grown


def _graft(part: _Part, at: Place, document: Document) -> Any:
    """The plain value of a part, noting in the document what it now holds at another place."""
    if part.place in document.lines:
        document.lines[at] = document.lines[part.place]
    if part.place in document.texts:
        document.texts[at] = document.texts[part.place]
    if isinstance(part.value, dict):
        return {key: _graft(part.inside(key), (*at, key), document) for key in part.value}
    if isinstance(part.value, list):
        return [_graft(item, (*at, index), document) for index, item in enumerate(part.items())]
    return part.value


# --- the cases ---------------------------------------------------------------------------------


def _cases(life: _Part, problems: Problems) -> Iterator[_Part]:
    """What one lifecycle makes: a case for each kind that it names."""
    if not isinstance(life.value, dict) or not isinstance(life.value.get("start"), dict):
        return
    if (count := len(life.value["start"])) != 1:
        problems.add((*life.place, "start"), f"'start' takes one name, not {count}")
        return
    named = [kind for kind in life.value if kind in KINDS]
    if not named:
        problems.add(life.place, f"'{KEY}' plays nothing", f"name at least one of {', '.join(KINDS)}")
    working = [kind for kind in named if kind in _SHOWS_THAT_IT_WORKS]
    if working and not life.value.get("works"):
        what = f"'{working[0]}' needs 'works' beside it"
        problems.add((*life.place, working[0]), what, "the steps that show that the program works, and finish it")
    elif "works" in life.value and named and not working:
        problems.add((*life.place, "works"), f"'works' is for {', '.join(_SHOWS_THAT_IT_WORKS)}, and none is named")
    for kind in named:
        ending = life.inside(kind)
        if isinstance(ending.value, (dict, NoneType)):
            yield _Case(life, _Part(ending.value or {}, ending.place), KINDS[kind]).made(kind)


@dataclass
class _Case:
    """One case while it is put together."""

    life: _Part
    ending: _Part
    kind: Kind
    steps: list[_Part] = field(default_factory=list)

    def made(self, kind: str) -> _Part:
        """All of it."""
        self.steps += self.life.get("before", []).items()
        play: Mapping[str, Callable[[], None]] = {
            "eof": self._eof,
            "restart-after-kill": self._restart,
            "twice": self._twice,
            "elsewhere": self._elsewhere,
        }
        play.get(kind, self._signal)()
        self.steps += self.ending.get("then", []).items()
        about: dict[str, Any] = {"id": self.kind.id, "title": self.kind.title, "points": 1}
        about |= {"because": self.kind.because, "hint": self.kind.hint}
        about |= {key: self.life.inside(key) for key in ("values", "limits", "leaves") if key in self.life.value}
        about |= {key: self.ending.inside(key) for key in _OF_A_CASE if key in self.ending.value}
        needs = self.ending if "needs" in self.ending.value else self.life
        return self._part({**about, "needs": needs.get("needs", []), "steps": self._part(self.steps)})

    @property
    def name(self) -> str:
        """What the author calls the program."""
        return str(next(iter(self.life.value["start"])))

    def _part(self, value: Any) -> _Part:
        """Something that nobody wrote."""
        return _Part(value, self.ending.place)

    def _step(self, verb: str, value: Any) -> None:
        self.steps.append(self._part({verb: self._part(value)}))

    # --- kinds ---------------------------------------------------------------------------------

    def _signal(self) -> None:
        self._up()
        group = {"group": self.ending.inside("group")} if "group" in self.ending.value else {}
        self._step("signal", {self.name: self._part({"send": self.kind.signal, **group})})
        self._finish(self.name, leave_stdin=True)

    def _eof(self) -> None:
        self._up()
        self._step("eof", self.name)
        self._finish(self.name, leave_stdin=True)

    def _restart(self) -> None:
        self._up("killed", own=False)
        self._step("kill", "killed")
        for name in _left_open(self.life.get("ready", []).value):
            self._step("close", f"killed-{name}")
        self._up()
        self._works()

    def _twice(self) -> None:
        self._up()
        if any(key in self.ending.value for key in ("exit", "signal")):
            self._start("second")
            self._finish("second")
        else:
            self._up("second")
        self._works()

    def _elsewhere(self) -> None:
        self._step("make", {"directory": "elsewhere"})
        self._up(cwd="elsewhere")
        self._works()

    # --- what they are made of -------------------------------------------------------------------

    def _up(self, name: str = "", *, own: bool = True, cwd: str = "") -> None:
        """Start it, under another name where one is given, and wait until it is up."""
        self._start(name, own=own, cwd=cwd)
        holder = self.ending if own and "ready" in self.ending.value else self.life
        if "ready" not in holder.value:
            self._step("blocked", {name or self.name: "any"})
            return
        ready = holder.inside("ready").items()
        names = {other: f"{name}-{other}" for step in ready for other in _defined(step.value)} | {self.name: name}
        self.steps += [_renamed(step, names) for step in ready] if name else ready

    def _start(self, name: str = "", *, own: bool = True, cwd: str = "") -> None:
        start = self.life.inside("start")
        program = start.inside(self.name)
        long = isinstance(program.value, dict)
        parts = {key: program.inside(key) for key in program.value} if long else {"run": program}
        if own and "run" in self.ending.value:
            parts["run"] = self.ending.inside("run")
        if cwd:
            parts["cwd"] = self._part(cwd)
        named = _Part({name or self.name: _Part(parts, program.place)}, start.place)
        self.steps.append(_Part({"start": named}, start.place))

    def _finish(self, name: str, *, leave_stdin: bool = False) -> None:
        expected: dict[str, Any] = {key: self.ending.inside(key) for key in _FINISH if key in self.ending.value}
        if leave_stdin:
            expected["stdin"] = "open"
        self._step("finish", {name: self._part(expected)})

    def _works(self) -> None:
        self.steps += self.life.get("works", []).items()


# --- a second start gives other names to all that it defines ---------------------------------------

_BY_NAME = frozenset({"start", "send", "expect", "signal", "blocked", "handles", "processes", "finish", "open", "sem"})
_BY_WORD = frozenset({"eof", "kill", "close", "finish"})
_WITH_A_NAME = frozenset({"to", "from", "stdin", "stdout", "as"})
_NAME = re.compile(r"(.* of )?([A-Za-z][A-Za-z0-9_-]*)(\.[0-9a-z]+)?")
_PLACEHOLDER = re.compile(r"%\{([A-Za-z][A-Za-z0-9_-]*)")


def _defined(step: Any) -> Iterator[str]:
    """Names that a step brings in."""
    if not isinstance(step, dict):
        return
    for verb, inner in step.items():
        if verb in ("start", "open") and isinstance(inner, dict):
            yield from inner
        elif verb == "make" and isinstance(inner, dict):
            yield from (str(made["as"]) for made in inner.values() if isinstance(made, dict) and "as" in made)


def _left_open(steps: Any) -> list[str]:
    """Handles that steps open and do not close."""
    found: dict[str, None] = {}
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, dict) and isinstance(step.get("open"), dict):
            found |= dict.fromkeys(step["open"])
        if isinstance(step, dict) and isinstance(step.get("close"), str):
            found.pop(step["close"], None)
    return list(found)


def _renamed(step: _Part, names: Mapping[str, str]) -> _Part:
    """A step in which these names are others."""

    def name(text: Any) -> Any:
        match = _NAME.fullmatch(text) if isinstance(text, str) else None
        if match is None or match[2] not in names:
            return text
        return f"{match[1] or ''}{names[match[2]]}{match[3] or ''}"

    def walk(part: _Part, key: str, depth: int) -> _Part:
        value = part.value
        if isinstance(value, dict):
            new = name if depth == 1 and key in _BY_NAME else str
            return _Part({new(inner): walk(part.inside(inner), inner, depth + 1) for inner in value}, part.place)
        if isinstance(value, list):
            return _Part([walk(item, "", depth) for item in part.items()], part.place)
        if not isinstance(value, str):
            return part
        if key in _WITH_A_NAME or (depth == 1 and key in _BY_WORD):
            value = name(value)
        elif verb == "blocked":  # `read HANDLE`
            call, space, subject = value.rpartition(" ")
            value = call + space + name(subject) if space else name(value) if key == "object" else value
        filled = _PLACEHOLDER.sub(lambda found: "%{" + names.get(found[1], found[1]), value)
        return _Part(filled, part.place)

    if not isinstance(step.value, dict) or len(step.value) != 1:
        return step
    (verb,) = step.value
    return _Part({verb: walk(step.inside(verb), verb, 1)}, step.place)
