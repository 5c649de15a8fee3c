"""Everything that can be wrong with what is given to `grader`, through the real command line.

Each ends with the status of docs/report.md and a message that names what is wrong; never with a traceback.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from driver import procfs
from tests.sandbox.conftest import ROOT, survivors, write_exercise

COMMAND = (sys.executable, "-c", "import sys; from grader.cli import main; sys.exit(main())")
GOOD = "int main(void)\n{\n    return 0;\n}\n"
SLEEPS = "#include <unistd.h>\nint main(void)\n{\n    return (int)sleep(600);\n}\n"
PATIENT = {"limits": {"cpu": "60s", "wall": "600s"}}


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


@dataclass
class World:
    """A course of one exercise, `demo`, and a student's folder."""

    root: Path

    def __post_init__(self) -> None:
        self.course = self.root / "course"
        (self.course / "exercises").mkdir(parents=True)
        self.configure()
        self.exercise("demo", {})
        self.student = self.root / "alice"
        self.student.mkdir()

    def configure(self, **more: Any) -> None:
        settings = {
            "format": 1,
            "plugins": [str(ROOT / "plugins")],
            "sandbox": "local",
            "flags": ["-g"],
            # Little, so that the tests are over soon; a compiler that is started needs some of it.
            "build-limits": {"cpu": "2s", "memory": "512M"},
        }
        (self.course / "grader.yaml").write_text(yaml.safe_dump(settings | more))

    def exercise(self, name: str, about: dict[str, Any]) -> Path:
        write_exercise(self.course, name, about)
        return self.course / "exercises" / name / "exercise.yaml"

    def hand_in(self, content: str | bytes, name: str = "main.c") -> Path:
        path = self.student / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def start(self, *arguments: object, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*before, *COMMAND, *(str(argument) for argument in arguments)],
            cwd=self.course,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: object, before: tuple[str, ...] = ()) -> Ended:
        return ended(self.start(*arguments, before=before))

    def grade(self, *more: object, exercise: str = "demo") -> Ended:
        return self.run("grade", exercise, self.student, "--no-sanitize", *more)

    def refused(self, *words: str, status: int = 2, exercise: str = "demo", path: Path | None = None) -> Ended:
        """Grading ends with this status, nothing on stdout, and one line that says all the words."""
        how = self.run("grade", exercise, path or self.student, "--no-sanitize")
        assert how.status == status, how.all
        assert how.out == ""
        (line,) = (line for line in how.err.splitlines() if "note: " not in line)
        for word in words:
            assert word in line
        return how


def ended(process: subprocess.Popen[str]) -> Ended:
    try:
        out, err = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert "Traceback" not in out + err
    return Ended(process.returncode, out, err)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


# --- what is handed in -----------------------------------------------------------------------------


def test_a_missing_file(world: World) -> None:
    world.refused("main.c", str(world.student))
    world.refused("cannot read", "nowhere", path=world.root / "nowhere")


def test_a_wrong_file_name(world: World) -> None:
    world.hand_in(GOOD, "mian.c")
    world.refused("main.c", "mian.c")


def test_a_program_instead_of_its_source(world: World) -> None:
    shutil.copy("/bin/true", world.student / "main.c")
    world.refused("main.c", "an ELF executable")


def test_a_nul_byte(world: World) -> None:
    world.hand_in(b"int main(void)\n{\n    return 0;\0\n}\n")
    world.refused("main.c:3: ", "NUL")


def test_invalid_utf_8(world: World) -> None:
    world.hand_in(b"int main(void)\n{\n    return 0; /* gr\xfc\xdfe */\n}\n")
    world.refused("main.c:3:20: ", "UTF-8")


def test_a_source_of_50_megabytes(world: World) -> None:
    with world.hand_in("").open("r+b") as file:
        file.truncate(50_000_000)
    world.refused("main.c", "50,000,000 bytes")


def test_a_link_out_of_the_directory(world: World) -> None:
    secret = world.root / "secret.c"
    secret.write_text(GOOD)
    (world.student / "main.c").symlink_to(secret)
    world.refused("main.c", "symbolic link")


@pytest.mark.parametrize(("make", "word"), [(os.mkfifo, "FIFO"), (os.mkdir, "directory")])
def test_no_file_at_all(world: World, make: Callable[[Path], None], word: str) -> None:
    make(world.student / "main.c")
    world.refused("main.c", word)


