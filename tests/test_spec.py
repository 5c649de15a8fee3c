"""An exercise folder is loaded, or everything that is wrong with it is told, each with its line."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from grader import spec
from grader.errors import SpecError
from grader.model import Exercise
from grader.trace import FaultKind
from grader.wire import Limits

HEAD = """\
format: 1
title: Read a FIFO
submit: [reader.c]
build: {reader: reader.c}
values:
  word: {word: 8}
cases:
  - id: reads
    title: reads
    points: 4
    because: read() returns 0 at the end.
    hint: What does read() return?
    steps:
"""  # the first step is on line 14
GOOD_STEPS = """\
      - start: {reader: [./reader, jobs.fifo]}
      - finish: {reader: {exit: 0}}
"""
FILES = {"reference/reader.c": "int main(void) { return 0; }\n"}
PREFIX = "fifo-reader/exercise.yaml"
PLAIN_NAME = "it is a plain file name: letters, digits, and _ . + - inside, at most 100"

Load = Callable[..., Exercise]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Builds exercises/fifo-reader from a text and a dict of files, and loads it."""
    monkeypatch.chdir(tmp_path)

    def build(text: str | bytes, files: Mapping[str, str] = FILES, checks: Collection[str] | None = None) -> Exercise:
        folder = tmp_path / "fifo-reader"
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8")
        folder.mkdir(exist_ok=True)
        (folder / "exercise.yaml").write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
        return spec.load_exercise(folder, checks)

    return build


def problems(load: Load, *arguments: object, **more: object) -> list[str]:
    """What the loader says, without the path that every line begins with."""
    with pytest.raises(SpecError) as caught:
        load(*arguments, **more)
    assert caught.value.exit_status == 2
    return [message.removeprefix(PREFIX + ":") for message in caught.value.problems]


def document(**changes: str) -> str:
    """A good exercise with some top-level keys in other words, or without them."""
    lines = {
        "format": "1",
        "title": "Read a FIFO",
        "submit": "[reader.c]",
        "build": "{reader: reader.c}",
        "cases": "[{id: reads, title: t, points: 1, because: b, hint: h, "
        "steps: [start: {reader: [./reader]}, finish: reader]}]",
    }
    lines |= {key.replace("_", "-"): value for key, value in changes.items()}
    return "".join(f"{key}: {value}\n" for key, value in lines.items() if value != "-")


# --- a good one -----------------------------------------------------------------------------------


def test_a_good_exercise_is_loaded(load: Load, tmp_path: Path) -> None:
    exercise = load(HEAD + GOOD_STEPS)
    assert exercise.slug == "fifo-reader"
    assert exercise.root == tmp_path / "fifo-reader"
    assert exercise.title == "Read a FIFO"
    assert exercise.points == 4
    assert [program.name for program in exercise.programs] == ["reader"]
    (case,) = exercise.cases
    assert (case.id, case.line, case.sanitize) == ("reads", 8, True)
    assert [(step.verb, step.line) for step in case.steps] == [("start", 14), ("finish", 15)]
    assert exercise.limits == Limits()


def test_what_the_course_says_holds_where_the_exercise_is_silent(load: Load, tmp_path: Path) -> None:
    load(document(limits="{cpu: 500ms, memory: 64M}"))
    defaults = Limits(cpu=9.0, wall=8.0, processes=7)
    exercise = spec.load_exercise(tmp_path / "fifo-reader", None, defaults)
    assert exercise.limits == Limits(cpu=0.5, memory=64 << 20, wall=8.0, processes=7)
    assert exercise.cases[0].limits is None


def test_a_case_has_limits_of_its_own(load: Load) -> None:
    text = HEAD.replace("    steps:", "    limits: {files: 32, file-size: 1K, output: 2M}\n    steps:")
    exercise = load("limits: {cpu: 1min}\n" + text + GOOD_STEPS)
    assert exercise.cases[0].limits == Limits(cpu=60.0, descriptors=32, file=1024, output=2 << 20)


def test_short_and_long_forms_are_the_same(load: Load) -> None:
    short = load(
        HEAD
        + """\
      - make: {fifo: a}
      - start: {reader: [./reader]}
      - send: {reader: x}
      - expect: {reader: x}
      - signal: {reader: SIGUSR1}
      - blocked: {reader: open a}
      - exists: {posix-shm: /x}
      - finish: {reader: }
"""
    )
    long = load(
        HEAD
        + """\
      - make: {fifo: {path: a}}
      - start: {reader: {run: [./reader]}}
      - send: {reader: {text: x}}
      - expect: {reader: {text: x}}
      - signal: {reader: {send: [USR1]}}
      - blocked: {reader: {call: open, object: a}}
      - exists: {posix-shm: {name: /x}}
      - finish: reader
"""
    )
    assert short.cases[0].steps == long.cases[0].steps


def test_a_text_is_taken_as_it_is_written(load: Load) -> None:
    exercise = load(HEAD + "      - start: {reader: [./reader, 0644, 1.50, yes, true]}\n      - finish: reader\n")
    assert exercise.cases[0].steps[0].arguments["run"] == ("./reader", "0644", "1.50", "yes", "true")


def test_numbers_are_octal_and_hexadecimal_where_they_look_so(load: Load) -> None:
    steps = """\
      - make: {file: {path: p, text: t, mode: 0644}}
      - make: {file: {path: q, text: t, mode: 0o600}}
      - make: {shm: {as: a, key: 0x1234, size: 4K}}
"""
    made = [step.arguments for step in load(HEAD + steps + GOOD_STEPS).cases[0].steps[:3]]
    assert [made[0]["mode"], made[1]["mode"], made[2]["key"], made[2]["size"]] == [0o644, 0o600, 0x1234, 4096]


