"""The `values` of a spec: what is drawn from the seed, and how.

Each value has a stream of random numbers of its own, named by seed, exercise, case and value, so
that adding a value changes no other. A case draws only those that it uses.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from grader.spec import templates
from grader.spec.problems import Place, Problems, kind_of, meant
from grader.spec.templates import ExpressionError, Template

NAME_PATTERN = r"^[a-z][a-z0-9_]*$"
LONGEST_TEXT = 4 << 20
MOST_LINES = 10_000
_NAME = re.compile(NAME_PATTERN)
_RESERVED = frozenset({"true", "false", "none", "not", "and", "or", "in", "is", "if", "else", *templates.GLOBALS})
_CONSONANTS = b"bdfgklmnprstvz"
_VOWELS = b"aeiou"


def _table(letters: bytes) -> bytes:
    return bytes(letters[byte % len(letters)] for byte in range(256))


_TO_CONSONANT, _TO_VOWEL = _table(_CONSONANTS), _table(_VOWELS)
_TO_LETTER = _table(b"abcdefghijklmnopqrstuvwxyz")
_TO_TEXT = _table(b"abcdefghijklmnopqrstuvwxyz" * 6 + b" " * 24)  # a space about every eighth


@dataclass(frozen=True)
class Value:
    """How one value is made. kind: a key of KINDS, or "constant". argument: its template or plain value."""

    kind: str
    argument: Any
    uses: frozenset[str] = frozenset()


# --- drawing -----------------------------------------------------------------------------------


def draw(wanted: Mapping[str, Value], stream: str) -> dict[str, Any]:
    """The values in their order. stream: "seed/exercise/case". Raises ExpressionError."""
    drawn: dict[str, Any] = {}
    for name, value in wanted.items():
        try:
            if value.kind == "compute":
                drawn[name] = value.argument.value(drawn)
            elif value.kind == "constant":
                drawn[name] = rendered(value.argument, drawn)
            else:
                argument = rendered(value.argument, drawn) if value.uses else value.argument
                drawn[name] = KINDS[value.kind].draw(_chance(f"{stream}/{name}"), argument)
        except ExpressionError as error:
            raise ExpressionError(f"value '{name}': {error}") from None
        except (TypeError, ValueError, IndexError) as error:
            raise ExpressionError(f"value '{name}' cannot be drawn as {value.kind} of {argument!r}: {error}") from None
    return drawn


def _chance(stream: str) -> random.Random:
    return random.Random(stream)  # noqa: S311 - it must be repeatable


def rendered(argument: Any, values: templates.Values) -> Any:
    """An argument with its templates filled in, in lists too."""
    if isinstance(argument, Template):
        return argument.render(values)
    if isinstance(argument, tuple):
        return [rendered(item, values) for item in argument]
    return argument


def _integer(chance: random.Random, bounds: Any) -> int:
    low, high = bounds
    return chance.randint(low, high)


def _integers(chance: random.Random, argument: Any) -> list[int]:
    count, low, high = argument
    return [chance.randint(low, high) for _ in range(_at_most(count, MOST_LINES))]


def _word(chance: random.Random, length: int) -> str:
    """Speakable, so that two of them are told apart at a glance."""
    raw = chance.randbytes(_at_most(length, LONGEST_TEXT))
    made = bytearray(length)
    made[0::2] = raw[0::2].translate(_TO_CONSONANT)
    made[1::2] = raw[1::2].translate(_TO_VOWEL)
    return made.decode("ascii")


def _words(chance: random.Random, count: int) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < _at_most(count, MOST_LINES):
        made[_word(chance, 5 + chance.getrandbits(2))] = None
    return list(made)


def _text(chance: random.Random, length: int) -> str:
    """Words in one line; it neither begins nor ends with a space, and no two spaces meet."""
    return _line(chance.randbytes(_at_most(length, LONGEST_TEXT)))


def _line(raw: bytes) -> str:
    made = raw.translate(_TO_TEXT).decode("ascii").replace("  ", " x")
    if made.startswith(" "):
        made = "a" + made[1:]
    return made[:-1] + "z" if made.endswith(" ") else made


def _lines(chance: random.Random, count: int) -> str:
    raw = chance.randbytes(_at_most(count, MOST_LINES) * 40)
    starts = range(0, len(raw), 40)
    return "".join([_line(raw[start + 1 : start + 13 + raw[start] % 27]) + "\n" for start in starts])


def _choice(chance: random.Random, options: Any) -> Any:
    return options[chance.randrange(len(options))]


def _at_most(number: int, most: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= most:
        raise ValueError(f"a whole number from 1 to {most} is needed")
    return number


@dataclass(frozen=True)
class Kind:
    """A kind of value. shape: what it is given, as JSON Schema; length: of a list that it is given."""

    draw: Callable[[random.Random, Any], Any]
    about: str
    shape: Mapping[str, Any]
    wanted: str


_WHOLE: Mapping[str, Any] = {"type": "integer", "minimum": 1}


def _whole_list(length: int) -> Mapping[str, Any]:
    return {"type": "array", "items": {"type": ["integer", "string"]}, "minItems": length, "maxItems": length}


KINDS: Mapping[str, Kind] = {
    "integer": Kind(_integer, "a whole number, bounds included", _whole_list(2), "[lowest, highest]"),
    "integers": Kind(
        _integers, "a list of so many whole numbers, bounds included", _whole_list(3), "[how many, lowest, highest]"
    ),
    "word": Kind(_word, "a word of so many lower-case letters", _WHOLE, "a number of letters"),
    "words": Kind(_words, "a list of so many different words of 5 to 8 letters", _WHOLE, "a number of words"),
    "lines": Kind(
        _lines,
        "so many lines of words, each ended by a newline",
        {**_WHOLE, "maximum": MOST_LINES},
        "a number of lines",
    ),
    "text": Kind(
        _text,
        "one line of so many characters, no newline",
        {**_WHOLE, "maximum": LONGEST_TEXT},
        "a number of characters",
    ),
    "choice": Kind(_choice, "one of these", {"type": "array", "minItems": 1}, "a list to choose from"),
}
COMPUTE = "compute"


# --- reading -----------------------------------------------------------------------------------


def read_values(given: Mapping[str, Any], place: Place, known: Iterable[str], problems: Problems) -> dict[str, Value]:
    """The values of an exercise or of a case. known: names of values that come before these."""
    made: dict[str, Value] = {}
    for name, raw in given.items():
        at = (*place, name)
        if not _NAME.match(name) or name in _RESERVED:
            problems.add(at, f"'{name}' cannot be the name of a value", "use lower-case letters, digits and _")
            continue
        value = _read(raw, at, problems)
        if value is None:
            value = Value("constant", "")  # its problem is noted; later values may use it
        before = [*known, *made]
        check_names(value.uses, [other for other in before if other != name], at, problems)
        made[name] = value
    return made


def check_names(used: Iterable[str], known: Iterable[str], place: Place, problems: Problems) -> None:
    """Note each name that is no value here."""
    names = list(dict.fromkeys(known))
    for name in sorted(set(used) - set(names)):
        fix = meant(name, names) if names else "write ${'${'} for a plain ${"
        problems.add(place, f"there is no value '{name}' here", fix)


def in_order(values: Mapping[str, Value], place: Place, problems: Problems) -> dict[str, Value]:
    """Each behind those that it is made from: a case may make one of the exercise's values from its own."""
    waiting, made = dict(values), dict[str, Value]()
    while waiting:
        name = next((name for name, value in waiting.items() if not value.uses & waiting.keys() - {name}), "")
        if not name:
            problems.add(place, f"value '{next(iter(waiting))}' is made from itself")
            return dict(values)
        made[name] = waiting.pop(name)
    return made


