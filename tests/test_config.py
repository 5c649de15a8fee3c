"""grader.yaml is found and read, or everything that is wrong with it is told, each with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from grader import config, resources
from grader.config import Config
from grader.errors import GraderError, SpecError, UsageError
from grader.wire import Limits

Read = Callable[[str], Config]
REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Makes a course with an exercises folder and that grader.yaml, and reads it."""
    monkeypatch.chdir(tmp_path)

    def build(text: str) -> Config:
        (tmp_path / "exercises").mkdir(exist_ok=True)
        (tmp_path / "grader.yaml").write_text(text, encoding="utf-8")
        return config.load_config(tmp_path)

    return build


def test_the_shortest_course(read: Read, tmp_path: Path) -> None:
    made = read("format: 1\n")
    assert made.root == tmp_path
    assert made.source == tmp_path / "grader.yaml"
    assert made.exercises == (tmp_path / "exercises",)
    assert made.plugins == ()
    assert made.compiler == ("gcc",)
    assert made.limits == Limits()
    assert made.sandbox.name == "auto"
    assert made.sandbox.jobs >= 1
    assert made.sandbox.driver == REPOSITORY / "sandbox"
    assert made.search_budget == 5.0
    assert made.sanitizer_flags[0] == "-fsanitize=address,undefined"
    assert made.weight("anything") == 1.0


def test_every_key(read: Read, tmp_path: Path) -> None:
    (tmp_path / "mine/driver").mkdir(parents=True)
    (tmp_path / "sandbox/driver").mkdir(parents=True)
    made = read(
        """\
format: 1
title: IPC
exercises: [exercises, mine]
plugins: mine
compiler: clang
flags: [-std=gnu17, -g]
sanitizer-flags: [-fsanitize=address]
limits: {cpu: 1s, processes: 8}
build-limits: {cpu: 1min, memory: 4G}
sandbox: {use: docker, bind: [/opt/include], jobs: 4, options: {image: ipc}}
disabled-checks: [race]
schedules: {budget: 500ms}
weights: {fifo-reader: 2, sig-counter: 0.5}
"""
    )
    assert made.title == "IPC"
    assert made.exercises == (tmp_path / "exercises", tmp_path / "mine")
    assert made.plugins == (tmp_path / "mine",)
    assert made.compiler == ("clang",)
    assert made.flags == ("-std=gnu17", "-g")
    assert made.sanitizer_flags == ("-fsanitize=address",)
    assert made.limits == Limits(cpu=1.0, processes=8)
    assert (made.build_limits.cpu, made.build_limits.memory) == (60.0, 4 << 30)
    assert (made.sandbox.name, made.sandbox.bind, made.sandbox.jobs) == ("docker", ("/opt/include",), 4)
    assert made.sandbox.options == {"image": "ipc"}
    assert made.sandbox.driver == tmp_path / "sandbox"
    assert made.disabled_checks == ("race",)
    assert made.search_budget == 0.5
    assert (made.weight("fifo-reader"), made.weight("sig-counter")) == (2.0, 0.5)


def test_the_nearest_course_above_is_taken(read: Read, tmp_path: Path) -> None:
    read("format: 1\ntitle: mine\n")
    inside = tmp_path / "exercises/fifo-reader/reference"
    inside.mkdir(parents=True)
    assert config.load_config(inside).title == "mine"
    assert config.find_config(inside) == tmp_path / "grader.yaml"


def test_without_a_course_the_bundled_one_is_taken(tmp_path: Path) -> None:
    assert config.load_config(tmp_path).root == REPOSITORY
    assert resources.bundled() == REPOSITORY
    assert (resources.sandbox_dir() / "driver").is_dir()


def test_a_course_that_is_named_must_be_one(read: Read, tmp_path: Path) -> None:
    read("format: 1\ntitle: mine\n")
    elsewhere = tmp_path / "exercises"
    assert config.load_config(elsewhere, tmp_path).title == "mine"
    assert config.load_config(elsewhere, tmp_path / "grader.yaml").title == "mine"
    with pytest.raises(UsageError, match=r"^exercises is no course: it has no grader.yaml; grader init makes one$"):
        config.load_config(tmp_path, elsewhere)
    with pytest.raises(UsageError, match=r"^nothing: there is no such course$"):
        config.load_config(tmp_path, tmp_path / "nothing")


