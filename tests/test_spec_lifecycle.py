"""Each kind that an exercise names under `lifecycle` becomes a case, and each mistake has the line of its author."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from grader import spec
from grader.errors import SpecError
from grader.model import CaseSpec, Exercise, StepSpec
from grader.spec.lifecycle import KINDS

HEAD = """\
format: 1
title: Read a FIFO
submit: [reader.c]
build: {reader: reader.c}
values: {name: {word: 8}}
cases:
  - {id: reads, title: t, points: 4, because: b, hint: h, steps: [start: {reader: [./reader]}, finish: reader]}
"""  # `lifecycle` is on line 8
LIFE = """\
lifecycle:
  start: {reader: [./reader, "${name}.fifo"]}
  ready:
    - open: {writer: {fifo: "${name}.fifo", for: writing}}
    - blocked: {reader: read writer}
  works:
    - write: {to: writer, line: reader}
    - close: writer
    - finish: {reader: {exit: 0}}
"""  # kinds are on line 17 and below
Load = Callable[[str], Exercise]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def build(text: str) -> Exercise:
        folder = tmp_path / "demo"
        (folder / "reference").mkdir(parents=True, exist_ok=True)
        (folder / "reference" / "reader.c").write_text("int main(void) { return 0; }\n")
        (folder / "exercise.yaml").write_text(text, encoding="utf-8")
        return spec.load_exercise(folder)

    return build


def told(load: Load, text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load(HEAD + text)
    return [message.removeprefix("demo/exercise.yaml:") for message in caught.value.problems]


def steps(case: CaseSpec) -> list[tuple[int, str, str]]:
    return [(step.line, step.verb, named(step)) for step in case.steps]


def named(step: StepSpec) -> str:
    return str(step.arguments.get("name", step.arguments.get("to", step.arguments.get("path"))))


def test_an_end_by_a_signal(load: Load) -> None:
    exercise = load(HEAD + LIFE + "  elsewhere:\n  sigint: {exit: 130, stdout: 042, points: 2, needs: reads}\n")
    case = exercise.case("ends-on-sigint")
    assert (case.points, case.needs, case.line) == (2, ("reads",), 18)
    assert (case.because, case.hint) == (KINDS["sigint"].because, KINDS["sigint"].hint)
    assert steps(case) == [
        (9, "start", "reader"),
        (11, "open", "writer"),
        (12, "blocked", "reader"),
        (18, "signal", "reader"),
        (18, "finish", "reader"),
    ]
    signal, finish = case.steps[-2:]
    assert signal.arguments["send"] == ("INT",)
    assert (finish.arguments["exit"], finish.arguments["stdin"]) == ((130,), "open")
    assert finish.arguments["stdout"].values == ("042",)
    assert list(case.variables) == ["name"]


def test_every_kind_makes_a_case_behind_the_others(load: Load) -> None:
    exercise = load(HEAD + LIFE + "".join(f"  {kind}:\n" for kind in KINDS))
    assert [case.id for case in exercise.cases] == ["reads", *(kind.id for kind in KINDS.values())]
    assert all(case.points == 1 and case.title and case.hint for case in exercise.cases[1:])


def test_a_second_start_has_other_names(load: Load) -> None:
    exercise = load(HEAD + LIFE + "  restart-after-kill:\n  twice: {exit: 1}\n")
    assert steps(exercise.case("restarts-after-kill")) == [
        (9, "start", "killed"),
        (11, "open", "killed-writer"),
        (12, "blocked", "killed"),
        (17, "kill", "killed"),
        (17, "close", "killed-writer"),
        (9, "start", "reader"),
        (11, "open", "writer"),
        (12, "blocked", "reader"),
        (14, "write", "writer"),
        (15, "close", "writer"),
        (16, "finish", "reader"),
    ]
    assert exercise.case("restarts-after-kill").steps[2].arguments["object"] == "killed-writer"
    assert exercise.case("restarts-after-kill").steps[8].arguments["value"] == "reader"
    twice = exercise.case("survives-a-second-start")
    assert steps(twice)[3:5] == [(9, "start", "second"), (18, "finish", "second")]


def test_a_second_one_that_is_to_work_too_gets_ready_as_well(load: Load) -> None:
    exercise = load(HEAD + LIFE + "  twice: {run: [./reader, other], then: [kill: second]}\n")
    case = exercise.case("survives-a-second-start")
    assert steps(case)[3:6] == [(9, "start", "second"), (11, "open", "second-writer"), (12, "blocked", "second")]
    assert case.steps[3].arguments["run"] == ("./reader", "other")
    assert case.steps[0].arguments["run"][0] == "./reader"
    assert steps(case)[-1] == (17, "kill", "second")


def test_another_directory(load: Load) -> None:
    case = load(HEAD + LIFE + '  elsewhere: {run: [./reader, "../x"]}\n').case("works-elsewhere")
    assert (case.steps[0].verb, case.steps[0].arguments["path"]) == ("make", "elsewhere")
    assert (case.steps[1].arguments["cwd"], case.steps[1].arguments["run"]) == ("elsewhere", ("./reader", "../x"))


def test_names_in_every_place_are_others(load: Load) -> None:
    life = """\
