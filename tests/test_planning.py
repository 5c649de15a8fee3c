"""A case, a seed and a submission become a plan, and what is expected stays outside of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader import config, planning, spec, wire
from grader.config import Config
from grader.errors import SpecError
from grader.model import Exercise, Exit, Expected, Match, Output, Submission
from grader.trace import Point
from grader.wire import CasePlan, Limits

HEAD = """\
format: 1
title: t
submit: [reader.c]
build: {reader: {sources: reader.c, flags: [-pthread, -lrt]}}
partners: {ticker: ticker.c}
given: [util.h]
flags: [-DX]
values:
"""
BODY = """\
cases:
  - id: reads
    title: reads
    points: 4
    because: b
    hint: h
"""
FILES = {
    "reference/reader.c": "reference",
    "reference/ticker.c": "ticker",
    "reference/proto.h": "proto",
    "given/util.h": "util",
}
Load = Callable[..., Exercise]
Play = Callable[..., tuple[CasePlan, Expected]]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """An exercise with these values and one case with these steps (a line each)."""
    monkeypatch.chdir(tmp_path)

    def build(*steps: str, values: Mapping[str, str] | None = None, extra: str = "") -> Exercise:
        folder = tmp_path / "demo"
        for name, content in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content)
        told = "".join(f"  {name}: {value}\n" for name, value in (values or {"unused": "1"}).items())
        text = HEAD + told + BODY + extra
        if steps:
            text += "    steps:\n      - start: {reader: [./reader]}\n" + "".join(f"      - {step}\n" for step in steps)
        (folder / "exercise.yaml").write_text(text, encoding="utf-8")
        return spec.load_exercise(folder)

    return build


@pytest.fixture
def play(load: Load) -> Play:
    """Plans the one case of such an exercise."""

    def build(
        *steps: str, values: Mapping[str, str] | None = None, seed: int = 1, build: str = "plain"
    ) -> tuple[CasePlan, Expected]:
        exercise = load(*steps, values=values)
        return planning.plan_case(exercise, exercise.cases[0], build=build, seed=seed)

    return build


def drawn(load: Load, seed: int = 1, **values: str) -> dict[str, Any]:
    """The values of a case that uses all of these."""
    exercise = load(*(f'send: {{reader: "${{{name}|string}}"}}' for name in values), values=values)
    return dict(planning.plan_case(exercise, exercise.cases[0], build="plain", seed=seed)[1].values)


# --- values ---------------------------------------------------------------------------------------


def test_every_kind_of_value(load: Load) -> None:
    values = drawn(
        load,
        n="{integer: [2, 9]}",
        some="{integers: [50, 1, 6]}",
        word="{word: 8}",
        words="{words: 20}",
        text="{text: 9000}",
        lines="{lines: 5}",
        mode="{choice: [stream, datagram]}",
        total="{compute: n * 3}",
        fixed="[1, a]",
        joined='"${word}-${n}"',
        same='"${n}"',
    )
    assert 2 <= values["n"] <= 9
    assert len(values["some"]) == 50
    assert set(values["some"]) <= set(range(1, 7))
    assert len(values["word"]) == 8
    assert values["word"].isalpha()
    assert values["word"].islower()
    assert len(set(values["words"])) == 20
    assert len(values["text"]) == 9000
    assert not values["text"].startswith(" ")
    assert not values["text"].endswith(" ")
    assert "  " not in values["text"]
    assert "\n" not in values["text"]
    assert values["lines"].count("\n") == 5
    assert values["lines"].endswith("\n")
    assert all(12 <= len(line) <= 39 for line in values["lines"].splitlines())
    assert values["mode"] in ("stream", "datagram")
    assert values["total"] == values["n"] * 3
    assert values["fixed"] == [1, "a"]
    assert values["joined"] == f"{values['word']}-{values['n']}"
    assert values["same"] == values["n"]


def test_bounds_are_included(load: Load) -> None:
    seen = {drawn(load, seed, n="{integer: [1, 3]}")["n"] for seed in range(40)}
    assert seen == {1, 2, 3}


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_short_words_and_texts_are_as_long_as_asked(load: Load, length: int) -> None:
    for seed in range(20):
        values = drawn(load, seed, word=f"{{word: {length}}}", text=f"{{text: {length}}}")
        assert len(values["word"]) == len(values["text"]) == length
        assert values["text"].strip() == values["text"]


def test_the_same_seed_gives_the_same_plan_and_another_seed_another(load: Load) -> None:
    exercise = load('send: {reader: "${word} ${n}"}', values={"word": "{word: 8}", "n": "{integer: [1, 1000000]}"})
    case = exercise.cases[0]
    first, again, other = (planning.plan_case(exercise, case, build="plain", seed=seed) for seed in (7, 7, 8))
    assert first == again
    assert wire.encode(first[0]) == wire.encode(again[0])
    assert first[1].values["word"] != other[1].values["word"]
    assert first[1].values["n"] != other[1].values["n"]


def test_values_are_settled_for_ever(load: Load) -> None:
    """A replay command in an old report gives the same values with this version."""
    values = drawn(load, 81, word="{word: 8}", n="{integer: [1, 1000]}", text="{text: 12}", lines="{lines: 1}")
    assert values == {"word": "rapusebe", "n": 58, "text": "miqbfaezrrta", "lines": "nodetwtl a q\n"}


def test_one_value_does_not_depend_on_another(load: Load) -> None:
    alone = drawn(load, word="{word: 8}")
    among = drawn(load, first="{text: 100}", word="{word: 8}", last="{word: 8}")
    assert alone["word"] == among["word"]
    assert among["last"] != among["word"]


def test_a_case_draws_only_what_it_uses(play: Play) -> None:
    _, expected = play(
        'send: {reader: "${b}"}', values={"a": "{integer: [1, 9]}", "b": "{compute: a + 1}", "c": "{word: 9}"}
    )
    assert set(expected.values) == {"a", "b"}


def test_a_drive_function_gets_every_value_and_no_steps(load: Load, tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo/drive.py").write_text("def play(case):\n    pass\n")
    exercise = load(values={"n": "{integer: [2, 9]}"}, extra="    drive: play\n")
    plan, expected = planning.plan_case(exercise, exercise.cases[0], build="plain", seed=1)
    assert (plan.drive, plan.steps, expected.steps) == ("play", (), ())
    assert plan.parameters == expected.values
    assert 2 <= plan.parameters["n"] <= 9


# --- templates ------------------------------------------------------------------------------------


def test_text_round_expressions_is_left_as_it_is(play: Play) -> None:
    step = r'send: {reader: "{% if %} {{ x }} {# y #} $ $$ %{reader.pid} ${n}\r\n\n"}'
    plan, _ = play(step, values={"n": "5"})
    assert plan.steps[1] == wire.Send("reader", b"{% if %} {{ x }} {# y #} $ $$ %{reader.pid} 5\r\n\n")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${n * 3}", b"15"),
        ("${'}'}", b"}"),
        ("${'${'}HOME}", b"${HOME}"),
        ("${{'a': n}['a']}", b"5"),
        ("${word|upper}", b"ABC"),
        ("${words|join(', ')}", b"x, y"),
        ("${words[1] ~ n}", b"y5"),
        ("${'%04x' % n}", b"0005"),
        ("${len(words)}${max(n, 7)}", b"27"),
        ("${hex(n)}", b"0x5"),
        ("${'a' if n > 3 else 'b'}", b"a"),
        ("${range(n)|sum}", b"10"),
    ],
)
def test_expressions(play: Play, expression: str, expected: bytes) -> None:
    plan, _ = play(f'send: {{reader: "{expression}"}}', values={"n": "5", "word": "abc", "words": "[x, y]"})
    assert plan.steps[1] == wire.Send("reader", expected)


def test_a_value_that_is_one_expression_keeps_its_type(play: Play) -> None:
    plan, expected = play(
        'finish: {reader: {exit: "${n}", stdout: {lines: "${words}"}}}',
        'start: {many: {run: [./reader, "${n}"], times: "${n}"}}',
        'processes: {many: "${n + 1}"}',
        'blocked: {many: {call: "${call}", count: "${n}"}}',
        'signal: {many: "${which}"}',
        values={"n": "3", "words": "[x, y]", "call": "semop", "which": "SIGUSR2"},
    )
    finish = expected.steps[1].exit
    assert finish is not None
    assert finish.statuses == (3,)
    assert finish.stdout == Output(Match.LINES, ("x", "y"))
    assert plan.steps[2] == wire.Start("many", ("./reader", "3"), program="reader", times=3)
    assert plan.steps[3] == wire.Processes("many", 4)
    assert plan.steps[4] == wire.Blocked("many", "semop", "", 3)
    assert plan.steps[5] == wire.Signal("many", ("USR2",))


def test_a_list_among_the_words_of_a_command_gives_a_word_for_each_item(play: Play) -> None:
    run = '[./reader, "${words}", "${n}", "${[1, 2] * n}", "${[]}"]'
    plan, _ = play(f"start: {{many: {run}}}", values={"n": "2", "words": "[x, y z]"})
    step = plan.steps[1]
    assert isinstance(step, wire.Start)
    assert step.argv == ("./reader", "x", "y z", "2", "1", "2", "1", "2")


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ('start: {r: ["${[]}"]}', "'start': there is no program to start: the list is empty"),
        (
            'start: {r: [./reader, "${[[1]]}"]}',
            "'start': ${[[1]]} is [1], which is no text; write ${[[1]]|join(' ')} for a list",
        ),
        ('finish: {reader: {exit: "${word}"}}', "'finish': ${word} is 'abc'; whole numbers from 0 to 255 are needed"),
        ('finish: {reader: {exit: "${n * 99}"}}', "'finish': ${n * 99} is 495; whole numbers from 0 to 255 are needed"),
        (
            'send: {reader: "${words}"}',
            "'send': ${words} is ['x', 'y'], which is no text; write ${words|join(' ')} for a list",
        ),
        ('send: {reader: "${n / 0}"}', "'send': ${n / 0}: division by zero"),
        ('send: {reader: "${words[7] ~ n}"}', "'send': ${words[7] ~ n}: list object has no element 7"),
        ('send: {reader: "${words[7]}"}', "'send': ${words[7]}: there is no such thing"),
        ('send: {reader: "${word.__class__}"}', "'send': ${word.__class__}: there is no such thing"),
        ('send: {reader: {hex: "${word}"}}', "'send': 'abc' is not made of pairs of hexadecimal digits"),
        ('signal: {reader: "${word}"}', "'signal': ${word} is 'abc', which is no signal"),
        ('start: {r: ["./${word}"]}', "'start': unknown program './abc'; there is only './reader'"),
        ('start: {r: ["partner:${word}"]}', "'start': unknown program 'partner:abc'; did you mean 'partner:ticker'?"),
    ],
)
def test_what_only_the_values_show_is_told_with_its_line(play: Play, step: str, problem: str) -> None:
    with pytest.raises(SpecError) as caught:
        play(step, values={"n": "5", "word": "abc", "words": "[x, y]"})
    assert caught.value.problems == (f"demo/exercise.yaml:20: {problem}",)


def test_a_value_that_cannot_be_drawn_is_told(play: Play) -> None:
    with pytest.raises(SpecError) as caught:
        play('send: {reader: "${b}"}', values={"n": "0", "b": '{word: "${n}"}'})
    assert caught.value.problems == (
        "demo/exercise.yaml:12: value 'b' cannot be drawn as word of 0: a whole number from 1 to 4194304 is needed",
    )
    with pytest.raises(SpecError) as caught:
        play('send: {reader: "${b}"}', values={"n": "0", "b": "{compute: 1 / n}"})
    assert caught.value.problems == ("demo/exercise.yaml:12: value 'b': ${1 / n}: division by zero",)


# --- steps ----------------------------------------------------------------------------------------

STEPS: list[tuple[str, wire.Step, str]] = [
    (
        "start: {r: [./reader, a b]}",
        wire.Start("r", ("./reader", "a b"), program="reader"),
        "start ./reader 'a b' as r",
    ),
    (
        "start: {tick: ['partner:ticker', x]}",
        wire.Start("tick", ("ticker", "x"), program="ticker", partner=True),
        "start ticker x as tick",
    ),
    ("start: {cat: [cat]}", wire.Start("cat", ("cat",)), "start cat"),
    (
        "start: {m: {run: [./reader], env: {A: b}, cwd: d, stdin: null, stdout: closed, times: 8}}",
        wire.Start("m", ("./reader",), "reader", {"A": "b"}, "d", "null", "closed", times=8),
        "start ./reader as m, 8 times at once",
    ),
    (
        "start: {t: {run: [./reader], tty: true}}",
        wire.Start("t", ("./reader",), "reader", tty=True),
        "start ./reader as t",
    ),
    (r'send: {reader: "a\n"}', wire.Send("reader", b"a\n"), r'send 2 bytes to reader: "a\n"'),
    ("send: {reader: {line: é}}", wire.Send("reader", "é\n".encode()), r'send 3 bytes to reader: "é\n"'),
    ('send: {reader: {hex: "00 ff"}}', wire.Send("reader", b"\0\xff"), r'send 2 bytes to reader: "\u0000\\xff"'),
    (f"send: {{reader: {'x' * 99}}}", wire.Send("reader", b"x" * 99), "send 99 bytes to reader"),
    ("eof: reader", wire.Close("reader.stdin"), "close reader's stdin"),
    ("expect: {reader: ready}", wire.Expect("reader", "ready"), """wait for "ready" on reader's stdout"""),
    (
        "expect: {reader: {line: x, count: 3, stream: stderr}}",
        wire.Expect("reader", "x", "line", 3, "stderr"),
        """wait for the line "x" 3 times on reader's stderr""",
    ),
    (
        'expect: {reader: {regex: "^a+$"}}',
        wire.Expect("reader", "^a+$", "regex"),
        """wait for something like "^a+$" on reader's stdout""",
    ),
    (
        "expect: {reader: {regex: '^a+$', says: a line of letters a}}",
        wire.Expect("reader", "^a+$", "regex"),
        "wait for a line of letters a on reader's stdout",
    ),
    ("open: {w: {fifo: f, for: writing}}", wire.Open("w", "fifo", "f", "write"), "open FIFO f for writing as w"),
    ("open: {w: {file: f, for: appending}}", wire.Open("w", "file", "f", "append"), "open f for appending as w"),
    ("open: {p: {pipe: }}", wire.Open("p", "pipe"), "make a pipe, p"),
    ("open: {s: {seqpacket: sock}}", wire.Open("s", "seqpacket", "sock"), "connect s to sock (seqpacket)"),
    ("write: {to: f, text: a}", wire.Write("f", b"a"), 'write 1 byte to f: "a"'),
    ("read: {from: f, until: eof}", wire.Read("f"), "read f until end of file"),
    ("read: {from: f, bytes: 3}", wire.Read("f", 3), "read 3 bytes from f"),
    ("close: reader.stdout", wire.Close("reader.stdout"), "close reader's stdout"),
    ("make: {fifo: f}", wire.Make("fifo", path="f"), "make FIFO f"),
    (
        "make: {file: {path: f, line: x, mode: 0644}}",
        wire.Make("file", path="f", data=b"x\n", mode=0o644),
        "make file f",
    ),
    ("make: {directory: d}", wire.Make("directory", path="d"), "make directory d"),
    ("make: {symlink: {path: l, target: t}}", wire.Make("symlink", path="l", target="t"), "make symbolic link l"),
    (
        "make: {shm: {as: a, key: 0x1234, size: 4K}}",
        wire.Make("shm", "a", key=0x1234, size=4096),
        "make shared memory segment 0x1234",
    ),
    (
        "make: {sem: {as: s, key: 7, values: [1, 0]}}",
        wire.Make("sem", "s", key=7, values=(1, 0)),
        "make semaphore set 0x7",
    ),
    ("make: {msg: {key: 7}}", wire.Make("msg", key=7), "make message queue 0x7"),
    (
        "make: {msg: {key: 7, foreign: true}}",
        wire.Make("msg", key=7, foreign=True),
        "make message queue 0x7 of another user",
    ),
    (
        "make: {posix-shm: {name: /x, size: 8}}",
        wire.Make("posix-shm", path="/x", size=8),
        "make shared memory object /x",
    ),
    ("make: {posix-sem: {name: /x, value: 2}}", wire.Make("posix-sem", path="/x", values=(2,)), "make semaphore /x"),
    ("make: {mqueue: /x}", wire.Make("mqueue", path="/x"), "make message queue /x"),
    ("sem: {key: 7, values: [1, 0]}", wire.SetSem("", 7, (1, 0)), "set semaphore set 0x7 to 1, 0"),
    ("remove: f", wire.Remove("f"), "remove f"),
    ("signal: {reader: [INT, SIGUSR1]}", wire.Signal("reader", ("INT", "USR1")), "send SIGINT and SIGUSR1 to reader"),
    (
        "signal: {reader: {send: USR1, times: 20, group: true}}",
        wire.Signal("reader", ("USR1",), 20, group=True),
        "send SIGUSR1 to reader's process group 20 times",
    ),
    ("kill: reader", wire.Kill("reader"), "kill reader"),
    ("blocked: {reader: open f}", wire.Blocked("reader", "open", "f"), "wait until reader is blocked in open() of f"),
    ("blocked: {reader: any}", wire.Blocked("reader"), "wait until reader is idle"),
    ("blocked: {reader: sem-wait}", wire.Blocked("reader", "sem-wait"), "wait until reader is blocked in sem_wait()"),
    (
        "blocked: {reader: read 0}",
        wire.Blocked("reader", "read", "0"),
        "wait until reader is blocked in read() of descriptor 0",
    ),
    (
        "blocked: {reader: {call: semop, count: 3}}",
        wire.Blocked("reader", "semop", "", 3),
        "wait until 3 processes of reader are blocked in semop()",
    ),
    ("handles: {reader: INT}", wire.Handles("reader", ("INT",)), "wait until reader handles SIGINT"),
    ("exists: f", wire.Exists("f"), "wait until f exists"),
    ("exists: {shm: {key: 7}}", wire.Exists("", "shm", 7), "wait until shared memory segment 0x7 exists"),
    ("gone: {mqueue: /x}", wire.Exists("/x", "mqueue", gone=True), "wait until message queue /x is gone"),
    ("kill: child 2 of reader", wire.Kill("child 2 of reader"), "kill child 2 of reader"),
    ("blocked: {reader: asleep}", wire.Blocked("reader", "asleep"), "wait until reader sleeps, with no time limit"),
    (
        "processes: {reader: {living: 0, zombies: 2}}",
        wire.Processes("reader", 0, 2),
        "wait until reader has no child processes and 2 zombie processes",
    ),
    ("processes: {reader: 1}", wire.Processes("reader", 1), "wait until reader has 1 child process"),
    ("finish: reader", wire.Finish("reader"), "finish reader"),
    ("finish: {reader: {stdin: open}}", wire.Finish("reader", close_stdin=False), "finish reader"),
    ("contents: {path: f, text: a}", wire.Contents("f"), "look into f"),
]


