"""C source as tokens, with its brackets and functions: enough to find a call or a handler, and no parser.

For plugins that advise. Comments, string contents and preprocessor lines are told apart from code; of
`#if` the first branch is looked at, as something that may not be compiled. Whatever the bytes are, the work is
linear in them and bounded by LIMIT. Standard library only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LIMIT = 100_000  # tokens of a file that are looked at
_PARAMETERS = 32  # of a function

_TEXT = r'"(?:[^"\\\n]|\\.)*+"?'
_COMMENT = r"//(?:[^\\\n]|\\.)*+|/\*.*?(?:\*/|\Z)"
# Space, then one of these; what comes most often comes first. A name before a quote may be the prefix of a string.
_TOKEN = re.compile(
    rf"""[ \t\r\f\v]*+(?:
     (?P<newline>\n)
    |(?P<name>[A-Za-z_]\w*+(?!["']))
    |(?P<mark>[(){{}}\[\];,?:~]|->|\+\+|--|&&|\|\||<<=|>>=|<<|>>|[-<>=!+*%&|^]=?)
    |(?P<space>\\\r?\n|{_COMMENT}|\Z)
    |(?P<directive>\#(?:[^\\\n/"]|\\.|{_COMMENT}|{_TEXT}|/)*+)
    |(?P<string>(?:u8|[uUL])?{_TEXT})
    |(?P<character>[uUL]?'(?:[^'\\\n]|\\.)*+'?)
    |(?P<quoting>[A-Za-z_]\w*)
    |(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
    |(?P<other>/=|\.\.\.|.))""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_KINDS = {index: {"quoting": "name", "other": "mark"}.get(name, name) for name, index in _TOKEN.groupindex.items()}
_DIRECTIVE = re.compile(r"#[ \t]*(?P<word>\w+)[ \t]*(?P<rest>[^\n]{0,200})", re.ASCII)
_LONG = frozenset({"space", "directive", "string", "character"})  # what may go on in the next line
_CLOSES = {")": "(", "]": "[", "}": "{"}
_OPENS = frozenset(_CLOSES.values())
_NO_FUNCTION = frozenset({"if", "while", "for", "switch", "return", "sizeof", "_Alignof", "__attribute__", "__asm__"})


class Token(NamedTuple):
    """kind: "name", "number", "string", "character" or "mark". column: bytes, from 1. sure: not under an #if."""

    text: str
    kind: str
    line: int
    column: int
    sure: bool


@dataclass(frozen=True)
class Function:
    """A function that is defined: its body reaches from token `first`, its brace, to token `last`."""

    name: str
    parameters: tuple[str, ...]
    line: int
    first: int
    last: int


@dataclass
class _Branch:
    """One level of #if. kept: this branch is looked at; sure: it is known whether it is compiled.

    chosen: a branch was kept before. outer: the level round it. guard: X of an #ifndef X.
    """

    kept: bool
    sure: bool
    chosen: bool
    outer_kept: bool
    outer_sure: bool
    guard: str = ""
    begins: int = 0  # tokens before it


class CSource:
    """A file. tokens: of its code. match: for each token that is a bracket its partner, else -1.

    depth: so many braces are open before the token. macros: what #define gives a meaning to, with its beginning.
    named: where each name stands.
    """

    def __init__(self, source: bytes) -> None:
        self.macros: dict[str, str] = {}
        self.tokens: list[Token] = []
        self.named: dict[str, list[int]] = {}
        self._read(source)
        self.match, self.depth = _brackets(self.tokens)
        self.functions = tuple(self._functions())
        self._begins = [self._place(function.first) for function in self.functions]

    def is_call(self, index: int) -> bool:
        """Is the token a name with a parenthesis behind it that is closed again?"""
        return (
            self.tokens[index].kind == "name"
            and index + 1 < len(self.tokens)
            and self.tokens[index + 1].text == "("
            and self.match[index + 1] > 0
        )

    def parts(self, opening: int) -> list[range]:
        """The tokens between a bracket and its partner, parted at the commas; none where there are none."""
        made, start, index, end = [], opening + 1, opening + 1, self.match[opening]
        while index < end:
            if self.tokens[index].text == ",":
                made.append(range(start, index))
                start = index + 1
            index = max(index, self.match[index]) + 1
        if start < end or made:
            made.append(range(start, end))
        return made

    def text(self, part: Sequence[int]) -> str:
        """Those tokens, with nothing between them."""
        return "".join(self.tokens[index].text for index in part)

    def function_at(self, line: int, column: int) -> Function | None:
        """The function in whose body a place is."""
        found = bisect_right(self._begins, (line, column)) - 1
        if found < 0 or (line, column) > self._place(self.functions[found].last):
            return None
        return self.functions[found]

    def _place(self, index: int) -> tuple[int, int]:
        return self.tokens[index].line, self.tokens[index].column

    def _read(self, source: bytes) -> None:
        text = source.decode("latin-1")  # a byte is a column, as it is for the compiler
        line, start = 1, 0  # start: where the line begins
        fresh = True  # nothing but space since the line began
        branches: list[_Branch] = []
        kept, sure = _state(branches)
        tokens, named, new = self.tokens, self.named, tuple.__new__  # Token() itself takes twice as long
        for found in _TOKEN.finditer(text):
            index = found.lastindex or 0
            kind = _KINDS[index]
            if kind == "newline":
                line, start, fresh = line + 1, found.end(), True
                continue
            token = found[index]
            if kind == "directive":
                if fresh:  # else it is no C
                    self._directive(token, branches)
                    kept, sure = _state(branches)
            elif kind != "space":
                fresh = False
                if kept:
                    if kind == "name":
                        named.setdefault(token, []).append(len(tokens))
                    tokens.append(new(Token, (token, kind, line, found.end() - len(token) - start + 1, sure)))
                    if len(tokens) >= LIMIT:
                        return
            if kind in _LONG and "\n" in token:
                line, start = line + token.count("\n"), found.end() - len(token) + token.rfind("\n") + 1

    def _directive(self, text: str, branches: list[_Branch]) -> None:
        parsed = _DIRECTIVE.match(text)
        if parsed is None:
            return
        word, rest = parsed["word"], parsed["rest"]
        first = re.split(r"[^\w]", rest, maxsplit=1, flags=re.ASCII)[0]
        if word == "define":
            self.macros[first] = rest
            if branches and branches[-1].guard == first and branches[-1].begins == len(self.tokens):
                branches[-1].sure = True  # the guard of a header
        elif word in ("if", "ifdef", "ifndef"):
            known = rest.strip() if word == "if" else ""
            guard = first if word == "ifndef" else ""
            kept, sure = known != "0", known in ("0", "1")
            branches.append(_Branch(kept, sure, kept, *_state(branches), guard, len(self.tokens)))
        elif word in ("else", "elif") and branches:
            last = branches[-1]
            last.kept = not last.chosen
            last.sure = last.kept and word == "else"  # that of an #if 0
            last.chosen = True
        elif word == "endif" and branches:
            branches.pop()

    def _functions(self) -> Iterator[Function]:
        for index, token in enumerate(self.tokens):
            if token.text == "{" and self.depth[index] == 0 and self.match[index] > 0:
                named = self._head(index - 1)
                if named is not None:
                    name, opening = named
                    parameters = tuple(self._parameter(part) for part in self.parts(opening)[:_PARAMETERS])
                    yield Function(self.tokens[name].text, parameters, self.tokens[name].line, index, self.match[index])

    def _head(self, index: int) -> tuple[int, int] | None:
        """Of a head that ends at a token: where its name is, and the parenthesis of its parameters."""
        for _ in range(8):  # so many attributes
            if index < 1 or self.tokens[index].text != ")" or self.match[index] < 1:
                return None
            opening = self.match[index]
            before = self.tokens[opening - 1]
            if before.kind == "name" and before.text not in _NO_FUNCTION:
                return opening - 1, opening
            if before.text == ")" and self.match[opening - 1] >= 0:  # void (*name(...))(int)
                inner = self.match[opening - 1] + 1
                named = [token.text for token in self.tokens[inner : inner + 3]]
                if len(named) == 3 and named[0] == "*" and self.is_call(inner + 1):
                    return inner + 1, inner + 2
                return None
            index = opening - (2 if before.kind == "name" else 1)
        return None

    def _parameter(self, part: range) -> str:
        """The name that a parameter declares."""
        name = ""
        for index in part[:64]:
            token = self.tokens[index]
            if token.text == "[":
                break
            if token.kind == "name":
                name = token.text
                if index >= part.start + 2 and [t.text for t in self.tokens[index - 2 : index]] == ["(", "*"]:
                    break
        return name


def _state(branches: Sequence[_Branch]) -> tuple[bool, bool]:
    """Whether code is looked at here, and whether it is compiled for certain."""
    if not branches:
        return True, True
    last = branches[-1]
    return last.kept and last.outer_kept, last.sure and last.outer_sure


def _brackets(tokens: Sequence[Token]) -> tuple[list[int], list[int]]:
    """The partner of each bracket, and how many braces are open before each token."""
    match, depth = [-1] * len(tokens), [0] * len(tokens)
    opened: list[int] = []
    braces = 0
    for index, token in enumerate(tokens):
        depth[index] = braces
        if token.text in _OPENS:
            opened.append(index)
            braces += token.text == "{"
        elif token.text in _CLOSES:
            wanted = _CLOSES[token.text]
            while opened and tokens[opened[-1]].text != wanted and (wanted == "{" or tokens[opened[-1]].text != "{"):
                opened.pop()
            if opened and tokens[opened[-1]].text == wanted:
                match[index] = opened.pop()
                match[match[index]] = index
                braces -= wanted == "{"
                depth[index] = braces
    return match, depth