lifecycle:
  before: [make: {msg: {as: given, key: 7}}]
  start: {p: {run: [./reader, "%{given.id}"], env: {A: b}}}
  ready:
    - make: {sem: {as: s, key: 5, values: [1]}}
    - sem: {s: [0]}
    - start: {q: [./reader, "%{p.pid}", "%{s.id}"]}
    - send: {q: "%{p.pid} q"}
    - blocked: {p: {call: semop, object: s}}
    - kill: q
    - close: p.stdin
    - expect: {p: {text: p}}
    - blocked: {p: any}
  works: [finish: p]
  restart-after-kill: {values: {name: x}, leaves: ["*"], limits: {cpu: 3s}, id: again, title: t, because: b, hint: h}
"""
    case = load(HEAD + life).case("again")
    assert (case.title, case.because, case.hint, case.leaves) == ("t", "b", "h", ("*",))
    assert case.limits is not None
    assert case.limits.cpu == 3.0
    made = [dict(step.arguments) for step in case.steps[1:11]]
    assert made[0] == {"name": "killed", "run": ("./reader", "%{given.id}"), "env": {"A": "b"}}
    assert made[1]["as"] == "killed-s"
    assert made[2]["name"] == "killed-s"
    assert made[3] == {"name": "killed-q", "run": ("./reader", "%{killed.pid}", "%{killed-s.id}")}
    assert (made[4]["name"], made[4]["value"]) == ("killed-q", "%{killed.pid} q")
    assert made[5] == {"name": "killed", "call": "semop", "object": "killed-s"}
    assert made[6] == {"name": "killed-q"}
    assert made[7] == {"name": "killed.stdin"}
    assert (made[8]["name"], made[8]["value"]) == ("killed", "p")


def test_several_programs_have_a_lifecycle_each(load: Load) -> None:
    life = """\
lifecycle:
  - start: {a: [./reader]}
    sigint: {exit: 130, id: a-ends}
  - start: {b: [./reader, x]}
    ready: [handles: {b: INT}]
    needs: [reads]
    sigint: {exit: 130}
    sigterm: {exit: 143, ready: [handles: {b: TERM}], group: true, then: [gone: x]}