@pytest.mark.parametrize(("step", "made", "words"), STEPS, ids=[step for step, _, _ in STEPS])
def test_each_step(play: Play, step: str, made: wire.Step, words: str) -> None:
    plan, expected = play(step)
    assert plan.steps[1] == made
    assert expected.steps[1].words == words
    assert expected.steps[1].line == 18
    assert wire.decode(CasePlan, wire.encode(plan)) == plan


def test_the_values_of_a_made_set_are_set_by_its_name(play: Play) -> None:
    plan, expected = play("make: {sem: {as: s, key: 7, values: [1, 0]}}", 'sem: {s: ["${n}", 0]}', values={"n": "5"})
    assert plan.steps[2] == wire.SetSem("s", 0, (5, 0))
    assert expected.steps[2].words == "set s to 5, 0"


# --- what is expected -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("{}", Exit("reader")),
        ("{exit: 3}", Exit("reader", (3,))),
        ("{exit: [0, 3]}", Exit("reader", (0, 3))),
        ("{exit: nonzero}", Exit("reader", ())),
        ("{signal: SIGTERM}", Exit("reader", (), "TERM")),
        (
            '{stdout: "a\\n", stderr: ""}',
            Exit("reader", stdout=Output(Match.EXACT, ("a\n",)), stderr=Output(Match.EXACT, ("",))),
        ),
        ("{stdout: 042}", Exit("reader", stdout=Output(Match.EXACT, ("042",)))),
        ("{stdout: {contains: a}}", Exit("reader", stdout=Output(Match.CONTAINS, ("a",)))),
        ("{stdout: {contains: [a, b]}}", Exit("reader", stdout=Output(Match.CONTAINS, ("a", "b")))),
        ("{stdout: {regex: ^a$}}", Exit("reader", stdout=Output(Match.REGEX, ("^a$",)))),
        ("{stdout: {lines: []}}", Exit("reader", stdout=Output(Match.LINES, ()))),
        ("{stderr: {not-empty: true}}", Exit("reader", stderr=Output(Match.NOT_EMPTY, ()))),
        ("{cpu: 200ms}", Exit("reader", cpu=0.2)),
    ],
)
def test_what_a_finish_expects(play: Play, told: str, expected: Exit) -> None:
    assert play(f"finish: {{reader: {told}}}")[1].steps[1].exit == expected


