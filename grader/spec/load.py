"""An exercise folder becomes an `Exercise`, or a SpecError with everything that is wrong with it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from grader.errors import SpecError
from grader.model import CaseSpec, CheckSpec, Exercise, StepSpec
from grader.spec import lifecycle, schema, scope, validation
from grader.spec.folder import check_files, read_drive
from grader.spec.folder import programs as folder_programs
from grader.spec.forms import MISSING, Json, Reading, Text
from grader.spec.identifiers import check_identifiers, sanitized, searched
from grader.spec.problems import Place, Problems, meant, shown
from grader.spec.steps import FINISH, VERBS, read_step, steps_schema
from grader.spec.validation import validate
from grader.spec.values import COMPUTE, KINDS, Value, check_names, in_order, needed, read_values
from grader.spec.yaml_source import Document, read_yaml
from grader.trace import FaultKind
from grader.wire import Limits

FILE = "exercise.yaml"
_SLUG = re.compile(validation.IDENTIFIER)


def find_exercises(roots: Iterable[Path]) -> Mapping[str, Path]:
    """Slug -> folder of every exercise beneath the roots, sorted. Raises SpecError for one that is there twice."""
    found: dict[str, Path] = {}
    for root in roots:
        try:
            names = sorted(os.listdir(root))
        except OSError as error:
            raise SpecError((f"{shown(root)}:1: cannot be read: {error.strerror}",)) from None
        for name in names:
            folder = root / name
            if name.startswith(".") or not os.path.lexists(folder / FILE):
                continue
            if name in found:
                raise SpecError((f"{shown(folder / FILE)}:1: the exercise '{name}' is also in {shown(found[name])}",))
            found[name] = folder
    return dict(sorted(found.items()))


def load_exercise(
    folder: Path,
    checks: Collection[str] | None = None,
    defaults: Limits | None = None,
    exercises: Collection[str] | None = None,
) -> Exercise:
    """The exercise of a folder. Raises SpecError with all that is wrong.

    checks, exercises: names of those that there are; None: any. defaults: the course's limits, which hold
    where the exercise names none.
    """
    source = folder / FILE
    if not os.path.isdir(folder):
        raise SpecError((f"{shown(folder)}:1: there is no such folder",))
    document = read_yaml(source)
    problems = document.problems()
    document = lifecycle.expanded(document, problems)
    loader = _Loader(folder, document, problems, checks)
    parsed = validate(schema.ExerciseFile, document, problems)
    if parsed is None:
        loader.values_and_steps_alone()
        problems.check()
        raise AssertionError("a model was refused without a problem")
    exercise = loader.exercise(parsed, defaults or Limits())
    others = sorted({*(parsed.requires if exercises is None else exercises)} - {exercise.slug})
    for index, name in enumerate(parsed.requires):
        if name not in others:
            problems.add(("requires", index), f"there is no other exercise '{name}'", meant(name, others))
    problems.check()
    return exercise


def json_schema() -> Json:
    """exercise.yaml as JSON Schema 2020-12, for editors."""
    made = schema.ExerciseFile.model_json_schema(by_alias=True)
    kinds: list[Json] = [
        {
            "type": "object",
            "description": kind.about,
            "properties": {name: {"description": kind.about, "anyOf": [kind.shape, {"type": "string"}]}},
            "required": [name],
            "additionalProperties": False,
        }
        for name, kind in KINDS.items()
    ]
    kinds.append(
        {
            "type": "object",
            "description": "an expression over the values before it",
            "properties": {COMPUTE: {"type": ["string", "integer"]}},
            "required": [COMPUTE],
            "additionalProperties": False,
        }
    )
    kinds.append({"type": ["string", "number", "boolean", "array"], "description": "always this"})
    made["$defs"]["Value"] = {"anyOf": kinds}
    made["$defs"]["Steps"] = steps_schema()
    case = made["$defs"]["Case"]
    case["properties"]["steps"] = {"$ref": "#/$defs/Steps"}
    case["oneOf"] = [{"required": ["steps"]}, {"required": ["drive"]}]
    life, ending = made["$defs"]["Lifecycle"], made["$defs"]["Ending"]
    for place in (made, case, life, ending):
        place["properties"]["values"]["additionalProperties"] = {"$ref": "#/$defs/Value"}
    for place, key in ((life, "before"), (life, "ready"), (life, "works"), (ending, "ready"), (ending, "then")):
        place["properties"][key] = {**_described(place, key), "$ref": "#/$defs/Steps"}
    life["properties"]["start"] = {**_described(life, "start"), **VERBS["start"].form.shape()}
    for key, form in FINISH.items():
        if key in ending["properties"]:
            ending["properties"][key] = {**form.shape(), **_described(ending, key)}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "exercise.yaml"}


def _described(place: Json, key: str) -> Json:
    return {"description": place["properties"][key]["description"]}


class _Loader:
    def __init__(self, folder: Path, document: Document, problems: Problems, checks: Collection[str] | None) -> None:
        self._folder = folder
        self._document = document
        self._problems = problems
        self._checks = checks

    def exercise(self, parsed: schema.ExerciseFile, defaults: Limits) -> Exercise:
        """What was parsed, with all that no single key can tell checked."""
        slug = self._folder.name or self._folder.resolve().name
        if not _SLUG.match(slug):
            what = f"the folder '{slug}' cannot be the name of an exercise"
            self._problems.add((), what, "use lower-case words joined by hyphens")
        check_files(parsed, self._folder, self._problems)
        programs = folder_programs(parsed, self._folder, self._problems)
        names = scope.Programs(tuple(parsed.build), tuple(parsed.partners))
        drive = read_drive(parsed, self._folder, self._problems)
        limits = parsed.limits.over(defaults)
        values = read_values(parsed.values, ("values",), (), self._problems)
        check_identifiers(parsed, self._problems)
        again = sanitized(parsed, self._problems)
        search = searched(parsed, self._problems)
        cases = tuple(
            replace(
                self._case(case, ("cases", index), values, limits, names),
                sanitize=case.id in again,
                search=case.id in search,
                faults=_faults(parsed.faults if case.faults is None else case.faults),
            )
            for index, case in enumerate(parsed.cases)
        )
        return Exercise(
            slug=slug,
            root=self._folder,
            source=self._document.path,
            title=parsed.title,
            teaches=tuple(parsed.teaches),
            difficulty=parsed.difficulty,
            order=parsed.order,
            requires=tuple(parsed.requires),
            submit=tuple(parsed.submit),
            programs=programs,
            limits=limits,
            cases=cases,
            checks=MappingProxyType({name: self._check(name, check) for name, check in parsed.checks.items()}),
            wrong=MappingProxyType({name: tuple(ids) for name, ids in parsed.wrong.items()}),
            variables=MappingProxyType(values),
            given=tuple(parsed.given),
            flags=tuple(parsed.flags),
            drive=drive,
        )

    def values_and_steps_alone(self) -> None:
        """Find what is wrong with values and steps of a document that is wrong elsewhere, too."""
        if not isinstance(self._document.value, dict):
            return
        values = self._document.value.get("values")
        if isinstance(values, dict):
            read_values(values, ("values",), (), self._problems)
        cases = self._document.value.get("cases")
        for index, case in enumerate(cases if isinstance(cases, list) else []):
            steps = case.get("steps") if isinstance(case, dict) else None
            if isinstance(steps, list):
                reading = Reading(self._problems, self._document.texts)
                for number, step in enumerate(steps):
                    read_step(step, ("cases", index, "steps", number), reading)

    # --- cases and checks -------------------------------------------------------------------

    def _case(
        self,
        case: schema.Case,
        place: Place,
        shared: Mapping[str, Value],
        limits: Limits,
        programs: scope.Programs,
    ) -> CaseSpec:
        own = read_values(case.values, (*place, "values"), shared, self._problems)
        values = in_order({**shared, **own}, (*place, "values"), self._problems)
        reading = Reading(self._problems, self._document.texts)
        steps = self._steps(case, place, reading, programs)
        leaves = [Text().read(pattern, (*place, "leaves", index), reading) for index, pattern in enumerate(case.leaves)]
        for name, where in reading.uses:
            check_names((name,), values, where, self._problems)
        return CaseSpec(
            id=case.id,
            title=case.title,
            points=case.points,
            steps=steps,
            because=case.because,
            hint=case.hint,
            needs=tuple(case.needs),
            variables=MappingProxyType(values if case.drive else needed(values, reading.used)),
            leaves=tuple(pattern for pattern in leaves if pattern is not MISSING),
            limits=case.limits.over(limits) if case.limits.model_fields_set else None,
            drive=case.drive or "",
            line=self._problems.line(place),
        )

    def _steps(
        self, case: schema.Case, place: Place, reading: Reading, programs: scope.Programs
    ) -> tuple[StepSpec, ...]:
        if case.steps is None:
            if case.drive is None:
                self._problems.add(place, f"the case '{case.id}' has neither 'steps' nor 'drive'")
            return ()
        if case.drive is not None:
            self._problems.add((*place, "drive"), "'steps' and 'drive' exclude each other")
        at = (*place, "steps")
        steps = [read_step(step, (*at, index), reading) for index, step in enumerate(case.steps)]
        scope.check_steps(steps, case.steps, at, programs, self._problems)
        return tuple(step for step in steps if step is not None)

    def _check(self, name: str, check: schema.Check) -> CheckSpec:
        place = ("checks", name)
        if self._checks is not None and name not in self._checks:
            self._problems.add(place, f"unknown check '{name}'", meant(name, sorted(self._checks)))
        return CheckSpec(
            name=name,
            title=check.title,
            points=check.points,
            because=check.because,
            hint=check.hint,
            needs=tuple(check.needs),
            options=MappingProxyType(check.options),
            line=self._problems.line(place),
        )


def _faults(given: Iterable[FaultKind]) -> tuple[FaultKind, ...]:
    """Each once, as they were named."""
    return tuple(dict.fromkeys(given))