def test_anchors_and_aliases_work(load: Load) -> None:
    text = HEAD.replace("    hint: What", "    hint: &hint What") + GOOD_STEPS
    text += "  - {id: again, title: t, points: 1, because: b, hint: *hint, steps: [start: {r: [./reader]}]}\n"
    assert load(text).cases[1].hint == "What does read() return?"


def test_drive_cases_keep_every_value_and_need_a_function(load: Load) -> None:
    text = HEAD.replace("    steps:\n", "    drive: play\n")
    exercise = load(text, {**FILES, "drive.py": "def play(case):\n    pass\n"})
    assert exercise.drive.startswith("def play")
    assert list(exercise.cases[0].variables) == ["word"]


def test_a_case_keeps_only_the_values_that_it_uses(load: Load) -> None:
    text = HEAD.replace("  word: {word: 8}", "  a: {integer: [1, 9]}\n  b: {compute: a * 2}\n  c: {word: 8}")
    exercise = load(text + '      - start: {reader: [./reader, "${b}"]}\n')
    assert list(exercise.cases[0].variables) == ["a", "b"]
    assert list(exercise.variables) == ["a", "b", "c"]


def test_every_form_of_the_documentation_is_accepted(load: Load) -> None:
    exercise = load(HEAD + ALL_STEPS)
    assert len({step.verb for step in exercise.cases[0].steps}) == 20


ALL_STEPS = """\
      - start: {reader: [./reader, "${word}"]}
      - open: {h: {pipe: }}
      - start: {many: {run: [./reader, x], env: {A: b}, cwd: sub, stdin: h, stdout: null, times: 8}}
      - start: {shell: {run: [sh, -c, cat], tty: true}}
      - send: {reader: "text"}
      - send: {reader: {line: text}}
      - send: {reader: {hex: "00 ff"}}
      - eof: reader
      - expect: {reader: "text"}
      - expect: {reader: {line: text, count: 3, stream: stderr}}
      - expect: {reader: {regex: "^[0-9]+$"}}
      - open: {w: {fifo: jobs.fifo, for: writing}}
      - open: {f: {file: path, for: appending}}
      - open: {s: {stream: path}}
      - open: {d: {datagram: path}}
      - open: {q: {seqpacket: path}}
      - write: {to: w, text: "..."}
      - write: {to: path, line: "..."}
      - write: {to: w, hex: "00"}
      - read: {from: s, until: eof}
      - read: {from: h, bytes: 5, text: {contains: a}}
      - close: w
      - close: reader.stdin
      - make: {fifo: jobs.fifo}
      - make: {file: {path: p, text: t, mode: 0644}}
      - make: {directory: p}
      - make: {symlink: {path: p, target: t}}
      - make: {socket: p}
      - make: {shm: {as: a, key: 0x1234, size: 4096}}
      - make: {sem: {as: s2, key: 0x1234, values: [1, 1]}}
      - make: {msg: {as: q2, key: 0x1234}}
      - make: {posix-shm: {name: /x, size: 4096}}
      - make: {posix-sem: {name: /x, value: 1}}
      - make: {mqueue: {name: /x}}
      - sem: {s2: [1, 0]}
      - sem: {key: 0x1234, values: [1, 0]}
      - remove: path
      - signal: {reader: USR1}
      - signal: {reader: [INT, USR1]}
      - signal: {reader: {send: USR1, times: 20, group: true}}
      - blocked: {reader: open jobs.fifo}
      - blocked: {reader: any}
      - blocked: {reader: {call: semop, count: 3}}
      - blocked: {reader: asleep}
      - blocked: {child 1 of reader: {call: semop}}
      - signal: {child 1 of many.2: USR1}
      - handles: {child 1 of child 2 of reader: USR1}
      - processes: {reader: {living: 1, zombies: 0}}
      - kill: child 2 of reader
      - handles: {reader: [INT, TERM]}
      - exists: path
      - exists: {fifo: p}
      - exists: {shm: {key: 0x1234}}
      - exists: {posix-sem: /x}
      - gone: {mqueue: /x}
      - processes: {reader: 3}
      - kill: many.3
      - finish: {reader: {exit: [0, 1], stdout: {lines: [a, b]}, stderr: {not-empty: true}, cpu: 0.2s, stdin: open}}
      - finish: {many.1: {exit: nonzero, stdout: {contains: [a, b]}, stderr: ""}}
      - finish: {shell: {signal: TERM, stdout: {regex: "a|b"}}}
      - contents: {path: out.txt, text: "..."}
"""


# --- problems with the file itself ------------------------------------------------------------------


def test_no_folder_no_file_no_regular_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "x"

    def told() -> str:
        with pytest.raises(SpecError) as caught:
            spec.load_exercise(folder)
        return str(caught.value)

    assert told() == "x:1: there is no such folder"
    folder.mkdir()
    assert told() == "x/exercise.yaml:1: there is no such file"
    (folder / "exercise.yaml").mkdir()
    assert told() == "x/exercise.yaml:1: is a directory; a file is needed"
    (folder / "exercise.yaml").rmdir()
    os.mkfifo(folder / "exercise.yaml")
    assert told() == "x/exercise.yaml:1: is no regular file"
    (folder / "exercise.yaml").unlink()
    (folder / "exercise.yaml").symlink_to("exercise.yaml")
    assert told() == "x/exercise.yaml:1: cannot be read: Too many levels of symbolic links"


