"""exercise.yaml as pydantic sees it: everything but values and steps, which have readers of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from grader.spec.problems import kind_of, meant
from grader.spec.validation import FILE_NAME, IDENTIFIER, PROGRAM_NAME, Limits, Strict, one_or_more
from grader.trace import FaultKind

Sentence = Annotated[str, StringConstraints(min_length=1)]
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
FileName = Annotated[str, StringConstraints(pattern=FILE_NAME)]
ProgramName = Annotated[str, StringConstraints(pattern=PROGRAM_NAME)]
Identifiers = Annotated[list[Identifier], one_or_more(Identifier)]
FileNames = Annotated[list[FileName], one_or_more(FileName)]
Points = Annotated[float, Field(ge=0, le=100_000)]
FAULTS = tuple(kind.value for kind in FaultKind)
SCHEDULES = ("search", "none")


def _word(value: Any, known: Iterable[str], what: str) -> Any:
    if isinstance(value, str) and value not in known:
        raise ValueError(f"there is no {what} '{value}'; {meant(value, known)}")
    return value


def _fault(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"the name of a fault is needed, not {kind_of(value)}; {meant('', FAULTS)}")  # noqa: TRY004
    return FaultKind(_word(value, FAULTS, "fault"))


def _schedules(value: Any) -> Any:
    return _word(value, SCHEDULES, "kind of schedules")


Fault = Annotated[FaultKind, BeforeValidator(_fault, json_schema_input_type=Literal[FAULTS])]
Faults = Annotated[list[Fault], one_or_more(Fault)]
Schedules = Literal["search", "none"]


class Program(Strict):
    """How one program is linked."""

    sources: Annotated[FileNames, Field(min_length=1)]
    flags: list[str] = Field([], description="compiler flags of this program alone; -l... are put last")


def _program(value: Any) -> Any:
    return {"sources": value} if isinstance(value, (str, list)) else value


Programs = dict[
    ProgramName,
    Annotated[Program, BeforeValidator(_program, json_schema_input_type=FileName | list[FileName] | Program)],
]


class Case(Strict):
    """One scenario."""

    id: Identifier = Field(description="lower-case words joined by hyphens, unique")
    title: Sentence = Field(description="what a right program does, as a sentence without its subject")
    points: Points
    needs: Identifiers = Field([], description="ids of cases: where one failed, this is skipped")
    values: dict[str, Any] = Field({}, description="more values, or others in place of the exercise's")
    limits: Limits = Field(Limits(), description="others in place of the exercise's")
    leaves: list[str] = Field([], description="patterns of names that may lie about afterwards")
    steps: list[Any] | None = None
    schedules: Annotated[Schedules, BeforeValidator(_schedules, json_schema_input_type=Schedules)] | None = Field(
        None, description="search or none, in place of what the exercise says"
    )
    faults: Faults | None = Field(None, description="others in place of the exercise's; []: none")
    drive: str | None = Field(None, description="the function of drive.py that plays the case, instead of steps")
    because: Sentence = Field(description="why it matters, one sentence")
    hint: Sentence = Field(description="what to try, without giving the solution away")


class Check(Strict):
    """A check that is scored as an item of its own."""

    title: Sentence
    points: Points
    needs: Identifiers = Field([], description="ids of cases: where one failed, this is skipped")
    because: Sentence
    hint: Sentence
    options: dict[str, Any] = Field({}, description="what the check itself can be told")


class ExerciseFile(Strict):
    """exercise.yaml: an exercise of the course."""

    format: Literal[1]
    title: Sentence
    teaches: list[Sentence] = Field([], description="the calls and ideas that it is about")
    difficulty: Annotated[int, Field(ge=1, le=5)] = 1
    order: Annotated[int, Field(ge=0)] = Field(1000, description="its place in the course")
    submit: Annotated[FileNames, Field(min_length=1)] = Field(description="what a student hands in")
    given: FileNames = Field([], description="files from given/, laid beside the submission for the build")
    build: Annotated[Programs, Field(min_length=1)] = Field(description="program: source, or [sources]")
    partners: Programs = Field({}, description="programs built from reference/, execute-only for the submission")
    flags: list[str] = Field([], description="added to the compiler's flags of grader.yaml")
    limits: Limits = Limits()
    sanitize: Literal["all", "none"] | list[Identifier] = Field("all", description="all, none, or a list of case ids")
    schedules: Annotated[
        Schedules | list[Identifier], BeforeValidator(_schedules, json_schema_input_type=Schedules | list[Identifier])
    ] = Field("none", description="search: look for schedules in which a case fails, in all cases or in those listed")
    faults: Faults = Field([], description="what is injected into the calls of each case, one at a time")
    values: dict[str, Any] = Field({}, description="drawn from the seed, used as ${name}")
    cases: Annotated[list[Case], Field(min_length=1)]
    checks: dict[Identifier, Check] = Field({}, description="checks that are scored as an item of their own")
    wrong: dict[FileName, Annotated[Identifiers, Field(min_length=1)]] = Field(
        {}, description="file or folder in wrong/: the case or check that must catch it; several: each"
    )