def needed(values: Mapping[str, Value], used: Iterable[str]) -> dict[str, Value]:
    """Those values that are used, and those that they are made from, in their order."""
    wanted = set(used)
    for name, value in reversed(list(values.items())):
        if name in wanted:
            wanted |= value.uses
    return {name: value for name, value in values.items() if name in wanted}


def _read(raw: Any, place: Place, problems: Problems) -> Value | None:
    if not isinstance(raw, dict):
        if raw is None:
            problems.add(place, "is empty", f"write for example {{word: 8}}; {_kinds()}")
            return None
        argument, uses = template(raw, place, problems)
        return Value("constant", argument, uses)
    if len(raw) != 1:
        problems.add(place, "a value is made in one way", f"write for example {{word: 8}}; {_kinds()}")
        return None
    ((kind, argument),) = raw.items()
    place = (*place, kind)
    if kind == COMPUTE:
        return _compute(argument, place, problems)
    if kind not in KINDS:
        problems.add(place, f"unknown kind of value '{kind}'", meant(kind, [*KINDS, COMPUTE]))
        return None
    made, uses = template(argument, place, problems)
    if not uses:
        _check_argument(kind, argument, place, problems)
    return Value(kind, made, uses)


def _kinds() -> str:
    return "the kinds are " + ", ".join([*KINDS, COMPUTE])


def _compute(argument: Any, place: Place, problems: Problems) -> Value | None:
    source = str(argument) if isinstance(argument, (str, int)) and not isinstance(argument, bool) else ""
    if source.startswith("${") and source.endswith("}"):
        source = source[2:-1]
    try:
        if not source:
            raise ExpressionError("an expression is needed, such as n * 3")
        expression = templates.parse_expression(source)
    except ExpressionError as error:
        problems.add(place, str(error))
        return None
    return Value(COMPUTE, expression, expression.names)


def template(raw: Any, place: Place, problems: Problems) -> tuple[Any, frozenset[str]]:
    """A plain value with its strings as templates, lists as tuples; and the names that it uses."""
    if isinstance(raw, list):
        items = [template(item, (*place, index), problems) for index, item in enumerate(raw)]
        return tuple(item for item, _ in items), frozenset().union(*(names for _, names in items))
    if isinstance(raw, dict):
        problems.add(place, f"a text, a number or a list is needed, not {kind_of(raw)}")
        return "", frozenset()
    if not isinstance(raw, str):
        return raw, frozenset()
    try:
        made = templates.parse(raw)
    except ExpressionError as error:
        problems.add(place, str(error))
        return "", frozenset()
    return made, made.names if isinstance(made, Template) else frozenset()


def _check_argument(kind: str, argument: Any, place: Place, problems: Problems) -> None:
    wanted = KINDS[kind].wanted
    if kind == "choice":
        right = isinstance(argument, list) and len(argument) > 0
    elif kind in ("integer", "integers"):
        length = 2 if kind == "integer" else 3
        right = isinstance(argument, list) and len(argument) == length and all(type(item) is int for item in argument)
        if right and argument[-2] > argument[-1]:
            problems.add(place, f"the lowest, {argument[-2]}, is more than the highest, {argument[-1]}")
            return
        right = right and (kind == "integer" or 1 <= argument[0] <= MOST_LINES)
    else:
        most = LONGEST_TEXT if kind in ("word", "text") else MOST_LINES
        right = type(argument) is int and 1 <= argument <= most
        if type(argument) is int and argument > most:
            problems.add(place, f"at most {most} can be drawn, not {argument}")
            return
    if not right:
        problems.add(place, f"'{kind}' needs {wanted}, not {kind_of(argument)}")
