"""Follows the names through the steps of a case: what is started, opened and made before it is used."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.model import StepSpec
from grader.spec.problems import Place, Problems, meant
from grader.spec.steps import Expectation
from grader.spec.templates import Template

PARTNER = "partner:"
_PLACEHOLDER = re.compile(r"%\{([^}]*)\}")
_FILLED = re.compile(r"([\w-]+(?:\.[0-9]+)?)\.(pid|id)")
_OF_A_PROCESS = frozenset({"eof", "signal", "kill", "blocked", "handles", "processes", "finish"})
_WHEN_FINISHED = frozenset({"expect", "finish"})
_STANDARD = frozenset({"pipe", "null", "closed"})


@dataclass(frozen=True)
class Programs:
    """What `start` can start: names of the build and of the partners."""

    build: Collection[str]
    partners: Collection[str]

    def problem(self, command: str) -> tuple[str, str]:
        """What is wrong with the first word of a program's argv, and what was meant; "" if nothing."""
        if command.startswith("./") and command[2:] not in self.build:
            return f"unknown program '{command}'", meant(command, [f"./{name}" for name in self.build])
        if command.startswith(PARTNER) and command.removeprefix(PARTNER) not in self.partners:
            names = [PARTNER + name for name in self.partners]
            return f"unknown program '{command}'", meant(command, names) if names else "this exercise has no partners"
        if command in self.build:
            return f"'{command}' is no command of the system", f"did you mean './{command}'?"
        return "", ""


@dataclass
class _Scope:
    """What is known at a step. times: of a program that is started several times; 0: not known."""

    started: dict[str, int] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    handles: dict[str, int] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    finished: dict[str, int] = field(default_factory=dict)
    guessed: set[str] = field(default_factory=set)  # of steps that could not be read

    def ended(self, name: str) -> int:
        """The line on which a program was finished, or 0."""
        return self.finished.get(name) or self.finished.get(name.partition(".")[0], 0)


def check_steps(
    steps: Sequence[StepSpec | None], raw: Sequence[Any], place: Place, programs: Programs, problems: Problems
) -> None:
    """Note each name that is used and not known. steps: None where one could not be read."""
    scope, later = _Scope(), _started_anywhere(steps)
    for index, step in enumerate(steps):
        if step is None:
            scope.guessed |= _names_in(raw[index])
            continue
        at = (*place, index, step.verb)
        _Step(step, at, scope, later, problems).check(programs)
    if not scope.started and not any(step is None for step in steps):
        problems.add(place, "no step starts a program", "begin with start: {NAME: [./PROGRAM]}")


def _started_anywhere(steps: Sequence[StepSpec | None]) -> dict[str, int]:
    defining = (step for step in steps if step is not None and step.verb in ("start", "open"))
    return {step.arguments["name"]: step.line for step in reversed(list(defining))}


def _names_in(raw: Any) -> set[str]:
    if not isinstance(raw, dict):
        return set()
    inner = [value for value in raw.values() if isinstance(value, dict)]
    made = [thing.get("as") for value in inner for thing in value.values() if isinstance(thing, dict)]
    return {key for value in inner for key in value} | {name for name in made if isinstance(name, str)}