def test_what_read_and_contents_expect(play: Play) -> None:
    _, expected = play("read: {from: f, until: eof, text: {contains: a}}", "contents: {path: f, text: b}")
    assert expected.steps[1].output == Output(Match.CONTAINS, ("a",))
    assert expected.steps[1].subject == "what was read from f"
    assert expected.steps[2].output == Output(Match.EXACT, ("b",))
    assert expected.steps[2].subject == "f"


def test_the_plan_holds_nothing_of_what_is_expected(play: Play) -> None:
    plan, expected = play(
        "finish: {reader: {exit: 217, stdout: 'SECRET-${word}', stderr: {contains: SECRET}, cpu: 1234s}}",
        "contents: {path: f, text: {regex: SECRET}}",
        "read: {from: f, until: eof, text: {lines: [SECRET, SECRET]}}",
        values={"word": "{word: 12}"},
    )
    sent = wire.encode(plan)
    assert b"SECRET" not in sent
    assert b"217" not in sent
    assert b"1234" not in sent
    assert expected.values["word"].encode() not in sent
    assert plan.parameters == {}


def test_leaves_are_rendered(load: Load) -> None:
    exercise = load("finish: reader", values={"name": "{word: 8}"}, extra='    leaves: ["${name}.*"]\n')
    _, expected = planning.plan_case(exercise, exercise.cases[0], build="plain", seed=1, replay="again")
    assert expected.leaves == (f"{expected.values['name']}.*",)
    assert (expected.case, expected.replay) == ("reads", "again")