# --- what does not compile ---------------------------------------------------------------------------


def build_finding(how: Ended) -> dict[str, Any]:
    assert how.status == 1, how.all
    report = json.loads(how.out)
    assert (report["verdict"], report["score"], report["error"]) == ("failed", 0, "")
    assert "/build" not in how.out
    (finding,) = report["findings"]
    assert isinstance(finding, dict)
    return finding


def test_a_compile_error_is_told_on_the_students_line(world: World) -> None:
    world.hand_in("int main(void)\n{\n    return nothing;\n}\n")
    how = world.grade()
    assert how.status == 1
    assert "main.c:3" in how.out
    assert "return nothing;" in how.out
    assert "/build" not in how.all
    finding = build_finding(world.grade("--format", "json"))
    assert finding["locations"] == [{"file": "main.c", "line": 3, "column": 12, "function": ""}]
    assert "'nothing' undeclared" in finding["message"].replace("\u2018", "'").replace("\u2019", "'")


def test_a_link_error(world: World) -> None:
    world.hand_in("void missing(void);\nint main(void)\n{\n    missing();\n    return 0;\n}\n")
    finding = build_finding(world.grade("--format", "json"))
    assert "undefined reference to `missing'" in finding["message"]
    assert finding["locations"][0] == {"file": "main.c", "line": 4, "column": 0, "function": ""}


def test_nothing_to_start(world: World) -> None:
    world.hand_in("")
    assert "undefined reference to `main'" in build_finding(world.grade("--format", "json"))["message"]


BOMB = "".join(f"#define A{n} A{n - 1} A{n - 1} A{n - 1} A{n - 1}\n" for n in range(1, 24))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        pytest.param('#include "/dev/zero"\n' + GOOD, ("out of memory",), id="a-device"),
        pytest.param(f"#define A0 +1\n{BOMB}int x = A23;\n{GOOD}", ("the compiler",), id="macros"),
        pytest.param("int x[] = {[1 << 30] = 1};\n" + GOOD, ("File size limit exceeded",), id="initialiser"),
        pytest.param("@\n" * 400_000, ("the compiler printed more messages than are kept",), id="messages"),
        pytest.param('#include "main.c"\n', ("nested",), id="itself"),
        pytest.param('#include "/dev/stdin"\nint;\n', ("undefined reference to `main'",), id="input"),
        pytest.param('__asm__(".rept 1000000000\\n.quad 1\\n.endr");\n' + GOOD, ("out of memory",), id="assembler"),
    ],
)
def test_a_compilation_without_end(world: World, source: str, words: tuple[str, ...]) -> None:
    world.hand_in(source)
    finding = build_finding(world.grade("--format", "json"))
    for word in words:
        assert word in finding["message"]


@pytest.mark.parametrize("path", ["/etc/shadow", "/proc/self/environ", str(ROOT / "grader.yaml"), "../../work/main.c"])
def test_an_include_of_something_hidden(world: World, path: str) -> None:
    world.hand_in(f'#include "{path}"\n{GOOD}')
    how = world.grade("--format", "json")
    assert json.loads(how.out)["error"] == ""
    assert "root:" not in how.out
    assert "PATH=" not in how.out
    assert "exercises:" not in how.out


# --- what an instructor writes --------------------------------------------------------------------------


def test_an_unknown_exercise(world: World) -> None:
    world.hand_in(GOOD)
    world.refused("no exercise is called 'dmeo'; did you mean 'demo'?", exercise="dmeo")


