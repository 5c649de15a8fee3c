# ruff: noqa: D102 - what read() and shape() of each form do is told by Form
"""Shapes that the arguments of a step can have. Each reads a value and describes itself as JSON Schema.

What is read is the *long form*: a dict whose keys are the same however the author wrote it. Strings with
${...} become `Template`s, to be rendered when a case is planned; everything else is checked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.spec import templates, units
from grader.spec.problems import Place, Problems, kind_of, meant, one_of
from grader.spec.templates import Template

Json = dict[str, Any]

NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]*$"
_NAME = re.compile(NAME_PATTERN)
_MEMBER = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)(?:\.([0-9]+|stdin|stdout))?")
_CHILD = re.compile(r"(?:child [1-9][0-9]{0,3} of )+([A-Za-z][A-Za-z0-9_-]*)(?:\.[0-9]+)?")
_TEMPLATE_SCHEMA: Json = {"type": "string", "pattern": r"^\$\{.*\}$", "description": "an expression over the values"}
MISSING: Any = object()


@dataclass
class Reading:
    """What is gathered while the steps of one case are read.

    texts: how scalars were written. used: names of values in ${...}; uses: where each of them stands.
    """

    problems: Problems
    texts: Mapping[Place, str]
    used: set[str] = field(default_factory=set)
    uses: list[tuple[str, Place]] = field(default_factory=list)

    def wrong(self, place: Place, what: str, fix: str = "") -> Any:
        """Note a problem; the value that is returned stands for none."""
        self.problems.add(place, what, fix)
        return MISSING

    def template(self, text: str, place: Place) -> Any:
        """A string as plain text or Template."""
        try:
            made = templates.parse(text)
        except templates.ExpressionError as error:
            return self.wrong(place, str(error))
        if isinstance(made, Template):
            self.used |= made.names
            self.uses.extend((name, place) for name in sorted(made.names))
        return made


@dataclass(eq=False, repr=False)
class Form:
    """Base. about: what it is for, in the JSON Schema."""

    about: str = ""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        """The long form, or MISSING after a problem was noted."""
        raise NotImplementedError

    def schema(self) -> Json:
        """As JSON Schema."""
        made = self.shape()
        return {"description": self.about, **made} if self.about else made

    def shape(self) -> Json:
        """The schema without its description."""
        raise NotImplementedError


def _scalar_text(value: Any, place: Place, reading: Reading) -> str | None:
    """A scalar as it was written (`042` is "042" where a text is wanted)."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (dict, list)):
        return None
    return reading.texts.get(place, str(value))


@dataclass(eq=False, repr=False)
class Text(Form):
    """Any text, with ${...}. empty: whether it may be "". check: says what is wrong with a plain one."""

    empty: bool = True
    check: Callable[[str], str] | None = None

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        text = _scalar_text(value, place, reading)
        if text is None:
            fix = 'write "" for an empty one' if value is None else ""
            return reading.wrong(place, f"a text is needed, not {kind_of(value)}", fix)
        if not text and not self.empty:
            return reading.wrong(place, "is empty")
        if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
            return reading.wrong(place, "holds a surrogate, which is no character")
        if self.check is not None and (problem := self.check(text)):
            return reading.wrong(place, problem)
        return reading.template(text, place)

    def shape(self) -> Json:
        types = ["string", "number", "boolean"]
        return {"type": types} if self.empty else {"type": types, "minLength": 1}


@dataclass(eq=False, repr=False)
class Integer(Form):
    """A whole number within bounds, or one ${...}."""

    low: int = 0
    high: int = (1 << 31) - 1

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if isinstance(value, str) and "${" in value:
            return reading.template(value, place)
        if type(value) is not int:
            return reading.wrong(place, f"a whole number is needed, not {kind_of(value)}")
        if not self.low <= value <= self.high:
            return reading.wrong(place, f"{value} is not between {self.low} and {self.high}")
        return value

    def shape(self) -> Json:
        return {"anyOf": [{"type": "integer", "minimum": self.low, "maximum": self.high}, _TEMPLATE_SCHEMA]}


@dataclass(eq=False, repr=False)
class Boolean(Form):
    """true or false."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if not isinstance(value, bool):
            return reading.wrong(place, f"true or false is needed, not {kind_of(value)}")
        return value

    def shape(self) -> Json:
        return {"type": "boolean"}


@dataclass(eq=False, repr=False)
class Duration(Form):
    """Seconds, written with their unit."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        try:
            return units.duration(value)
        except ValueError as error:
            return reading.wrong(place, str(error))

    def shape(self) -> Json:
        return {"type": "string", "pattern": units.DURATION_PATTERN}