def test_a_sanitized_case_may_use_more(load: Load) -> None:
    exercise = load("finish: {reader: {cpu: 1s}}")
    plan, expected = planning.plan_case(exercise, exercise.cases[0], build="sanitized", seed=1)
    assert plan.build == "sanitized"
    assert plan.limits.cpu == exercise.limits.cpu * 4
    assert plan.limits.memory > exercise.limits.memory
    assert expected.steps[1].exit == Exit("reader", cpu=1.0, slower=4.0)
    plain, _ = planning.plan_case(exercise, exercise.cases[0], build="plain", seed=1)
    assert plain.limits == exercise.limits


def test_a_traced_case_may_use_more(load: Load) -> None:
    exercise = load("finish: {reader: {cpu: 1s}}")
    plan, expected = planning.plan_case(exercise, exercise.cases[0], build="traced", seed=1)
    assert (plan.build, plan.tracing) == ("traced", None)
    assert plan.limits.cpu == exercise.limits.cpu * 8
    assert plan.limits.memory == exercise.limits.memory + (512 << 20)
    assert expected.steps[1].exit == Exit("reader", cpu=1.0, slower=8.0)


def test_a_replay_command_names_the_schedule(load: Load, tmp_path: Path) -> None:
    exercise, submission = load("finish: reader"), a_submission(tmp_path)
    plain = planning.replay(exercise, submission, case="reads", seed=3)
    assert plain == f"grader grade demo '{tmp_path}/my work' --case reads --seed 3"
    point = Point("*", "reader", 0x1A3F, 2)
    made = planning.replay(exercise, submission, case="reads", seed=3, point=point)
    assert made == f"{plain} --replay '*@reader+1a3f#2'"