SPEC = """\
format: 1
title: A behaviour
submit: [main.c]
build: {main: main.c}
cases:
- {id: main, title: x, because: x, hint: x, points: 1, steps: [
   {start: {main: [./main]}}, {finish: {main: {}}}]}
"""
TWIN = SPEC.partition("cases:\n")[2]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("format: 1", "format: [", ("exercise.yaml:",), id="syntax"),
        pytest.param("format: 1", "format: 7", ("exercise.yaml:1",), id="format"),
        pytest.param("points: 1", "points: many", ("exercise.yaml:6", "points"), id="type"),
        pytest.param("points: 1", "points: -1", ("exercise.yaml:6", "points"), id="negative-points"),
        pytest.param(
            "points: 1", "pionts: 1", ("exercise.yaml:6", "'pionts'; did you mean 'points'?"), id="key-of-case"
        ),
        pytest.param("{finish:", "{finsih:", ("exercise.yaml:7", "'finsih'; did you mean 'finish'?"), id="step"),
        pytest.param("A behaviour", "[1, 2]", ("exercise.yaml:2", "title"), id="list-for-text"),
        pytest.param("submit:", "submti:", ("exercise.yaml:3", "'submti'; did you mean 'submit'?"), id="key"),
        pytest.param(TWIN, TWIN + TWIN, ("exercise.yaml:8", "'main'"), id="duplicate-id"),
        pytest.param("title: A", "title: x\ntitle: A", ("exercise.yaml:3", "title"), id="duplicate-key"),
        pytest.param(SPEC, "", ("exercise.yaml:",), id="empty"),
        pytest.param(SPEC, "- 1\n", ("exercise.yaml:1",), id="no-mapping"),
        pytest.param("A behaviour", "\0", ("exercise.yaml:",), id="nul"),
        pytest.param("A behaviour", "&a [*a]", ("exercise.yaml:",), id="endless-alias"),
    ],
)
def test_a_spec_with_a_mistake(world: World, old: str, new: str, words: tuple[str, ...]) -> None:
    world.hand_in(GOOD)
    assert old in SPEC
    world.exercise("broken", {}).write_text(SPEC.replace(old, new, 1))
    how = world.run("grade", "broken", world.student)
    assert (how.status, how.out) == (2, "")
    for word in words:
        assert word in how.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format: 1\ncompilre: [gcc]\n", ("grader.yaml:2", "did you mean 'compiler'?")),
        ("format: 1\nexercises: [nowhere]\n", ("grader.yaml:2", "nowhere")),
        ("format: {\n", ("grader.yaml:",)),
        ("", ("grader.yaml:",)),
    ],
)
def test_a_course_with_a_mistake(world: World, text: str, words: tuple[str, ...]) -> None:
    world.hand_in(GOOD)
    (world.course / "grader.yaml").write_text(text)
    how = world.grade()
    assert (how.status, how.out) == (2, "")
    for word in words:
        assert word in how.err


@pytest.mark.parametrize("hook", ["case", "build"])
def test_a_plugin_that_raises_gives_no_grade_and_is_named(world: World, hook: str) -> None:
    world.hand_in(GOOD)
    own = world.course / "own"
    own.mkdir()
    (own / "check_bad.py").write_text(
        f"from grader import hookimpl\n\n\n@hookimpl\ndef grader_check_{hook}(exercise):\n    return 1 // 0\n"
    )
    world.configure(plugins=[str(ROOT / "plugins"), "own"])
    world.refused("check_bad.py:6", "ZeroDivisionError", status=3)
    report = json.loads(world.grade("--format", "json").out)
    assert (report["verdict"], report["score"]) == ("error", None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("this is no Python\n", ("check_bad.py",)),
        ("from grader import hookimpl\n\n@hookimpl\ndef grader_chek_case():\n    return []\n", ("grader_chek_case",)),
        (
            "from grader import hookimpl\n\n@hookimpl\ndef grader_check_case(excercise):\n    return []\n",
            ("excercise",),
        ),
        ("import nowhere_to_be_found\n", ("check_bad.py", "nowhere_to_be_found")),
    ],
)
def test_a_plugin_that_cannot_be_loaded(world: World, text: str, words: tuple[str, ...]) -> None:
    world.hand_in(GOOD)
    own = world.course / "own"
    own.mkdir()
    (own / "check_bad.py").write_text(text)
    world.configure(plugins=[str(ROOT / "plugins"), "own"])
    how = world.grade()
    assert how.status in (2, 3)
    assert how.out == ""
    for word in words:
        assert word in how.err


# --- being ended in the middle ---------------------------------------------------------------------------


def until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError(f"never {what}")


@pytest.fixture
def grading(world: World) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """A grader in the middle of a case; the pids of its zygote and of the submission."""
    world.exercise("long", PATIENT)
    world.hand_in(SLEEPS)
    process = world.start("grade", "long", world.student, "--no-sanitize")

    def in_the_case() -> tuple[int, int] | None:
        assert process.poll() is None, process.communicate()
        for zygote in procfs.children(process.pid):
            for driver in procfs.children(zygote):
                for pid in procfs.children(driver):
                    stat = procfs.stat(pid)
                    if stat is not None and stat.comm == "main" and stat.state == "S":
                        return zygote, pid
        return None

    try:
        zygote, program = until(in_the_case, "started the submission")
        yield process, zygote, program
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def gone(zygote: int, program: int) -> bool:
    return not survivors(zygote) and procfs.stat(zygote) is None and procfs.stat(program) is None


