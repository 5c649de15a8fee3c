"""Pydantic's complaints, as sentences with a line and the word that was meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import GenericAlias, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from grader.spec import units
from grader.spec.problems import Place, Problems, kind_of, meant
from grader.spec.yaml_source import Document
from grader.wire import Limits as WireLimits

M = TypeVar("M", bound=BaseModel)

IDENTIFIER = r"^[a-z0-9]+(-[a-z0-9]+)*$"
FILE_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}$"
PROGRAM_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$"

_PATTERNS = {
    IDENTIFIER: "is made of lower-case words joined by hyphens",
    FILE_NAME: "is a plain file name: letters, digits, and _ . + - inside, at most 100",
    PROGRAM_NAME: "is a plain name: letters, digits, and _ . - inside, at most 100",
}
_NEEDED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


class Strict(BaseModel):
    """Base: keys that are not known and types that do not fit are errors; keys may hold hyphens."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        alias_generator=lambda name: name.replace("_", "-"),
        hide_input_in_errors=True,
    )


def _listed(value: Any) -> Any:
    return value if isinstance(value, (list, dict)) or value is None else [value]


def one_or_more(item: Any) -> Any:
    """A validator that lets one value stand for a list of it."""
    return BeforeValidator(_listed, json_schema_input_type=item | GenericAlias(list, (item,)))


Duration = Annotated[
    float, BeforeValidator(units.duration, json_schema_input_type=Annotated[str, Field(pattern=units.DURATION_PATTERN)])
]
Size = Annotated[int, BeforeValidator(units.size, json_schema_input_type=int | str)]


def validate(model: type[M], document: Document, problems: Problems) -> M | None:
    """The document as a model; None after problems were noted."""
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=True):
            _note(detail, model, document, problems)
        return None


def _note(detail: ErrorDetails, model: type[BaseModel], document: Document, problems: Problems) -> None:
    place: Place = tuple(detail["loc"])
    kind = detail["type"]
    if kind == "extra_forbidden":
        name = str(place[-1])
        problems.add(place, f"unknown key '{name}'", meant(name, _keys(model, place[:-1])))
    elif kind == "missing":
        problems.add(place[:-1], f"'{place[-1]}' is missing")
    elif kind == "model_type" and not place:
        problems.add(place, f"a mapping is needed, not {kind_of(document.value)}", "write `title: ...` and so on")
    else:
        what, fix = _complaint(detail)
        problems.add(_written(place), _about(place, what), fix)


def _written(place: Place) -> Place:
    return place[:-1] if place and place[-1] == "[key]" else place


def _about(place: Place, what: str) -> str:
    """Name the key where the message is about its value."""
    named = [part for part in place if isinstance(part, str) and part != "[key]"]
    return f"'{named[-1]}': {what}" if named else what


def _complaint(detail: ErrorDetails) -> tuple[str, str]:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind in _NEEDED:
        fix = ""
        if kind == "string_type" and isinstance(given, (bool, int, float)):
            fix = "put it in quotes"
        return f"{_NEEDED[kind]} is needed, not {kind_of(given)}", fix
    say: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "value_error": lambda ctx: str(ctx["error"]),
        "string_pattern_mismatch": lambda ctx: f"{given!r} does not fit: it {_PATTERNS[ctx['pattern']]}",
        "string_too_short": lambda _: "is empty",
        "too_short": lambda _: "is empty",
        "finite_number": lambda _: "a finite number is needed",
        "greater_than_equal": lambda ctx: f"{given} is less than {ctx['ge']:g}",
        "less_than_equal": lambda ctx: f"{given} is more than {ctx['le']:g}",
        "literal_error": lambda ctx: f"must be {ctx['expected']}, not {kind_of(given)}",
    }
    return (say[kind](context) if kind in say else detail["msg"].lower()), ""


def _keys(model: type[BaseModel], place: Place) -> list[str]:
    """The keys that a mapping at that place of the document can have."""
    current: Any = model
    for part in place:
        if _is_model(current):
            fields = {field.alias or name: field.annotation for name, field in current.model_fields.items()}
            current = _bare(fields.get(str(part)))
        elif get_origin(current) in (list, dict):
            current = _bare(get_args(current)[-1])
    return [field.alias or name for name, field in current.model_fields.items()] if _is_model(current) else []


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _bare(annotation: Any) -> Any:
    """An annotation without Annotated, and without what may stand beside a model or container."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        parts = [_bare(part) for part in get_args(annotation)]
        return next((part for part in parts if _is_model(part) or get_origin(part) in (list, dict)), None)
    return annotation


# --- limits, which exercises, cases and courses share -------------------------------------------


class Limits(Strict):
    """Bounds for each process of a case. What is not named keeps its default."""

    cpu: Duration | None = None
    wall: Duration | None = None
    memory: Size | None = None
    processes: Annotated[int, Field(ge=1, le=10_000)] | None = None
    output: Size | None = None
    files: Annotated[int, Field(ge=4, le=100_000)] | None = None
    file_size: Size | None = None

    def over(self, base: WireLimits) -> WireLimits:
        """These, and what is not named from `base`."""
        return WireLimits(
            cpu=self.cpu or base.cpu,
            wall=self.wall or base.wall,
            memory=self.memory or base.memory,
            processes=self.processes or base.processes,
            descriptors=self.files or base.descriptors,
            file=self.file_size or base.file,
            output=self.output or base.output,
        )