# --- builds -----------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path: Path) -> Config:
    made = config.load_config(Path(__file__).parent)
    return replace(made, compiler=("gcc", "-pipe"), flags=("-g",), sanitizer_flags=("-fsanitize=address",))


def a_submission(tmp_path: Path) -> Submission:
    return Submission("mine", tmp_path / "my work", {"reader.c": b"student", "other.c": b"ignored"}, "digest")


def test_the_plain_build(load: Load, course: Config, tmp_path: Path) -> None:
    exercise = load("finish: reader")
    plan = planning.plan_build(exercise, a_submission(tmp_path), course)
    assert plan.name == "plain"
    assert {file.name: file.content for file in plan.files} == {"reader.c": b"student", "util.h": b"util"}
    (link,) = plan.links
    assert link.program == "reader"
    assert link.argv == ("gcc", "-pipe", "-g", "-DX", "-pthread", "reader.c", "-o", "reader", "-lrt")
    assert (plan.partner, plan.environment, plan.address_space, plan.limits) == (False, {}, True, course.build_limits)


def test_the_sanitized_build(load: Load, course: Config, tmp_path: Path) -> None:
    plan = planning.plan_build(load("finish: reader"), a_submission(tmp_path), course, "sanitized")
    assert plan.name == "sanitized"
    assert "-fsanitize=address" in plan.links[0].argv
    assert "exitcode=99" in plan.environment["ASAN_OPTIONS"]
    assert "detect_leaks=0" in plan.environment["ASAN_OPTIONS"]
    assert "exitcode=99" in plan.environment["UBSAN_OPTIONS"]
    assert not any("log_path" in options for options in plan.environment.values())
    assert not plan.address_space