def test_ctrl_c_closes_the_sandbox(grading: tuple[subprocess.Popen[str], int, int]) -> None:
    process, zygote, program = grading
    os.killpg(process.pid, signal.SIGINT)
    how = ended(process)
    assert (how.status, how.out, how.err.lstrip()) == (130, "", "grader: interrupted; no sandbox is left behind\n")
    until(lambda: gone(zygote, program), "gone")


def test_sigterm_closes_the_sandbox(grading: tuple[subprocess.Popen[str], int, int]) -> None:
    process, zygote, program = grading
    process.terminate()
    how = ended(process)
    assert (how.status, how.out, how.err) == (143, "", "grader: ended by SIGTERM\n")
    until(lambda: gone(zygote, program), "gone")


def test_a_killed_grader_takes_the_sandbox_along(grading: tuple[subprocess.Popen[str], int, int]) -> None:
    process, zygote, program = grading
    process.kill()
    process.wait()
    until(lambda: gone(zygote, program), "gone")
    process.communicate()


def test_a_killed_zygote_is_told_and_is_no_grade(grading: tuple[subprocess.Popen[str], int, int]) -> None:
    process, zygote, program = grading
    os.kill(zygote, signal.SIGKILL)
    how = ended(process)
    assert (how.status, how.out) == (3, "")
    assert "sandbox" in how.err
    until(lambda: gone(zygote, program), "gone")


def test_ctrl_c_in_a_batch_keeps_what_is_graded(world: World) -> None:
    world.exercise("long", PATIENT)
    for student, exercise, source in (("ann", "demo", GOOD), ("bob", "long", SLEEPS)):
        (world.root / "in" / student / exercise).mkdir(parents=True)
        (world.root / "in" / student / exercise / "main.c").write_text(source)
    results = world.root / "results"
    process = world.start("batch", world.root / "in", "-o", results, "--jobs", "2", "--no-sanitize")
    zygotes = set()

    def in_the_middle() -> bool:
        assert process.poll() is None, process.communicate()
        zygotes.update(procfs.children(process.pid))
        return (results / "reports" / "ann" / "demo.json").exists() and any(
            (stat := procfs.stat(pid)) is not None and stat.comm == "main"
            for zygote in zygotes
            for driver in procfs.children(zygote)
            for pid in procfs.children(driver)
        )

    until(in_the_middle, "in the middle of the batch")
    os.killpg(process.pid, signal.SIGINT)
    how = ended(process)
    assert how.status == 130, how.all
    assert json.loads((results / "reports" / "ann" / "demo.json").read_text())["verdict"] == "passed"
    assert not (results / "reports" / "bob" / "long.json").exists()
    until(lambda: not any(survivors(zygote) for zygote in zygotes), "gone")


# --- a full disk ------------------------------------------------------------------------------------------


def test_a_batch_on_a_full_disk_says_so_and_goes_on_later(world: World) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs a file system of its own, so root")
    for number in range(4):
        (world.root / "in" / f"student{number}" / "demo").mkdir(parents=True)
        (world.root / "in" / f"student{number}" / "demo" / "main.c").write_text(GOOD)
    results = world.root / "results"
    results.mkdir()
    script = 'mount -t tmpfs -o size=16k none "$0" && exec "$@"'
    before = ("unshare", "-m", "sh", "-c", script, str(results))
    how = world.run("batch", world.root / "in", "-o", results, "--no-sanitize", before=before)
    assert how.status == 3, how.all
    assert "No space left on device" in how.err or "no space left on device" in how.err.lower()
    assert world.run("batch", world.root / "in", "-o", results, "--no-sanitize").status == 0


def test_standard_output_that_is_full_or_closed(world: World) -> None:
    world.hand_in(GOOD)
    script = 'exec "$@" >/dev/full'
    how = world.run("grade", "demo", world.student, "--no-sanitize", before=("sh", "-c", script, "sh"))
    assert how.status == 3
    assert how.err == "grader: cannot write to standard output: No space left on device\n"