"""
    exercise = load(HEAD + life)
    assert [case.id for case in exercise.cases] == ["reads", "a-ends", "ends-on-sigint", "ends-on-sigterm"]
    assert [case.needs for case in exercise.cases] == [(), (), ("reads",), ("reads",)]
    assert [step.verb for step in exercise.case("a-ends").steps] == ["start", "blocked", "signal", "finish"]
    last = exercise.case("ends-on-sigterm")
    assert last.steps[1].arguments["signals"] == ("TERM",)
    assert last.steps[2].arguments["group"] is True
    assert last.steps[-1].verb == "gone"


def test_schedules_and_faults_are_those_of_a_case(load: Load) -> None:
    exercise = load(HEAD + LIFE + "  elsewhere:\n  sigint: {exit: 130, schedules: search, faults: [eintr]}\n")
    case = exercise.case("ends-on-sigint")
    assert (case.search, [fault.value for fault in case.faults]) == (True, ["eintr"])
    assert not exercise.case("works-elsewhere").search


WRONG: dict[str, tuple[str, list[str]]] = {
    "unknown kind": (
        LIFE + "  sigitn: {exit: 130}\n  elsewhere:\n",
        ["17: unknown key 'sigitn'; did you mean 'sigint'?"],
    ),
    "unknown key of a kind": (LIFE + "  elsewhere: {exits: 1}\n", ["17: unknown key 'exits'; did you mean 'exit'?"]),
    "a number": (LIFE + "  elsewhere:\n  sigint: 130\n", ["18: 'sigint': a mapping is needed, not the number 130"]),
    "nothing": (
        "lifecycle:\n  start: {reader: [./reader]}\n",
        [
            f"8: 'lifecycle' plays nothing; name at least one of {', '.join(KINDS)}",
        ],
    ),
    "no start": ("lifecycle:\n  sigint: {exit: 130}\n", ["8: 'start' is missing"]),
    "two starts": (
        "lifecycle:\n  start: {a: [./reader], b: [./reader]}\n  sigint:\n",
        ["9: 'start' takes one name, not 2"],
    ),
    "start a list": ("lifecycle:\n  start: [./reader]\n  sigint:\n", ["9: 'start': a mapping is needed, not a list"]),
    "no works": (
        "lifecycle:\n  start: {reader: [./reader]}\n  twice: {exit: 1}\n",
        ["10: 'twice' needs 'works' beside it; the steps that show that the program works, and finish it"],
    ),
    "works for nothing": (
        LIFE + "  sigint: {exit: 130}\n",
        ["13: 'works' is for restart-after-kill, twice, elsewhere, and none is named"],
    ),
    "a step": (
        LIFE.replace("blocked", "blokced") + "  elsewhere:\n  eof:\n",
        ["12: unknown step 'blokced'; did you mean 'blocked'?"],
    ),
    "an exit": (LIFE + "  elsewhere:\n  sigint:\n    exit: 300\n", ["19: 300 is not between 0 and 255"]),
    "a name": (
        LIFE.replace("finish: {reader", "finish: {raeder") + "  elsewhere:\n",
        ["16: unknown name 'raeder'; did you mean 'reader'?"],
    ),
    "a program": (
        LIFE.replace("[./reader,", "[./raeder,") + "  elsewhere:\n",
        ["9: unknown program './raeder'; did you mean './reader'?"],
    ),
    "a value": (LIFE.replace('"${name}', '"${nmae}') + "  eof:\n  elsewhere:\n", []),
    "exit and signal": (
        LIFE + "  elsewhere:\n  sigint: {exit: 1, signal: INT}\n",
        ["18: 'exit' and 'signal' exclude each other"],
    ),
    "an id twice": (
        LIFE + "  elsewhere: {id: reads}\n",
        ["17: the case 'reads' is there twice; first on line 7"],
    ),
    "needs": (LIFE + "  elsewhere: {needs: raeds}\n", ["17: unknown case 'raeds'; did you mean 'reads'?"]),
    "points": (LIFE + "  elsewhere: {points: two}\n", ["17: 'points': a number is needed, not the text 'two'"]),
    "faults": (
        LIFE + "  elsewhere: {faults: [entr]}\n",
        ["17: 'faults': there is no fault 'entr'; did you mean 'eintr'?"],
    ),
    "a list of texts": ("lifecycle: [eof]\n", ["8: 'lifecycle': a mapping is needed, not the text 'eof'"]),
    "a text": ("lifecycle: eof\n", ["8: 'lifecycle': a mapping is needed, not the text 'eof'"]),
    "ready a mapping": (
        LIFE + "  elsewhere: {ready: {exists: x}}\n",
        ["17: 'ready': a list is needed, not a mapping"],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_where_it_was_written(load: Load, name: str) -> None:
    text, expected = WRONG[name]
    found = told(load, text)
    if name == "a value":
        assert [message.partition(";")[0] for message in found] == [
            "9: there is no value 'nmae' here",
            "11: there is no value 'nmae' here",
        ]
    else:
        assert found == expected


def test_the_schema_knows_every_kind_and_the_steps_of_each() -> None:
    validator = jsonschema.Draft202012Validator(spec.json_schema())
    good = HEAD + LIFE + "".join(f"  {kind}: {{exit: 0, then: [exists: x]}}\n" for kind in KINDS)
    assert list(validator.iter_errors(yaml.safe_load(good))) == []
    assert validator.is_valid(
        yaml.safe_load(good.replace("lifecycle:\n  start", "lifecycle:\n- start").replace("\n  ", "\n  "))
    )
    wrong: list[dict[str, Any]] = [
        {"sigint": {"exits": 1}},
        {"sigint": {"exit": 300}},
        {"ready": [{"blokced": "x"}]},
        {"works": ["x"]},
        {"start": {"reader": 1}},
        {"sigitn": {}},
    ]
    document = yaml.safe_load(good)
    for change in wrong:
        assert not validator.is_valid({**document, "lifecycle": {**document["lifecycle"], **change}}), change


def test_requires_names_other_exercises(load: Load, tmp_path: Path) -> None:
    assert load(HEAD + "requires: [launch]\n").requires == ("launch",)
    with pytest.raises(SpecError) as caught:
        spec.load_exercise(tmp_path / "demo", exercises=["demo", "launhc"])
    assert caught.value.problems == (
        "demo/exercise.yaml:8: there is no other exercise 'launch'; did you mean 'launhc'?",
    )
