"""Reads a YAML file into plain values, and remembers the line of each.

Stricter than YAML where YAML surprises: only `true` and `false` are booleans, a key stands once,
nothing is a date. 0644 and 0o644 are octal, 0x1234 is hexadecimal. Anchors and aliases work; what they
expand to is bounded. Raises SpecError with one line for the first thing that is no YAML.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from grader.errors import SpecError
from grader.spec.problems import Place, Problems, message, shown

LARGEST_FILE = 256 << 10
MOST_VALUES = 20_000
DEEPEST = 32

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null"})
_BOOLEAN = {"true": True, "false": False}
_MAYBE_NUMBER = re.compile(r"[-+.]?[0-9.]|[-+]?\.(?:inf|nan)\Z")
_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], float]], ...] = (
    (re.compile(r"[-+]?(?:0|[1-9][0-9_]*)\Z"), int),
    (re.compile(r"0o?[0-7]+\Z"), lambda text: int(text.replace("o", ""), 8)),
    (re.compile(r"0x[0-9a-fA-F]+\Z"), lambda text: int(text, 16)),
    (re.compile(r"0b[01]+\Z"), lambda text: int(text, 2)),
    (re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z"), float),
    (re.compile(r"[-+]?\.(?:inf|nan)\Z"), lambda text: float(text.replace(".", ""))),
)
_LONGEST_NUMBER = 40
_COLLECTIONS = frozenset({None, "!", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"})
_STR, _INT, _FLOAT = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"


@dataclass(frozen=True)
class Document:
    """A file as it was read.

    value: plain Python values. lines: the line of each place (of a mapping's entry, that of its key).
    texts: how a value that is no text was written, for where a text is wanted (`stdout: 042`).
    """

    path: Path
    value: Any
    lines: dict[Place, int] = field(default_factory=dict)
    texts: dict[Place, str] = field(default_factory=dict)

    def problems(self) -> Problems:
        """A collector of what is wrong with this file."""
        return Problems(self.path, self.lines)


def read_text(path: Path, largest: int = LARGEST_FILE) -> str:
    """The text of a file that an author wrote. Raises SpecError, for anything but regular UTF-8."""
    name = shown(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise SpecError((f"{name}:1: there is no such file",)) from None
    except (OSError, ValueError) as error:
        raise SpecError((f"{name}:1: cannot be read: {getattr(error, 'strerror', None) or error}",)) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise SpecError((f"{name}:1: is a directory; a file is needed",))
        if not stat.S_ISREG(mode):
            raise SpecError((f"{name}:1: is no regular file",))
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(largest + 1)
    finally:
        os.close(descriptor)
    if len(content) > largest:
        raise SpecError((f"{name}:1: is larger than {largest >> 10} KiB",))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise SpecError((f"{name}:{line}: is not UTF-8 (byte 0x{byte:02x}); save it as UTF-8",)) from None


def read_yaml(path: Path) -> Document:
    """The one document of a YAML file. Raises SpecError."""
    text = read_text(path)
    reader = _Reader(path)
    try:
        root = reader.tree(iter(_LOADER(text).get_event, None))
    except yaml.MarkedYAMLError as error:
        line, what, fix = _syntax(error, text)
        if "maximum nesting depth" in what:  # the parser has a bound of its own, since PyYAML 6.0.4
            raise reader.error(line, f"is nested deeper than {DEEPEST} levels") from None
        raise reader.error(line, f"not valid YAML: {what}", fix) from None
    except yaml.YAMLError as error:
        at = getattr(error, "position", 0)
        what = str(getattr(error, "reason", "") or error).split("\n", 1)[0]
        raise reader.error(text.count("\n", 0, at) + 1, f"not valid YAML: {what}") from None
    if root is None:
        raise reader.error(1, "is empty")
    document = Document(path, None)
    value = reader.value(root, (), document)
    return Document(path, value, document.lines, document.texts)


@dataclass(slots=True)
class _Node:
    """A value as written: scalar (its text), sequence (items) or mapping (entries)."""

    line: int
    value: Any = None
    text: str | None = None
    items: list[_Node] | None = None
    entries: list[tuple[_Node, _Node]] | None = None
    done: bool = True


class _Reader:
    def __init__(self, path: Path) -> None:
        self._name = shown(path)
        self._anchors: dict[str, _Node] = {}
        self._count = 0

    def error(self, line: int, what: str, fix: str = "") -> SpecError:
        return SpecError((message(self._name, line, what, fix),))

    # --- events to nodes -------------------------------------------------------------------

    def tree(self, events: Iterator[Any]) -> _Node | None:
        """The root of the first document; None if there is none."""
        root: _Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise self.error(_line(event), "a second document begins here", "one file holds one")
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, events, 1)
        return None if root is not None and root.text == "" and root.value is None else root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> _Node:
        line = _line(event)
        kind = type(event)
        if depth > DEEPEST:
            raise self.error(line, f"is nested deeper than {DEEPEST} levels")
        if kind is yaml.ScalarEvent:
            node = self._scalar(event, line)
            if event.anchor:
                self._anchors[event.anchor] = node
            return node
        if kind is yaml.AliasEvent:
            return self._alias(event.anchor, line)
        if event.tag not in _COLLECTIONS:
            raise self.error(line, f"the tag '{event.tag}' is not known here", "leave it out")
        node = _Node(line, done=False)
        if event.anchor:
            self._anchors[event.anchor] = node
        if kind is yaml.SequenceStartEvent:
            node.items = self._items(events, depth)
        else:
            node.entries = self._entries(events, depth)
        node.done = True
        return node

    def _alias(self, anchor: str, line: int) -> _Node:
        node = self._anchors.get(anchor)
        if node is None:
            raise self.error(line, f"no anchor is called '&{anchor}'")
        if not node.done:
            raise self.error(line, f"'*{anchor}' stands inside of what it names")
        return node

    def _items(self, events: Iterator[Any], depth: int) -> list[_Node]:
        items: list[_Node] = []
        while type(event := next(events)) is not yaml.SequenceEndEvent:
            items.append(self._node(event, events, depth + 1))
        return items

    def _entries(self, events: Iterator[Any], depth: int) -> list[tuple[_Node, _Node]]:
        entries: list[tuple[_Node, _Node]] = []
        seen: dict[str, int] = {}
        while type(event := next(events)) is not yaml.MappingEndEvent:
            key = self._node(event, events, depth + 1)
            if key.text is None:
                raise self.error(key.line, "a list or mapping cannot be a key")
            if key.text in seen:
                raise self.error(key.line, f"the key '{key.text}' stands twice", f"first on line {seen[key.text]}")
            seen[key.text] = key.line
            entries.append((key, self._node(next(events), events, depth + 1)))
        return entries

    def _scalar(self, event: Any, line: int) -> _Node:
        text: str = event.value
        if event.tag not in (None, "!", _STR):
            if event.tag not in (_INT, _FLOAT):
                raise self.error(line, f"the tag '{event.tag}' is not known here", "leave it out")
            value = _plain(text)
            if isinstance(value, str) or value is None:
                raise self.error(line, f"'{text}' is no number")
            return _Node(line, value, text)
        if event.tag is None and event.style in (None, ""):
            return _Node(line, _plain(text), text)
        return _Node(line, text, text)

    # --- nodes to values --------------------------------------------------------------------

    def value(self, node: _Node, place: Place, document: Document) -> Any:
        """Plain values; lines and texts go into the document."""
        self._count += 1
        if self._count > MOST_VALUES:
            raise self.error(node.line, f"holds more than {MOST_VALUES} values, aliases counted as what they stand for")
        if len(place) > DEEPEST:
            raise self.error(node.line, f"is nested deeper than {DEEPEST} levels")
        document.lines.setdefault(place, node.line)
        if node.items is not None:
            return [self.value(item, (*place, index), document) for index, item in enumerate(node.items)]
        if node.entries is not None:
            made: dict[str, Any] = {}
            for key, item in node.entries:
                name = str(key.text)
                document.lines[(*place, name)] = key.line
                made[name] = self.value(item, (*place, name), document)
            return made
        if not isinstance(node.value, str) and node.text is not None:
            document.texts[place] = node.text
        return node.value


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str, str]:
    """The line of what is no YAML, what is wrong with it, and what to do."""
    what = " ".join(str(error.problem or error.context).split())
    mark: Any = error.problem_mark or error.context_mark
    begin: Any = error.context_mark
    if "end of stream" in what and "quoted" in str(error.context) and begin is not None:
        return begin.line + 1, "the quoted text that begins here never ends", ""
    if mark is None:
        return 1, what, ""
    lines = text.split("\n")
    tab = mark.line < len(lines) and "\t" in lines[mark.line][: mark.column + 1]
    return min(mark.line + 1, len(lines)), what, "indent with spaces, not tabs" if tab else ""


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _plain(text: str) -> Any:
    """What an unquoted scalar stands for."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _MAYBE_NUMBER.match(text) and len(text) <= _LONGEST_NUMBER:
        for pattern, convert in _NUMBERS:
            if pattern.match(text):
                return convert(text.replace("_", "") if convert is int else text)
    return text