def test_a_path_outside_of_the_current_directory_is_told_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(SpecError, match=f"^{tmp_path}/there:1: there is no such folder$"):
        spec.load_exercise(tmp_path / "there")


BROKEN = {
    "empty": (b"", ["1: is empty"]),
    "only a comment": (b"# to do\n", ["1: is empty"]),
    "not utf-8": (b"format: 1\ntitle: caf\xe9\n", ["2: is not UTF-8 (byte 0xe9); save it as UTF-8"]),
    "control character": (b"format: 1\ntitle: \x07\n", ["2: not valid YAML: control characters are not allowed"]),
    "tab": (
        b"format: 1\nbuild:\n\treader: reader.c\n",
        ["3: not valid YAML: found character that cannot start any token; indent with spaces, not tabs"],
    ),
    "colon": (b"format: 1\ntitle: a: b\n", ["2: not valid YAML: mapping values are not allowed in this context"]),
    "quote": (b'format: 1\ntitle: "abc\n', ["2: not valid YAML: the quoted text that begins here never ends"]),
    "two documents": (b"format: 1\n---\nformat: 1\n", ["2: a second document begins here; one file holds one"]),
    "a list": (b"- 1\n", ["1: a mapping is needed, not a list; write `title: ...` and so on"]),
    "key twice": (b"format: 1\ntitle: a\n\ntitle: b\n", ["4: the key 'title' stands twice; first on line 2"]),
    "key no text": (b"format: 1\n[a, b]: 2\n", ["2: a list or mapping cannot be a key"]),
    "python tag": (
        b"format: 1\ntitle: !!python/object/apply:os.system [id]\n",
        ["2: the tag 'tag:yaml.org,2002:python/object/apply:os.system' is not known here; leave it out"],
    ),
    "unknown alias": (b"format: 1\ntitle: *no\n", ["2: no anchor is called '&no'"]),
    "alias of itself": (b"format: 1\ncases: &c [*c]\n", ["2: '*c' stands inside of what it names"]),
    "deep": (b"a: " + b"[" * 40 + b"]" * 40, ["1: is nested deeper than 32 levels"]),
    "very deep": (b"a: " + b"[" * 100_000, ["1: is nested deeper than 32 levels"]),
    "deep blocks": (b"- " * 5000, ["1: is nested deeper than 32 levels"]),
    "huge": (b"# " + b"x" * (300 << 10), ["1: is larger than 256 KiB"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_yaml_is_told_in_one_line(load: Load, name: str) -> None:
    content, expected = BROKEN[name]
    assert problems(load, content) == expected


def test_a_billion_laughs_are_refused_at_once(load: Load) -> None:
    laughs = 'a0: &a0 ["ha", "ha"]\n'
    laughs += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    began = time.monotonic()
    (told,) = problems(load, laughs)
    assert told.endswith("holds more than 20000 values, aliases counted as what they stand for")
    assert time.monotonic() - began < 2


def test_a_chain_of_aliases_is_refused(load: Load) -> None:
    chain = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 2000))
    assert problems(load, chain) == ["1: is nested deeper than 32 levels"]


# --- problems with keys and values --------------------------------------------------------------------

OUTLINE = {
    "all of it is missing": (
        "format: 1\n",
        ["1: 'title' is missing", "1: 'submit' is missing", "1: 'build' is missing", "1: 'cases' is missing"],
    ),
    "unknown key": (document(titel="x"), ["6: unknown key 'titel'; did you mean 'title'?"]),
    "format": (document(format="2"), ["1: 'format': must be 1, not the number 2"]),
    "title a number": (document(title="2024"), ["2: 'title': a text is needed, not the number 2024; put it in quotes"]),
    "title empty": (document(title='""'), ["2: 'title': is empty"]),
    "title nothing": (document(title=""), ["2: 'title': a text is needed, not nothing"]),
    "difficulty": (document(difficulty="6"), ["6: 'difficulty': 6 is more than 5"]),
    "difficulty a text": (
        document(difficulty="hard"),
        ["6: 'difficulty': a whole number is needed, not the text 'hard'"],
    ),
    "order yes": (document(order="yes"), ["6: 'order': a whole number is needed, not the text 'yes'"]),
    "order true": (document(order="true"), ["6: 'order': a whole number is needed, not true"]),
    "submit a path": (
        document(submit="[../reader.c]"),
        [f"3: 'submit': '../reader.c' does not fit: {PLAIN_NAME}"],
    ),
    "submit an option": (
        document(submit="[-o]"),
        [f"3: 'submit': '-o' does not fit: {PLAIN_NAME}"],
    ),
    "submit twice": (document(submit="[reader.c, reader.c]"), ["3: the file 'reader.c' is there twice"]),
    "submit nothing": (document(submit="[]"), ["3: 'submit': is empty"]),
    "no cases": (document(cases="[]"), ["5: 'cases': is empty"]),
    "cases a text": (document(cases="none"), ["5: 'cases': a list is needed, not the text 'none'"]),
    "build a list": (document(build="[reader.c]"), ["4: 'build': a mapping is needed, not a list"]),
    "build unknown source": (
        document(build="{reader: raeder.c}"),
        ["4: 'raeder.c' is neither in 'submit' nor in 'given'; did you mean 'reader.c'?"],
    ),
    "build a header": (
        document(submit="[reader.c, util.h]", build="{reader: [reader.c, util.h]}"),
        [
            "3: there is no reference/util.h",
            "4: 'util.h' is nothing to compile; name the .c files; headers come along by themselves",
        ],
    ),
    "program flags": (
        document(build="{reader: {sources: reader.c, flag: [-lrt]}}"),
        ["4: unknown key 'flag'; did you mean 'flags'?"],
    ),
    "partner without source": (document(partners="{ticker: ticker.c}"), ["6: there is no reference/ticker.c"]),
    "partner like a program": (
        document(partners="{reader: reader.c}"),
        ["6: 'reader' is already a program of 'build'; choose another name"],
    ),
    "given missing": (document(given="[util.h]"), ["6: there is no given/util.h"]),
    "limits unknown": (document(limits="{cpus: 1s}"), ["6: unknown key 'cpus'; did you mean 'cpu'?"]),
    "limits without unit": (document(limits="{cpu: 2}"), ["6: 'cpu': a duration needs its unit; write '2s' or '2ms'"]),
    "limits negative": (
        document(limits="{cpu: -2s}"),
        ["6: 'cpu': a duration is needed; write for example '2s' or '200ms'"],
    ),
    "limits zero": (document(limits="{wall: 0s}"), ["6: 'wall': a duration is more than nothing and at most 24 hours"]),
    "memory": (document(limits="{memory: 64 MB}"), ["6: 'memory': a size is needed; write '64M'"]),
    "memory zero": (document(limits="{memory: 0}"), ["6: 'memory': a size is more than nothing and at most 1024G"]),
    "memory negative": (document(limits="{memory: -1}"), ["6: 'memory': a size is needed; write for example '64M'"]),
    "processes": (document(limits="{processes: 0}"), ["6: 'processes': 0 is less than 1"]),
    "sanitize": (document(sanitize="[raeds]"), ["6: unknown case 'raeds'; did you mean 'reads'?"]),
    "wrong absent": (document(wrong="{off-by-one.c: reads}"), ["6: there is no wrong/off-by-one.c"]),
    "wrong caught by nobody": (
        document(wrong="\n  reader.c: [reads, raeds]"),
        ["7: there is no wrong/reader.c", "7: 'raeds' is no case and no scored check here; did you mean 'reads'?"],
    ),
    "unknown check": (
        document(checks="\n  no-leftover-icp: {title: t, points: 1, because: b, hint: h}"),
        ["7: unknown check 'no-leftover-icp'; did you mean 'no-leftover-ipc'?"],
    ),
    "check key": (
        document(checks="\n  output: {titel: t, points: 1, because: b, hint: h}"),
        ["7: 'title' is missing", "7: unknown key 'titel'; did you mean 'title'?"],
    ),
    "check needs": (
        document(checks="{output: {title: t, points: 1, because: b, hint: h, needs: raeds}}"),
        ["6: unknown case 'raeds'; did you mean 'reads'?"],
    ),
}


@pytest.mark.parametrize("name", OUTLINE)
def test_what_is_wrong_with_the_outline_is_told(load: Load, name: str) -> None:
    text, expected = OUTLINE[name]
    assert problems(load, text, checks=["no-leftover-ipc", "output"]) == expected


def case(**changes: str) -> str:
    """A document with one case, each key of which has a line of its own: id is line 6."""
    keys = {"id": "reads", "title": "t", "points": "1", "because": "b", "hint": "h"}
    keys |= {"steps": "[start: {reader: [./reader]}]"}
    keys |= changes
    lines = [f"{key}: {value}" for key, value in keys.items() if value != "-"]
    return document(cases="\n  - " + "\n    ".join(lines))


CASES = {
    "id": (
        case(id="Reads It"),
        ["6: 'id': 'Reads It' does not fit: it is made of lower-case words joined by hyphens"],
    ),
    "points negative": (case(points="-1"), ["8: 'points': -1 is less than 0"]),
    "points nan": (case(points=".nan"), ["8: 'points': a finite number is needed"]),
    "points infinite": (case(points=".inf"), ["8: 'points': a finite number is needed"]),
    "points a text": (case(points="four"), ["8: 'points': a number is needed, not the text 'four'"]),
    "points true": (case(points="true"), ["8: 'points': a number is needed, not true"]),
    "because missing": (case(because="-"), ["6: 'because' is missing"]),
    "unknown key": (case(need="[]"), ["12: unknown key 'need'; did you mean 'needs'?"]),
    "needs": (case(needs="[raeds]"), ["12: unknown case 'raeds'; did you mean 'reads'?"]),
    "needs itself": (case(needs="[reads]"), ["12: cases need each other in a circle: reads needs reads"]),
    "neither": (case(steps="-"), ["6: the case 'reads' has neither 'steps' nor 'drive'"]),
    "both": (
        case(drive="play"),
        ["12: there is no drive.py with a function 'play'", "12: 'steps' and 'drive' exclude each other"],
    ),
    "no step": (case(steps="[]"), ["11: no step starts a program; begin with start: {NAME: [./PROGRAM]}"]),
    "nothing started": (
        case(steps="[make: {fifo: a}]"),
        ["11: no step starts a program; begin with start: {NAME: [./PROGRAM]}"],
    ),
    "limits": (case(limits="{cpu: 1}"), ["12: 'cpu': a duration needs its unit; write '1s' or '1ms'"]),
    "leaves": (case(leaves='["${nmae}"]'), ["12: there is no value 'nmae' here; write ${'${'} for a plain ${"]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wrong_with_a_case_is_told(load: Load, name: str) -> None:
    text, expected = CASES[name]
    assert problems(load, text) == expected


def test_ids_and_circles_of_several_cases(load: Load) -> None:
    rest = "title: t, points: 1, because: b, hint: h, steps: [start: {reader: [./reader]}]"
    cases = "".join(
        f"\n  - {{id: {name}, needs: [{needs}], {rest}}}" for name, needs in [("a", "b"), ("b", "c"), ("c", "a")]
    )
    cases += f"\n  - {{id: a, {rest}}}\n  - {{id: output, {rest}}}"
    text = document(cases=cases, checks="{output: {title: t, points: 1, because: b, hint: h}}")
    assert problems(load, text) == [
        "9: the case 'a' is there twice; first on line 6",
        "10: 'output' is also a check; choose another id for the case",
    ]
    assert problems(load, text.replace("id: a, title", "id: d, title").replace("id: output, t", "id: e, t")) == [
        "6: cases need each other in a circle: a needs b needs c needs a"
    ]


def test_everything_is_told_at_once(load: Load) -> None:
    text = (
        HEAD.replace("title: Read", "titel: Read").replace("points: 4", "points: -4") + "      - awiat: {reader: x}\n"
    )
    assert problems(load, text) == [
        "1: 'title' is missing",
        "2: unknown key 'titel'; did you mean 'title'?",
        "10: 'points': -4 is less than 0",
        "14: unknown step 'awiat'; did you mean 'expect'?",
    ]


def test_drive_functions(load: Load) -> None:
    text = HEAD.replace("    steps:\n", "    drive: plya\n")
    assert problems(load, text, {**FILES, "drive.py": "def play(case):\n    pass\n"}) == [
        "13: drive.py has no function 'plya'; did you mean 'play'?"
    ]
    assert problems(load, text, {**FILES, "drive.py": "def plya(case):\n    pass pass\n"}) == [
        "fifo-reader/drive.py:2: is no Python: invalid syntax"
    ]


def test_the_name_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "My_Exercise"
    (folder / "reference").mkdir(parents=True)
    (folder / "reference/reader.c").touch()
    (folder / "exercise.yaml").write_text(HEAD + GOOD_STEPS)
    with pytest.raises(SpecError) as caught:
        spec.load_exercise(folder)
    assert caught.value.problems == (
        (
            "My_Exercise/exercise.yaml:1: the folder 'My_Exercise' cannot be the name of an exercise; "
            "use lower-case words joined by hyphens"
        ),
    )


# --- problems with values -----------------------------------------------------------------------------

VALUES = {
    "unknown kind": ("n: {intger: [1, 2]}", "7: unknown kind of value 'intger'; did you mean 'integer'?"),
    "two kinds": (
        "n: {word: 1, text: 2}",
        (
            "7: a value is made in one way; write for example {word: 8}; the kinds are integer, integers, word, words, "
            "lines, text, choice, compute"
        ),
    ),
    "name": ("My-n: {word: 8}", "7: 'My-n' cannot be the name of a value; use lower-case letters, digits and _"),
    "reserved": ("range: {word: 8}", "7: 'range' cannot be the name of a value; use lower-case letters, digits and _"),
    "bounds": ("n: {integer: [9, 2]}", "7: the lowest, 9, is more than the highest, 2"),
    "no bounds": ("n: {integer: 5}", "7: 'integer' needs [lowest, highest], not the number 5"),
    "length": ("n: {word: 0}", "7: 'word' needs a number of letters, not the number 0"),
    "too long": ("n: {text: 99999999}", "7: at most 4194304 can be drawn, not 99999999"),
    "choice": ("n: {choice: []}", "7: 'choice' needs a list to choose from, not a list"),
    "compute": ("n: {compute: }", "7: an expression is needed, such as n * 3"),
    "compute later": ("n: {compute: m * 3}", "7: there is no value 'm' here; there is only 'word'"),
    "compute itself": ("n: {compute: n + 1}", "7: there is no value 'n' here; there is only 'word'"),
    "syntax": ("n: {compute: word ** }", "7: ${word **}: unexpected the end of it"),
    "filter": ("n: {compute: word|uper}", "7: ${word|uper}: there is no filter 'uper'"),
    "random filter": ("n: {compute: word|random}", "7: ${word|random}: there is no filter 'random'"),
    "test": ("n: {compute: word is evn}", "7: ${word is evn}: there is no test 'evn'"),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_is_wrong_with_a_value_is_told(load: Load, name: str) -> None:
    line, expected = VALUES[name]
    assert problems(load, HEAD.replace("cases:\n", f"  {line}\ncases:\n") + GOOD_STEPS) == [expected]


def test_a_value_of_a_case_may_use_those_of_the_exercise(load: Load) -> None:
    own = '    values:\n      twice: "${word}${word}"\n      list: [1, "${word}"]\n    steps:\n'
    exercise = load(HEAD.replace("    steps:\n", own) + '      - start: {reader: [./reader, "${twice}"]}\n')
    assert list(exercise.cases[0].variables) == ["word", "twice"]


def test_a_case_may_make_a_value_of_the_exercise_from_its_own(load: Load) -> None:
    own = '    values:\n      half: {word: 4}\n      word: "${half}${half}"\n    steps:\n'
    exercise = load(HEAD.replace("    steps:\n", own) + '      - start: {reader: [./reader, "${word}"]}\n')
    assert list(exercise.cases[0].variables) == ["half", "word"]


def test_no_value_is_made_from_itself(load: Load) -> None:
    own = '    values:\n      word: "${twice}"\n    steps:\n'
    text = HEAD.replace("cases:\n", '  twice: "${word}${word}"\ncases:\n').replace("    steps:\n", own)
    (told,) = problems(load, text + '      - start: {reader: [./reader, "${word}"]}\n')
    assert told.endswith("value 'word' is made from itself")


# --- problems with steps --------------------------------------------------------------------------------

STEPS = {
    "unknown verb": (
        "zzz: {reader: x}",
        (
            "unknown step 'zzz'; there are start, send, eof, expect, open, write, read, close, make, remove, signal, "
            "kill, blocked, handles, exists, gone, processes, finish, contents, sem"
        ),
    ),
    "sleep": ("sleep: 1s", "unknown step 'sleep'; a step waits for a state, never for a time: blocked, exists, expect"),
    "did you mean": ("finnish: {reader: {exit: 0}}", "unknown step 'finnish'; did you mean 'finish'?"),
    "no mapping": ("finish", "a step is needed, not the text 'finish'; write for example finish: {reader: {exit: 0}}"),
    "two verbs": (
        "{eof: reader, kill: reader}",
        "a step has one verb, not 'eof' and 'kill'; begin each step with a - of its own",
    ),
    "unknown name": ("finish: {raeder: {exit: 0}}", "unknown name 'raeder'; did you mean 'reader'?"),
    "eof of nobody": ("eof: raeder", "unknown name 'raeder'; did you mean 'reader'?"),
    "used before": ("send: {late: x}", "'late' is used before it is started or opened, on line 17"),
    "signalled before": ("signal: {late: INT}", "'late' is used before it is started, on line 17"),
    "started twice": ("start: {reader: [./reader]}", "'reader' was started already, on line 14; choose another name"),
    "unknown program": ("start: {r: [./readr]}", "unknown program './readr'; did you mean './reader'?"),
    "program no command": ("start: {r: [reader]}", "'reader' is no command of the system; did you mean './reader'?"),
    "no partner": ("start: {r: ['partner:tick']}", "unknown program 'partner:tick'; this exercise has no partners"),
    "start a text": ("start: {r: ./reader}", "a list or a mapping is needed, not the text './reader'"),
    "start without run": ("start: {r: {rum: [./reader]}}", "unknown key 'rum'; did you mean 'run'?"),
    "start an empty list": ("start: {r: []}", "is an empty list"),
    "start a bad name": ("start: {'r r': [./reader]}", "'r r' cannot be a name; use letters, digits, - and _"),
    "start a nul": ('start: {r: [./reader, "\\0"]}', "holds a NUL character, which no argument can"),
    "start a variable with =": (
        "start: {r: {run: [./reader], env: {A=B: c}}}",
        "'A=B' cannot be the name of a variable",
    ),
    "start a variable without a name": (
        "start: {r: {run: [./reader], env: {'': c}}}",
        "'' cannot be the name of a variable",
    ),
    "start times": ("start: {r: {run: [./reader], times: 0}}", "0 is not between 1 and 200"),
    "start on a terminal": (
        "start: {r: {run: [./reader], tty: true, stdin: 'null'}}",
        "with 'tty: true' stdin and stdout are the terminal",
    ),
    "start with no handle": (
        "start: {r: {run: [./reader], stdin: pip}}",
        "'pip' is no handle that was opened before; did you mean 'pipe'?",
    ),
    "member": ("finish: {reader.2: {exit: 0}}", "there is no 'reader.2'; there is one 'reader'"),
    "exit a text": (
        "finish: {reader: {exit: none}}",
        "an exit status is needed, not the text 'none'; write 0 to 255, a list, or nonzero",
    ),
    "exit 256": ("finish: {reader: {exit: 256}}", "256 is not between 0 and 255"),
    "exit and signal": ("finish: {reader: {exit: 0, signal: TERM}}", "'exit' and 'signal' exclude each other"),
    "unknown key": ("finish: {reader: {stdot: x}}", "unknown key 'stdot'; did you mean 'stdout'?"),
    "two names": ("finish: {reader: {exit: 0}, other: {exit: 0}}", "takes one name, not 2; write one step for each"),
    "cpu": ("finish: {reader: {cpu: 1}}", "a duration needs its unit; write '1s' or '1ms'"),
    "stdout a list": ("finish: {reader: {stdout: [a]}}", "a text or a mapping is needed, not a list"),
    "stdout two rules": (
        "finish: {reader: {stdout: {contains: a, regex: b}}}",
        "'contains' and 'regex' exclude each other",
    ),
    "stdout unknown rule": (
        "finish: {reader: {stdout: {contain: a}}}",
        "unknown key 'contain'; did you mean 'contains'?",
    ),
    "not-empty": (
        "finish: {reader: {stdout: {not-empty: false}}}",
        'only true makes sense here; write "" for an empty output',
    ),
    "regex": (
        'finish: {reader: {stdout: {regex: "a(b"}}}',
        "not a regular expression: missing ), unterminated subpattern at position 1",
    ),
    "says": (
        "finish: {reader: {stdout: {contains: a, says: an a}}}",
        "only a regex needs to be put into words; leave it away",
    ),
    "says of a line": (
        "expect: {reader: {line: a, says: an a}}",
        "only a regex needs to be put into words; leave it away",
    ),
    "regex of the future": (
        'finish: {reader: {stdout: {regex: "[a--b]"}}}',
        "not a regular expression: Possible set difference at position 2",
    ),
    "a newline inside": (r'send: {reader: "${wo\nrd"}', r"${wo\nrd: the closing } is missing"),
    "expect regex": ('expect: {reader: {regex: "*"}}', "not a regular expression: nothing to repeat at position 0"),
    "expect nothing": ("expect: {reader: }", "a text or a mapping is needed, not nothing"),
    "expect stream": (
        "expect: {reader: {text: x, stream: stdin}}",
        "unknown stream 'stdin'; there are stdout, stderr",
    ),
    "hex": ("send: {reader: {hex: 0f0}}", "'0f0' is not made of pairs of hexadecimal digits"),
    "signal": ("signal: {reader: SIGUSER1}", "unknown signal 'SIGUSER1'; did you mean 'USR1'?"),
    "signal lower": ("signal: {reader: usr1}", "unknown signal 'usr1'; did you mean 'USR1'?"),
    "signal a number": (
        "signal: {reader: 9}",
        "a signal is needed, not the number 9; there are HUP, INT",
    ),
    "signal a list": ("handles: {reader: [INT, TREM]}", "unknown signal 'TREM'; did you mean 'TERM'?"),
    "child of nobody": ("kill: child 1 of raeder", "unknown name 'raeder'; did you mean 'reader'?"),
    "child 0": ("kill: child 0 of reader", "'child 0 of reader' cannot be a name; use letters, digits, - and _"),
    "finish a child": ("finish: child 1 of reader", "'child 1 of reader' cannot be a name"),
    "idle child": (
        "blocked: {child 1 of reader: any}",
        "'any' is about a program with all its children; of one child name a call",
    ),
    "no processes": ("processes: {reader: {}}", "one of 'living' and 'zombies' is needed"),
    "call": ("blocked: {reader: opne jobs.fifo}", "unknown call 'opne'; did you mean 'open'?"),
    "blocked count": ("blocked: {reader: {call: read, count: 0}}", "0 is not between 1 and"),
    "open": ("open: {w: {fifo: jobs.fifo}}", "'for: reading' or 'for: writing' is missing beside 'fifo'"),
    "open for": ("open: {w: {fifo: a, for: write}}", "unknown word 'write'; did you mean 'writing'?"),
    "open appending": ("open: {w: {fifo: a, for: appending}}", "a FIFO is opened for reading or for writing"),
    "open stream for": ("open: {w: {stream: a, for: reading}}", "'for' means nothing beside 'stream'"),
    "open nothing": ("open: {w: {for: reading}}", "one of fifo, file, pipe, stream, datagram, seqpacket is missing"),
    "write": ("write: {to: w}", "one of text, line, hex is missing"),
    "write to": ("write: {text: x}", "'to' is missing"),
    "read": ("read: {from: w}", "one of 'until: eof' and 'bytes: N' is needed"),
    "close": ("close: w", "unknown name 'w'; nothing has been opened yet"),
    "close a program": ("close: reader", "'reader' is a program; did you mean 'reader.stdin'?"),
    "make": ("make: {fife: a}", "unknown key 'fife'; did you mean 'file'?"),
    "make shm": ("make: {shm: {key: 1}}", "'size' is missing"),
    "make mode": ("make: {file: {path: p, mode: 0999}}", "a whole number is needed, not the text '0999'"),
    "make file": ("make: {file: {path: p, text: a, hex: 00}}", "of 'text', 'line' and 'hex' only one can be"),
    "sem": (
        "sem: {s: [1]}",
        "no semaphore set was made as 's'; make it before: make: {sem: {as: NAME, key: ..., values: [...]}}",
    ),
    "placeholder": (
        'send: {reader: "%{raeder.pid}"}',
        "'%{raeder.pid}': 'raeder' was not started before; did you mean 'reader'?",
    ),
    "placeholder id": ('send: {reader: "%{s.id}"}', "'%{s.id}': 's' was not made before"),
    "placeholder what": ('send: {reader: "%{reader}"}', "'%{reader}' means nothing; write %{NAME.pid} or %{NAME.id}"),
    "template": ('send: {reader: "${wrod}"}', "there is no value 'wrod' here; did you mean 'word'?"),
    "template open": ('send: {reader: "${word"}', "${word: the closing } is missing; write ${'${'} for a plain ${"),
    "template syntax": (
        'send: {reader: "${word |}"}',
        "${word |}: expected token 'name', got the end of it",
    ),
    "processes": ("processes: {reader: many}", "a whole number is needed, not the text 'many'"),
    "contents": ("contents: {path: p}", "'text' is missing"),
    "exists": ("exists: {shm: 0x12}", "a mapping is needed, not the number 18; its keys are key"),
    "empty path": ('remove: ""', "is empty"),
}


@pytest.mark.parametrize("name", STEPS)
def test_what_is_wrong_with_a_step_is_told(load: Load, name: str) -> None:
    step, expected = STEPS[name]
    steps = f"""\
      - start: {{reader: [./reader, jobs.fifo]}}
      - make: {{fifo: jobs.fifo}}
      - {step}
      - start: {{late: [./reader]}}
"""
    told = problems(load, HEAD + steps)
    assert told[0].startswith(f"16: {expected}"), told
    assert len(told) == 1 or name in ("start without run", "open nothing"), told


def test_what_has_finished_is_used_no_more(load: Load) -> None:
    steps = GOOD_STEPS + "      - send: {reader: x}\n      - finish: reader\n      - expect: {reader: x}\n"
    assert problems(load, HEAD + steps) == [
        "16: 'reader' has finished already, on line 15",
        "17: 'reader' has finished already, on line 15",
    ]


def test_a_step_that_cannot_be_read_causes_no_more_than_one_message(load: Load) -> None:
    steps = "      - strat: {reader: [./reader]}\n      - send: {reader: x}\n      - finish: {reader: {exit: 0}}\n"
    assert problems(load, HEAD + steps) == ["14: unknown step 'strat'; did you mean 'start'?"]


def test_members_of_a_group(load: Load) -> None:
    steps = """\
      - start: {reader: {run: [./reader], times: 3}}
      - kill: reader.3
      - kill: reader.4
      - finish: reader
      - finish: reader.1
"""
    assert problems(load, HEAD + steps) == [
        "16: there is no 'reader.4'; there are reader.1 to reader.3",
        "18: 'reader.1' has finished already, on line 17",
    ]


# --- several exercises, schema, speed -----------------------------------------------------------------


def test_exercises_are_found_by_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one/b", "one/a", "one/.hidden", "two/c"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "exercise.yaml").touch()
    (tmp_path / "one/notes").mkdir()
    found = spec.find_exercises([tmp_path / "two", tmp_path / "one"])
    assert list(found) == ["a", "b", "c"]
    assert found["b"] == tmp_path / "one/b"
    (tmp_path / "two/a").mkdir()
    (tmp_path / "two/a/exercise.yaml").touch()
    with pytest.raises(SpecError, match=r"^two/a/exercise.yaml:1: the exercise 'a' is also in one/a$"):
        spec.find_exercises([tmp_path / "one", tmp_path / "two"])
    with pytest.raises(SpecError, match=r"^three:1: cannot be read: No such file or directory$"):
        spec.find_exercises([tmp_path / "three"])


def test_the_schema_accepts_what_the_loader_accepts_and_no_more() -> None:
    schema = spec.json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    good = yaml.safe_load(HEAD + ALL_STEPS)
    assert list(validator.iter_errors(good)) == []
    changes: list[dict[str, Any]] = [
        {"titel": "x"},
        {"limits": {"cpu": "2 seconds"}},
        {"cases": []},
        {"values": {"n": {"wrod": 8}}},
        {"cases": [{**good["cases"][0], "steps": [{"finnish": "reader"}]}]},
        {"cases": [{**good["cases"][0], "drive": "play"}]},
    ]
    for change in changes:
        assert not validator.is_valid(good | change), change
    steps = {one["title"]: one for one in schema["$defs"]["Steps"]["items"]["oneOf"]}
    assert len(steps) == 20
    assert all(step["description"] for step in steps.values())


def test_loading_is_fast(load: Load, tmp_path: Path) -> None:
    load(HEAD + ALL_STEPS)
    best = float("inf")
    for _ in range(10):
        began = time.process_time()
        spec.load_exercise(tmp_path / "fifo-reader")
        best = min(best, time.process_time() - began)
    assert best < 0.03  # about 4 ms on a machine that has nothing else to do


def test_every_exercise_of_this_repository_loads() -> None:
    root = Path(__file__).parent.parent / "exercises"
    for folder in spec.find_exercises([root]).values():
        assert spec.load_exercise(folder).cases


# --- schedules and faults ---------------------------------------------------------------------------

ONE = "{id: NAME, title: t, points: 1, because: b, hint: h, MORE steps: [start: {reader: [./reader]}, finish: reader]}"


def two(one: str = "", second: str = "", **changes: str) -> str:
    """An exercise of the cases `one` and `two`, with these keys more."""
    made = [ONE.replace("NAME", name).replace("MORE", more) for name, more in (("one", one), ("two", second))]
    return document(cases=f"[{', '.join(made)}]", **changes)


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        (two(), [False, False]),
        (two(schedules="none"), [False, False]),
        (two(schedules="search"), [True, True]),
        (two(schedules="[two]"), [False, True]),
        (two("schedules: search, "), [True, False]),
        (two(second="schedules: none, ", schedules="search"), [True, False]),
    ],
)
def test_cases_of_which_schedules_are_searched(load: Load, text: str, searched: list[bool]) -> None:
    assert [case.search for case in load(text).cases] == searched


def test_faults_of_the_exercise_and_of_a_case(load: Load) -> None:
    exercise = load(two("faults: [], ", faults="[eintr, short-io, eintr]"))
    assert [case.faults for case in exercise.cases] == [(), (FaultKind.EINTR, FaultKind.SHORT_IO)]
    exercise = load(two("faults: enospc, "))
    assert [case.faults for case in exercise.cases] == [(FaultKind.ENOSPC,), ()]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (two(schedules="serch"), "'schedules': there is no kind of schedules 'serch'; did you mean 'search'?"),
        (two(schedules="[tow]"), "unknown case 'tow'; did you mean 'two'?"),
        (two("schedules: serach, "), "'schedules': there is no kind of schedules 'serach'; did you mean 'search'?"),
        (two(faults="[eintrr]"), "'faults': there is no fault 'eintrr'; did you mean 'eintr'?"),
        (two("faults: [enopsc], "), "'faults': there is no fault 'enopsc'; did you mean 'enospc'?"),
        (two(faults="[7]"), "'faults': the name of a fault is needed, not the number 7; there are eintr, short-io,"),
        (two(fault="[eintr]"), "unknown key 'fault'; did you mean 'faults'?"),
    ],
)
def test_what_is_no_schedule_or_fault_is_told(load: Load, text: str, told: str) -> None:
    (message,) = problems(load, text)
    assert told in message


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (two(schedules="search", faults="[eintr, emfile]"), True),
        (two("schedules: none, faults: eio, ", schedules="[one]"), True),
        (two("schedules: sometimes, "), False),
        (two(faults="[thunder]"), False),
    ],
)
def test_the_json_schema_knows_schedules_and_faults(text: str, fits: bool) -> None:
    validator = jsonschema.Draft202012Validator(spec.json_schema())
    assert validator.is_valid(yaml.safe_load(text)) is fits