@dataclass
class _Step:
    step: StepSpec
    at: Place
    scope: _Scope
    later: Mapping[str, int]
    problems: Problems

    def check(self, programs: Programs) -> None:
        verb, arguments = self.step.verb, self.step.arguments
        for text in _texts(arguments):
            self._placeholders(text)
        if verb == "start":
            self._start(arguments, programs)
        elif verb == "open":
            self._define(self.scope.handles, arguments["name"])
        elif verb == "make" and "as" in arguments:
            self.scope.made[arguments["as"]] = arguments["kind"]
        elif verb == "sem" and "name" in arguments:
            self._semaphores(arguments["name"])
        elif verb == "close":
            self._close(arguments["name"])
        elif verb in ("send", "expect"):
            self._use(arguments["name"], (*self.scope.started, *self.scope.handles), self.later)
        elif verb in _OF_A_PROCESS:
            self._use(arguments["name"], self.scope.started, self.later)
        if verb == "finish":
            self.scope.finished[arguments["name"]] = self.step.line

    def _start(self, arguments: Mapping[str, Any], programs: Programs) -> None:
        command = arguments["run"][0]
        if isinstance(command, str):
            what, fix = programs.problem(command)
            if what:
                self.problems.add(self.at, what, fix)
        for stream in ("stdin", "stdout"):
            handle = arguments.get(stream, "pipe")
            if isinstance(handle, str) and handle not in _STANDARD:
                known = (*self.scope.handles, *self.scope.guessed)
                if handle not in known:
                    self.problems.add(
                        (*self.at, arguments["name"], stream),
                        f"'{handle}' is no handle that was opened before",
                        meant(handle, [*_STANDARD, *known]),
                    )
        times = arguments.get("times", 1)
        self.scope.times[arguments["name"]] = times if isinstance(times, int) else 0
        self._define(self.scope.started, arguments["name"])

    def _define(self, names: dict[str, int], name: str) -> None:
        for known, what in ((self.scope.started, "started"), (self.scope.handles, "opened")):
            if name in known:
                self.problems.add(self.at, f"'{name}' was {what} already, on line {known[name]}", "choose another name")
        names[name] = self.step.line

    def _use(self, name: str, known: Collection[str], later: Mapping[str, int]) -> bool:
        name = name.rpartition(" of ")[2]  # child 2 of NAME
        base, _, member = name.partition(".")
        if base in self.scope.guessed:
            return True
        if base not in known:
            self._unknown(name, known, later.get(base, 0))
            return False
        times = self.scope.times.get(base, 1)
        if member and times and (not member.isdigit() or not 1 <= int(member) <= times or times == 1):
            there = f"there are {base}.1 to {base}.{times}" if times > 1 else f"there is one '{base}'"
            self.problems.add(self.at, f"there is no '{name}'", there)
            return False
        if (line := self.scope.ended(name)) and (self.step.verb == "finish" or self.step.verb not in _WHEN_FINISHED):
            self.problems.add(self.at, f"'{name}' has finished already, on line {line}")
        return True

    def _unknown(self, name: str, known: Collection[str], line: int) -> None:
        if line:
            verb = "started or opened" if self.step.verb in ("send", "expect", "close") else "started"
            self.problems.add(self.at, f"'{name}' is used before it is {verb}, on line {line}")
        else:
            none = "nothing has been opened yet" if self.step.verb == "close" else "nothing has been started yet"
            fix = meant(name, known) if known else none
            self.problems.add(self.at, f"unknown name '{name}'", fix)

    def _close(self, name: str) -> None:
        base, _, end = name.partition(".")
        if end:
            if self._use(base, self.scope.started, self.later) and end not in ("stdin", "stdout"):
                self.problems.add(self.at, f"'{name}' cannot be closed", f"there are {base}.stdin and {base}.stdout")
        elif name in self.scope.started:
            self.problems.add(self.at, f"'{name}' is a program", f"did you mean '{name}.stdin'?")
        elif self._use(name, self.scope.handles, self.later):
            self.scope.handles.pop(name, None)

    def _semaphores(self, name: str) -> None:
        sets = [made for made, kind in self.scope.made.items() if kind == "sem"]
        if name not in sets and name not in self.scope.guessed:
            fix = meant(name, sets) if sets else "make it before: make: {sem: {as: NAME, key: ..., values: [...]}}"
            self.problems.add(self.at, f"no semaphore set was made as '{name}'", fix)

    def _placeholders(self, text: str) -> None:
        for found in _PLACEHOLDER.finditer(text):
            match = _FILLED.fullmatch(found[1])
            if match is None:
                self.problems.add(self.at, f"'{found[0]}' means nothing", "write %{NAME.pid} or %{NAME.id}")
                continue
            name, base = match[1], match[1].partition(".")[0]
            known: Collection[str] = self.scope.started if match[2] == "pid" else self.scope.made
            if base not in known and base not in self.scope.guessed:
                what = "was not started before" if match[2] == "pid" else "was not made before"
                self.problems.add(self.at, f"'{found[0]}': '{name}' {what}", meant(name, known) if known else "")


def _texts(value: Any) -> Iterator[str]:
    """Every text that stands in a long form, outside of ${...}."""
    if isinstance(value, str):
        if "%{" in value:
            yield value
    elif isinstance(value, Template):
        yield from (part for part in value.parts if isinstance(part, str) and "%{" in part)
    elif isinstance(value, Expectation):
        yield from _texts(value.values)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
