"""${expression} in the strings of a spec: Jinja expressions over the drawn values, sandboxed.

A string that is nothing but one ${...} keeps the type of what it stands for; any other becomes text.
Everything outside of ${...} is left exactly as it is, %{...} too, which the driver fills in. Compiled
templates are remembered by their text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, Undefined, UndefinedError, meta, nodes
from jinja2.environment import TemplateExpression
from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range

Values = Mapping[str, Any]
GLOBALS: Mapping[str, Callable[..., Any]] = {
    "range": safe_range,
    "min": min,
    "max": max,
    "len": len,
    "hex": hex,
    "ord": ord,
}
_NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*")
_NO_NAMES = frozenset({"true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if", "else"})
_UNREPEATABLE = ("random", "pprint", "urlize", "xmlattr")  # what they give is not settled by the seed, or is HTML
_OPENING, _CLOSING = "([{", ")]}"


class ExpressionError(ValueError):
    """A ${...} that cannot be understood, or whose value cannot be computed. Says why."""


def _environment() -> ImmutableSandboxedEnvironment:
    # Blocks and comments are spelled with characters that no YAML file can hold.
    made = ImmutableSandboxedEnvironment(
        block_start_string="\x00{",
        block_end_string="}\x00",
        variable_start_string="${",
        variable_end_string="}",
        comment_start_string="\x00<",
        comment_end_string=">\x00",
        undefined=StrictUndefined,
        autoescape=False,
    )
    made.globals = dict(GLOBALS)
    for name in _UNREPEATABLE:
        made.filters.pop(name, None)
    return made


_ENVIRONMENT = _environment()


@dataclass(frozen=True, slots=True)
class Expression:
    """What stands between ${ and }. names: the values that it uses."""

    source: str
    names: frozenset[str]
    simple: str = ""  # where it is nothing but this name

    def value(self, values: Values) -> Any:
        """Its value. Raises ExpressionError."""
        if self.simple:
            return values[self.simple]
        try:
            made = _compiled(self.source)(values)
        except UndefinedError as error:
            raise ExpressionError(f"${{{self.source}}}: {error.message}") from None
        except TemplateError as error:
            raise ExpressionError(f"${{{self.source}}}: {error}") from None
        except (ArithmeticError, LookupError, TypeError, ValueError, MemoryError, RecursionError) as error:
            raise ExpressionError(f"${{{self.source}}}: {error}") from None
        if isinstance(made, Undefined):
            raise ExpressionError(f"${{{self.source}}}: there is no such thing")
        return made


@lru_cache(maxsize=4096)
def _compiled(source: str) -> TemplateExpression:
    return _ENVIRONMENT.compile_expression(source, undefined_to_none=False)


@lru_cache(maxsize=4096)
def parse_expression(source: str) -> Expression:
    """An expression, checked as far as can be without values. Raises ExpressionError."""
    simple = _NAME.fullmatch(source)
    if simple and simple[1] not in _NO_NAMES and simple[1] not in GLOBALS:
        return Expression(source, frozenset({simple[1]}), simple[1])
    try:
        tree = _ENVIRONMENT.parse("${" + source + "}")
    except TemplateSyntaxError as error:
        what = str(error.message).replace("'end of print statement'", "the end of it")
        raise ExpressionError(f"${{{source}}}: {what}") from None
    for kind, known, what in ((nodes.Filter, _ENVIRONMENT.filters, "filter"), (nodes.Test, _ENVIRONMENT.tests, "test")):
        for node in tree.find_all(kind):
            if node.name not in known:
                raise ExpressionError(f"${{{source}}}: there is no {what} '{node.name}'")
    return Expression(source, frozenset(meta.find_undeclared_variables(tree) - GLOBALS.keys()))


@dataclass(frozen=True, slots=True)
class Template:
    """A string with ${...} in it. parts: text and expressions in turn."""

    parts: tuple[str | Expression, ...]

    @property
    def names(self) -> frozenset[str]:
        """The values that it uses."""
        return frozenset().union(*(part.names for part in self.parts if isinstance(part, Expression)))

    def render(self, values: Values) -> Any:
        """The text, or the value of the one expression that it is. Raises ExpressionError."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression):
            return self.parts[0].value(values)
        return "".join([part if isinstance(part, str) else _text(part, values) for part in self.parts])


def _text(expression: Expression, values: Values) -> str:
    value = expression.value(values)
    return value if isinstance(value, str) else as_text(value, expression.source)


def as_text(value: Any, source: str) -> str:
    """A value as it stands in a text. Raises ExpressionError for what has no text of its own."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None or not isinstance(value, (int, float)):
        raise ExpressionError(f"${{{source}}} is {value!r}, which is no text; write ${{{source}|join(' ')}} for a list")
    return str(value)


@lru_cache(maxsize=8192)
def parse(text: str) -> Template | str:
    """A string as a template, or as it is where it holds no ${. Raises ExpressionError."""
    if "${" not in text:
        return text
    parts: list[str | Expression] = []
    at = 0
    while (start := text.find("${", at)) >= 0:
        if start > at:
            parts.append(text[at:start])
        at = _end(text, start + 2)
        parts.append(parse_expression(text[start + 2 : at - 1]))
    if at < len(text):
        parts.append(text[at:])
    return Template(tuple(parts))


def _end(text: str, at: int) -> int:
    """The place after the } that closes a ${; quotes and brackets inside are left whole."""
    begin, open_brackets = at, 0
    while at < len(text):
        char = text[at]
        if char in "'\"":
            closing = text.find(char, at + 1)
            while closing > 0 and text[closing - 1] == "\\":
                closing = text.find(char, closing + 1)
            if closing < 0:
                break
            at = closing
        elif char in _OPENING:
            open_brackets += 1
        elif char == "}" and open_brackets == 0:
            return at + 1
        elif char in _CLOSING:
            open_brackets -= 1
        at += 1
    raise ExpressionError(f"${{{text[begin : begin + 40]}: the closing }} is missing; write ${{'${{'}} for a plain ${{")