def test_the_traced_build(load: Load, course: Config, tmp_path: Path) -> None:
    course = replace(course, flags=("-std=gnu17", "-O2", "-fsanitize=address", "-fno-sanitize-recover=all"))
    plan = planning.plan_build(load("finish: reader"), a_submission(tmp_path), course, "traced")
    assert (plan.name, plan.runtime, plan.address_space, plan.environment) == ("traced", True, False, {})
    argv = plan.links[0].argv
    assert argv[:3] == ("gcc", "-pipe", "-std=gnu17")
    assert [word for word in argv if "sanitize" in word] == ["-fsanitize=thread"]
    assert "-O2" in argv
    assert argv.index("-B.") < argv.index("reader.c")
    assert argv[argv.index("-o") :] == ("-o", "reader", "-lrt", "-lrt", "-pthread", "-ldl")
    assert not planning.plan_build(load("finish: reader"), a_submission(tmp_path), course).runtime


def test_the_traced_build_keeps_the_call_graphs(load: Load, course: Config, tmp_path: Path) -> None:
    traced = planning.plan_build(load("finish: reader"), a_submission(tmp_path), course, "traced")
    assert traced.keep == ("*.ci",)
    assert "-fcallgraph-info" in traced.links[0].argv
    assert planning.plan_build(load("finish: reader"), a_submission(tmp_path), course).keep == ()


