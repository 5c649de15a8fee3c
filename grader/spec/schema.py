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


class Ending(Strict):
    """One kind of lifecycle case: what its end must look like, and what is said of it."""

    exit: Any = Field(None, description="as in finish; of `twice`: how the second one ends")
    signal: Any = Field(None, description="as in finish")
    stdout: Any = Field(None, description="as in finish")
    stderr: Any = Field(None, description="as in finish")
    cpu: Any = Field(None, description="as in finish")
    run: list[Any] | None = Field(None, description="another command line than that of `start`; of `twice`: the second")
    ready: list[Any] | None = Field(None, description="other steps than those of `ready` beside `start`")
    then: list[Any] = Field([], description="steps at the end of the case")
    group: bool = Field(False, description="send the signal to the whole process group, as Ctrl-C does")
    id: Identifier | None = None
    title: Sentence | None = None
    points: Points = 1
    needs: Identifiers = Field([], description="in place of those of the lifecycle")
    values: dict[str, Any] = Field({}, description="in place of those of the lifecycle")
    limits: Limits = Field(Limits(), description="in place of those of the lifecycle")
    leaves: list[str] = Field([], description="in place of those of the lifecycle")
    schedules: Any = Field(None, description="as in a case")
    faults: Any = Field(None, description="as in a case")
    because: Sentence | None = None
    hint: Sentence | None = None


class Lifecycle(Strict):
    """How a program ends, what a second start finds: each kind that is named becomes a case."""

    start: dict[str, Any] = Field(description="as the step `start`")
    ready: list[Any] | None = Field(None, description="steps after which it is up; default: blocked: {NAME: any}")
    works: list[Any] = Field([], description="steps that show that it works, when it is up, and finish it")
    before: list[Any] = Field([], description="steps before the start")
    needs: Identifiers = Field([], description="of each of these cases that names none")
    values: dict[str, Any] = Field({}, description="of each of these cases that names none")
    limits: Limits = Field(Limits(), description="of each of these cases that names none")
    leaves: list[str] = Field([], description="of each of these cases that names none")
    sigint: Ending | None = Field(None, description="ends-on-sigint")
    sigterm: Ending | None = Field(None, description="ends-on-sigterm")
    sighup: Ending | None = Field(None, description="ends-on-sighup")
    sigquit: Ending | None = Field(None, description="ends-on-sigquit")
    eof: Ending | None = Field(None, description="ends-at-end-of-input")
    restart_after_kill: Ending | None = Field(None, description="restarts-after-kill: killed, started again, works")
    twice: Ending | None = Field(None, description="survives-a-second-start: a second one beside; the first works")
    elsewhere: Ending | None = Field(None, description="works-elsewhere: started in the directory elsewhere/, works")


class ExerciseFile(Strict):
    """exercise.yaml: an exercise of the course."""

    format: Literal[1]
    title: Sentence
    teaches: list[Sentence] = Field([], description="the calls and ideas that it is about")
    difficulty: Annotated[int, Field(ge=1, le=5)] = 1
    order: Annotated[int, Field(ge=0)] = Field(1000, description="its place in the course")
    requires: Identifiers = Field([], description="exercises of the course that come before it")
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
    lifecycle: Annotated[list[Lifecycle], one_or_more(Lifecycle)] = Field(
        [], description="how a program ends, what a second start finds; several programs: a list"
    )
    checks: dict[Identifier, Check] = Field({}, description="checks that are scored as an item of their own")
    wrong: dict[FileName, Annotated[Identifiers, Field(min_length=1)]] = Field(
        {}, description="file or folder in wrong/: the case or check that must catch it; several: each"
    )