@dataclass(eq=False, repr=False)
class Size(Form):
    """Bytes, with K, M or G; or one ${...}."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if isinstance(value, str) and "${" in value:
            return reading.template(value, place)
        try:
            return units.size(value)
        except ValueError as error:
            return reading.wrong(place, str(error))

    def shape(self) -> Json:
        return {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]}


@dataclass(eq=False, repr=False)
class Word(Form):
    """One of some words. what: what they are, for messages. strip: a prefix that may stand before. free: or ${...}."""

    words: Collection[str] = ()
    what: str = "word"
    strip: str = ""
    free: bool = False

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if self.free and isinstance(value, str) and "${" in value:
            return reading.template(value, place)
        if not isinstance(value, str):
            return reading.wrong(place, f"a {self.what} is needed, not {kind_of(value)}", one_of(self.words))
        word = value.removeprefix(self.strip) if self.strip else value
        if word not in self.words:
            return reading.wrong(place, f"unknown {self.what} '{value}'", meant(word, self.words))
        return word

    def shape(self) -> Json:
        plain: Json = {"enum": [*self.words, *(f"{self.strip}{word}" for word in self.words if self.strip)]}
        return {"anyOf": [plain, _TEMPLATE_SCHEMA]} if self.free else plain


@dataclass(eq=False, repr=False)
class Nothing(Form):
    """No value at all: `pipe:`."""

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        return "" if value is None else reading.wrong(place, f"takes nothing, not {kind_of(value)}")

    def shape(self) -> Json:
        return {"type": "null"}


@dataclass(eq=False, repr=False)
class Name(Form):
    """The name of a started program or of a handle; `reader.2` and `reader.stdin` where it says so.

    child: or `child 2 of reader`.
    """

    child: bool = False

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if not isinstance(value, str):
            return reading.wrong(place, f"a name is needed, not {kind_of(value)}")
        if not _MEMBER.fullmatch(value) and not (self.child and _CHILD.fullmatch(value)):
            return reading.wrong(place, f"'{value}' cannot be a name", "use letters, digits, - and _")
        return value

    def shape(self) -> Json:
        return {"type": "string"}


@dataclass(eq=False, repr=False)
class ListOf(Form):
    """A list. single: one item may stand for a list of it."""

    item: Form = field(default_factory=Text)
    least: int = 1
    most: int = 10_000
    single: bool = False
    whole: bool = False  # or one ${...} that is a list

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if self.whole and isinstance(value, str) and "${" in value:
            return reading.template(value, place)
        if not isinstance(value, list):
            if self.single and not isinstance(value, dict):
                made = self.item.read(value, place, reading)
                return made if made is MISSING else (made,)
            return reading.wrong(place, f"a list is needed, not {kind_of(value)}")
        if not self.least <= len(value) <= self.most:
            few = "is an empty list"
            return reading.wrong(place, few if not value else f"a list of at most {self.most} is needed")
        items = [self.item.read(item, (*place, index), reading) for index, item in enumerate(value)]
        return MISSING if MISSING in items else tuple(items)

    def shape(self) -> Json:
        item = self.item.schema()
        listed: Json = {"type": "array", "items": item, "minItems": self.least}
        choices = [listed, *([item] if self.single else []), *([_TEMPLATE_SCHEMA] if self.whole else [])]
        return {"anyOf": choices} if len(choices) > 1 else listed


@dataclass(eq=False, repr=False)
class MapOf(Form):
    """A mapping of any keys. check: says what is wrong with one of them."""

    item: Form = field(default_factory=Text)
    check: Callable[[str], str] | None = None

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if not isinstance(value, dict):
            return reading.wrong(place, f"a mapping is needed, not {kind_of(value)}")
        items = {}
        for key, item in value.items():
            problem = self.check(str(key)) if self.check is not None else ""
            below = (*place, key)
            items[key] = reading.wrong(below, problem) if problem else self.item.read(item, below, reading)
        return MISSING if MISSING in items.values() else items

    def shape(self) -> Json:
        return {"type": "object", "additionalProperties": self.item.schema()}


@dataclass(eq=False, repr=False)
class Fields(Form):
    """A mapping of known keys. required and optional ones, and of `one` exactly one.

    Of `one`, key and value become {"kind": key, "value": value}; a value that is a dict is merged in.
    """

    required: Mapping[str, Form] = field(default_factory=dict)
    optional: Mapping[str, Form] = field(default_factory=dict)
    one: Mapping[str, Form] = field(default_factory=dict)

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        known: dict[str, Form] = {**self.required, **self.one, **self.optional}
        if not isinstance(value, dict):
            fix = f"its keys are {', '.join(known)}"
            return reading.wrong(place, f"a mapping is needed, not {kind_of(value)}", fix)
        right, made = True, {}
        for key, item in value.items():
            if key not in known:
                reading.problems.add((*place, key), f"unknown key '{key}'", meant(key, known))
                right = False
                continue
            read = known[key].read(item, (*place, key), reading)
            right = right and read is not MISSING
            if key not in self.one:
                made[key] = read
            elif isinstance(read, dict):
                made |= {"kind": key, **read}
            else:
                made |= {"kind": key, "value": read}
        return made if self._complete(value, place, reading) and right else MISSING

    def _complete(self, value: Mapping[str, Any], place: Place, reading: Reading) -> bool:
        missing = [key for key in self.required if key not in value]
        for key in missing:
            reading.problems.add(place, f"'{key}' is missing")
        chosen = [key for key in value if key in self.one]
        if self.one and len(chosen) != 1 and not (not chosen and set(value) - set(self.required) - set(self.optional)):
            both = f"'{chosen[0]}' and '{chosen[1]}' exclude each other" if chosen else ""
            reading.problems.add(place, both or f"one of {', '.join(self.one)} is missing")
            return False
        return not missing

    def shape(self) -> Json:
        properties = {key: form.schema() for key, form in {**self.required, **self.one, **self.optional}.items()}
        made: Json = {"type": "object", "properties": properties, "additionalProperties": False}
        if self.required:
            made["required"] = list(self.required)
        if self.one:
            made["oneOf"] = [{"required": [key]} for key in self.one]
        return made


@dataclass(eq=False, repr=False)
class Either(Form):
    """Short forms of a mapping: a scalar, a list or nothing, each with what it is short for."""

    mapping: Form | None = None
    scalar: Form | None = None
    listed: Form | None = None
    short: Callable[[Any], Mapping[str, Any]] = lambda value: {"value": value}
    nothing: bool = False

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        form = self._of(value)
        if form is None:
            if value is None and self.nothing:
                return {}
            return reading.wrong(place, f"{self._wanted()} is needed, not {kind_of(value)}")
        made = form.read(value, place, reading)
        return made if made is MISSING or form is self.mapping else dict(self.short(made))

    def _of(self, value: Any) -> Form | None:
        if isinstance(value, dict):
            return self.mapping
        if isinstance(value, list):
            return self.listed
        return None if value is None else self.scalar

    def _wanted(self) -> str:
        words = {"a text": self.scalar, "a list": self.listed, "a mapping": self.mapping}
        if isinstance(self.scalar, Integer):
            words = {"a whole number": self.scalar, **{key: form for key, form in words.items() if key != "a text"}}
        return " or ".join(word for word, form in words.items() if form is not None)

    def shape(self) -> Json:
        forms = [form.schema() for form in (self.scalar, self.listed, self.mapping) if form is not None]
        if self.nothing:
            forms.append({"type": "null"})
        return {"anyOf": forms} if len(forms) > 1 else forms[0]


@dataclass(eq=False, repr=False)
class Named(Form):
    """{NAME: ...}, exactly one; the name becomes the key "name" of the long form.

    member: NAME may be one of several ("reader.2"). child: or a child ("child 2 of reader"). as_: the key of a
    value that is no dict.
    """

    form: Form = field(default_factory=Text)
    member: bool = True
    child: bool = False
    as_: str = "value"

    def read(self, value: Any, place: Place, reading: Reading) -> Any:
        if not isinstance(value, dict):
            return reading.wrong(place, f"{{NAME: ...}} is needed, not {kind_of(value)}")
        if len(value) != 1:
            fix = "write one step for each" if value else "write {NAME: ...}"
            return reading.wrong(place, f"takes one name, not {len(value)}", fix)
        ((name, inner),) = value.items()
        at = (*place, name)
        if not (_MEMBER if self.member else _NAME).fullmatch(name) and not (self.child and _CHILD.fullmatch(name)):
            reading.wrong(at, f"'{name}' cannot be a name", "use letters, digits, - and _")
            return MISSING
        made = self.form.read(inner, at, reading)
        if made is MISSING:
            return MISSING
        return {"name": name, **made} if isinstance(made, dict) else {"name": name, self.as_: made}

    def shape(self) -> Json:
        return {
            "type": "object",
            "additionalProperties": self.form.schema(),
            "minProperties": 1,
            "maxProperties": 1,
        }