PROBLEMS = {
    "budget": ("format: 1\nschedules: {budget: 5}\n", ["2: 'budget': a duration needs its unit; write '5s' or '5ms'"]),
    "schedules": ("format: 1\nschedules: {buget: 5s}\n", ["2: unknown key 'buget'; did you mean 'budget'?"]),
    "empty": ("", ["1: is empty"]),
    "format": ("title: x\n", ["1: 'format' is missing"]),
    "unknown key": ("format: 1\nflag: [-g]\n", ["2: unknown key 'flag'; did you mean 'flags'?"]),
    "underscore": ("format: 1\nbuild_limits: {}\n", ["2: unknown key 'build_limits'; did you mean 'build-limits'?"]),
    "flags a text": ("format: 1\nflags: -g\n", ["2: 'flags': a list is needed, not the text '-g'"]),
    "flags a number": (
        "format: 1\nflags:\n- -O1\n- 2\n",
        ["4: 'flags': a text is needed, not the number 2; put it in quotes"],
    ),
    "no compiler": ("format: 1\ncompiler: []\n", ["2: 'compiler': is empty"]),
    "no folder": (
        "format: 1\nexercises: [exercises, mine]\nplugins: [yours]\n",
        ["2: 'exercises': there is no folder 'mine' beside grader.yaml",
         "3: 'plugins': there is no folder 'yours' beside grader.yaml"],
    ),
    "sandbox key": (
        "format: 1\nsandbox:\n  name: docker\n",
        ["3: unknown key 'name'; there are use, bind, jobs, options"],
    ),
    "jobs": ("format: 1\nsandbox: {jobs: 0}\n", ["2: 'jobs': 0 is less than 1"]),
    "bind": ("format: 1\nsandbox: {bind: [include]}\n", ["2: 'bind': 'include' is not an absolute path"]),
    "weight": ("format: 1\nweights: {fifo-reader: -1}\n", ["2: 'fifo-reader': -1 is less than 0"]),
    "weight nan": ("format: 1\nweights:\n  fifo-reader: .nan\n", ["3: 'fifo-reader': a finite number is needed"]),
    "weight of a path": (
        "format: 1\nweights: {a/b: 1}\n",
        ["2: 'a/b': 'a/b' does not fit: it is made of lower-case words joined by hyphens"],
    ),
    "limits": ("format: 1\nlimits: {cpu: 2}\n", ["2: 'cpu': a duration needs its unit; write '2s' or '2ms'"]),
    "yaml": ("format: 1\nflags: [-g\n", ["3: not valid YAML: did not find expected ',' or ']'"]),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_wrong_is_told(read: Read, name: str) -> None:
    text, expected = PROBLEMS[name]
    with pytest.raises(SpecError) as caught:
        read(text)
    assert caught.value.problems == tuple(f"grader.yaml:{message}" for message in expected)


def test_the_schema_accepts_what_the_reader_accepts() -> None:
    schema = config.json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert validator.is_valid(yaml.safe_load((REPOSITORY / "grader.yaml").read_text(encoding="utf-8")))
    assert validator.is_valid({"format": 1, "sandbox": {"use": "local", "jobs": 2}, "plugins": "mine"})
    assert not validator.is_valid({"format": 1, "flag": ["-g"]})
    assert not validator.is_valid({"format": 1, "sandbox": {"jobs": 0}})


def test_the_bundled_course_is_the_package_data_of_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site/grader"
    for name in ("sandbox/driver", "exercises"):
        (package / "bundled" / name).mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", package)
    assert resources.bundled() == package / "bundled"
    (package / "bundled/exercises").rmdir()
    with pytest.raises(GraderError, match=r"the bundled sandbox and exercises are missing; install the grader again"):
        resources.bundled()