def test_the_partners_are_built_from_the_reference(load: Load, course: Config, tmp_path: Path) -> None:
    exercise = load("finish: reader")
    plan = planning.plan_partner(exercise, course)
    assert (plan.name, plan.partner) == ("partner", True)
    assert {file.name: file.content for file in plan.files} == {
        "ticker.c": b"ticker",
        "proto.h": b"proto",
        "util.h": b"util",
    }
    assert [link.argv for link in plan.links] == [("gcc", "-pipe", "-g", "-DX", "ticker.c", "-o", "ticker")]
    both = planning.plan_builds(exercise, a_submission(tmp_path), course)
    assert [build.name for build in both] == ["partner", "plain"]


def test_a_file_that_has_gone_since_is_told(load: Load, course: Config, tmp_path: Path) -> None:
    exercise = load("finish: reader")
    (tmp_path / "demo/given/util.h").unlink()
    with pytest.raises(SpecError, match=r"^demo/given/util.h:1: cannot be read: No such file or directory$"):
        planning.plan_build(exercise, a_submission(tmp_path), course)


def test_the_replay_command_can_be_pasted(load: Load, tmp_path: Path) -> None:
    exercise = load("finish: reader")
    command = planning.replay(exercise, a_submission(tmp_path), case="reads", seed=81)
    assert command == f"grader grade demo '{tmp_path}/my work' --case reads --seed 81"


# --- speed ------------------------------------------------------------------------------------------


def test_planning_is_fast(load: Load) -> None:
    steps = [
        'send: {reader: "${a} ${n * 2}"}',
        'expect: {reader: {line: "${a}"}}',
        'finish: {reader: {stdout: "${b}\\n"}}',
    ]
    exercise = load(*steps, values={"a": "{word: 8}", "b": "{lines: 5}", "n": "{integer: [1, 9]}"})
    limits = Limits()
    assert exercise.limits == limits
    best = float("inf")
    for seed in range(20):
        began = time.process_time()
        for _ in range(10):
            planning.plan_case(exercise, exercise.cases[0], build="plain", seed=seed)
        best = min(best, time.process_time() - began)
    assert best < 0.01  # ten cases; about 1 ms on a machine that has nothing else to do
