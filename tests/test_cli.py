from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jsonschema
import pluggy
import pytest
from click.shell_completion import ShellComplete

from grader import cli, hookspecs
from grader import plugins as loading
from grader.cli import doctor
from grader.config import Config, load_config
from grader.errors import SandboxError, SpecError
from grader.model import BuildResult, CaseSpec, Exercise, Finding, Report, SandboxSettings, Submission, Verdict
from grader.trace import FaultKind, Point
from plugins import report_csv, report_html, report_json, report_junit, report_text
from tests.samples import BAD, GOOD, an_exercise, honest, write_tree

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "grader" / "report_schema.json").read_text(encoding="utf-8"))


@dataclass
class Backend:
    """A sandbox that only remembers whether it was closed."""

    name: str = "fake"
    preference: int = 1
    identity: str = ""
    caveats: str = ""
    reason: str = ""
    closed: int = 0

    def unusable(self) -> str:
        return self.reason

    def close(self) -> None:
        self.closed += 1


@dataclass
class World:
    """A course of one exercise whose engine is `grade`; what the commands did with it."""

    root: Path
    exercise: Exercise
    capture: pytest.CaptureFixture[str]
    backend: Backend = field(default_factory=Backend)
    grade: Callable[[Exercise, Submission, int], Report] = honest
    asked: list[dict[str, Any]] = field(default_factory=list)
    broken: dict[str, SpecError] = field(default_factory=dict)
    progress: Callable[[str], None] | None = None

    def run(self, *arguments: object) -> tuple[int, str, str]:
        status = cli.main([str(argument) for argument in arguments])
        captured = self.capture.readouterr()
        return status, captured.out, captured.err

    def student(self, source: str | bytes = GOOD, name: str = "demo.c") -> Path:
        return write_tree(self.root / "alice", {name: source})


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    course = tmp_path / "course"
    made = World(tmp_path, an_exercise(course / "exercises"), capsys)
    write_tree(course, {"grader.yaml": "format: 1\n"})
    settings = SandboxSettings(driver=course, name="fake", jobs=2)
    config = Config(course, course / "grader.yaml", "A course", settings, (course / "exercises",))
    manager = pluggy.PluginManager("grader")
    manager.add_hookspecs(hookspecs)
    for plugin in (report_text, report_json, report_junit, report_csv, report_html):
        manager.register(plugin)

    class Engine:
        def __init__(self, hook: Any, config: Any, backend: Backend, memory: Path | None = None) -> None:
            assert backend is made.backend

        def grade(
            self,
            exercise: Exercise,
            submission: Submission,
            *,
            seed: int,
            cases: Collection[str] = (),
            sanitize: bool = True,
            trace: bool = True,
            late: bool = False,
            progress: Callable[[str], None] | None = None,
        ) -> Report:
            made.asked.append({"seed": seed, "cases": tuple(cases), "sanitize": sanitize, "trace": trace, "late": late})
            made.progress = progress
            return made.grade(exercise, submission, seed)

        def replay(
            self,
            exercise: Exercise,
            submission: Submission,
            case: CaseSpec,
            point: Point,
            *,
            seed: int,
            progress: Callable[[str], None] | None = None,
        ) -> Report:
            made.asked.append({"seed": seed, "case": case.id, "point": point})
            return made.grade(exercise, submission, seed)

    def load(folder: Path, *_: Any) -> Exercise:
        if folder.name in made.broken:
            raise made.broken[folder.name]
        return made.exercise

    def folders(*_: Any) -> dict[str, Path]:
        return {"demo": made.exercise.root} | {name: course / "exercises" / name for name in made.broken}

    monkeypatch.setattr(
        "grader.cli.common.config.load_config",
        lambda start, named=None: config if named is None else load_config(start, named),
    )
    monkeypatch.setattr("grader.cli.common.spec.find_exercises", folders)
    monkeypatch.setattr("grader.cli.common.spec.load_exercise", load)
    monkeypatch.setattr("grader.cli.common.plugins.load", lambda *_: manager)
    monkeypatch.setattr("grader.cli.common.engine.choose_backend", lambda hook, settings, name: made.backend)
    monkeypatch.setattr("grader.cli.common.engine.Engine", Engine)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # tracebacks go there
    monkeypatch.chdir(tmp_path)
    return made


# --- the group ---------------------------------------------------------------------------------


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom grader.cli import main\nmain(['--help'])\n"
        "heavy = {'rich', 'pydantic', 'yaml', 'pluggy', 'jinja2', 'pexpect', 'junitparser', 'difflib', 'tempfile'}\n"
        "print('HEAVY', sorted(heavy & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "HEAVY []" in done.stdout
    assert all(name in done.stdout for name in cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_of_the_table_is_there_and_has_help(world: World, name: str) -> None:
    status, out, _ = world.run(name, "--help")
    assert status == 0
    assert out.startswith(f"Usage: grader {name}")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["gade"], "grader: there is no command 'gade'; did you mean 'grade'?"),
        (["grade"], "grader: missing argument 'EXERCISE'"),
        (["grade", "demo", "x", "--sed", "1"], "grader: no such option"),
        (["grade", "demo", "x", "--seed", "-1"], "grader: invalid value for '--seed'"),
        (["grade", "dmeo", "x"], "grader: no exercise is called 'dmeo'; did you mean 'demo'?"),
        (["grade", "demo", "nowhere"], "grader: cannot read nowhere: no such file or directory"),
        (["grade", "demo", "x", "--format", "jsn"], "there is no report format 'jsn'; did you mean 'json'?"),
        (["grade", "demo", "x", "--case", "work"], "there is no case of demo 'work'; did you mean 'works'?"),
        (["grade", "demo", "x", "--course", "nowhere"], "nowhere: there is no such course"),
        (["batch", "nowhere", "-o", "results"], "cannot read nowhere: no such file or directory"),
        (["batch", ".", "-o", "results", "--report", "cvs"], "there is no batch report 'cvs'; did you mean 'csv'?"),
        (["verify", "dmeo"], "no exercise is called 'dmeo'; did you mean 'demo'?"),
        (["start", "dmeo"], "no exercise is called 'dmeo'"),
        (["show", "dmeo"], "no exercise is called 'dmeo'"),
        (["schema", "exercises"], "invalid value for"),
    ],
)
def test_a_usage_error_is_one_clear_line(world: World, arguments: list[str], told: str) -> None:
    status, out, err = world.run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("grader: ")
    assert err.count("\n") == 1
    assert told in err


def test_a_broken_spec_tells_each_problem_on_a_line_of_its_own(world: World) -> None:
    world.broken["demo"] = SpecError(("a.yaml:1: unknown step 'awiat'", "a.yaml:9: points are negative"))
    status, _, err = world.run("grade", "demo", world.student())
    assert status == 2
    assert err.splitlines() == ["grader: a.yaml:1: unknown step 'awiat'", "grader: a.yaml:9: points are negative"]


def test_an_unexpected_exception_is_no_traceback(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def bug(exercise: Exercise, submission: Submission, seed: int) -> Report:
        raise ZeroDivisionError("a bug")

    world.grade = bug
    status, out, err = world.run("grade", "demo", world.student())
    assert (status, out) == (3, "")
    assert err.startswith("grader: internal error: ZeroDivisionError: a bug (please report it with ")
    assert err.count("\n") == 1
    assert "in bug\n" in next(tmp_path.glob("grader-traceback-*.txt")).read_text()
    monkeypatch.setenv("GRADER_DEBUG", "1")
    assert "Traceback" in world.run("grade", "demo", world.student())[2]


def test_messages_cannot_write_to_the_terminal(world: World) -> None:
    _, _, err = world.run("grade", "demo", "a\x1b]0;owned\x07")
    assert "\x1b" not in err
    assert "\\x1b]0;owned\\x07" in err


def test_ctrl_c_closes_the_sandbox_and_exits_130(world: World) -> None:
    def interrupted(exercise: Exercise, submission: Submission, seed: int) -> Report:
        raise KeyboardInterrupt

    world.grade = interrupted
    status, out, err = world.run("grade", "demo", world.student())
    assert (status, out) == (130, "")
    assert "grader: interrupted; no sandbox is left behind\n" in err
    assert world.backend.closed == 1


def test_sigterm_closes_the_sandbox_too(world: World) -> None:
    def terminated(exercise: Exercise, submission: Submission, seed: int) -> Report:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the handler did not run")

    world.grade = terminated
    with pytest.raises(SystemExit) as caught:
        world.run("grade", "demo", world.student())
    assert caught.value.code == 143
    assert world.backend.closed == 1
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def run_real(*arguments: str, stdout: int) -> subprocess.CompletedProcess[str]:
    code = "import sys; from grader.cli import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=False,
    )


def test_a_reader_that_has_gone_ends_it_quietly() -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        done = run_real("schema", "report", stdout=write)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_full_disk_on_standard_output_is_told() -> None:
    with open("/dev/full", "w") as full:
        done = run_real("schema", "report", stdout=full.fileno())
    assert done.returncode == 3
    assert done.stderr == "grader: cannot write to standard output: No space left on device\n"


# --- grade ---------------------------------------------------------------------------------------


def test_grade_passes_and_fails(world: World) -> None:
    status, out, err = world.run("grade", "demo", world.student())
    assert (status, err) == (0, "")
    assert "score 5 of 5" in out
    status, out, _ = world.run("grade", "demo", world.student(BAD))
    assert status == 1
    assert "✗ does its work" in out
    assert world.backend.closed == 2


def test_what_was_asked_for_reaches_the_engine(world: World) -> None:
    world.run("grade", "demo", world.student(), "--seed", 81, "--case", "works", "--no-sanitize")
    world.run("grade", "demo", world.student(), "--seed", 82, "--no-trace", "--late")
    assert world.asked == [
        {"seed": 81, "cases": ("works",), "sanitize": False, "trace": True, "late": False},
        {"seed": 82, "cases": (), "sanitize": True, "trace": False, "late": True},
    ]


def test_a_schedule_is_replayed(world: World) -> None:
    point = Point("0.2", "demo", 0x1A3F, 2, FaultKind.EINTR)
    more = ("--seed", 81, "--case", "works", "--replay", str(point))
    assert world.run("grade", "demo", world.student(), *more)[0] == 0
    assert world.asked == [{"seed": 81, "case": "works", "point": point}]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--replay", "0@demo+1a#1"], "--replay plays one case: name it with --case"),
        (["--case", "works", "--replay", "demo"], "--replay: 'demo' is no point of a schedule; copy it from a report"),
        (["--case", "works", "--replay", "0@dmeo+1a#1"], "--replay: there is no program 'dmeo'; there is demo"),
        (
            ["--case", "works", "--replay", "0@demo+1a#1:eintrr"],
            "--replay: there is no fault 'eintrr'; there are eintr",
        ),
    ],
)
def test_what_is_no_point_is_told(world: World, arguments: list[str], told: str) -> None:
    status, out, err = world.run("grade", "demo", world.student(), *arguments)
    assert (status, out, world.asked) == (2, "", [])
    assert told in err


def test_a_replay_command_carries_the_options_without_which_it_would_do_something_else(
    world: World,
) -> None:
    failed = Finding("output", "no", replay="grader grade demo alice --seed 1")

    def grade(exercise: Exercise, submission: Submission, seed: int) -> Report:
        report = honest(exercise, submission, seed)
        return replace(report, items=tuple(replace(item, findings=(failed,)) for item in report.items))

    world.grade = grade
    _, out, _ = world.run("grade", "demo", world.student(BAD), "--sandbox", "fake", "--format", "json")
    replays = {finding["replay"] for item in json.loads(out)["items"] for finding in item["findings"]}
    assert replays == {"grader grade demo alice --seed 1 --sandbox fake"}


def test_other_files_are_noted_on_standard_error(world: World) -> None:
    write_tree(world.root / "alice", {"helper.c": "x"})
    status, _, err = world.run("grade", "demo", world.student())
    assert status == 0
    assert err == "grader: note: not graded: helper.c (demo takes demo.c)\n"


def test_json_is_one_document_and_nothing_else(world: World) -> None:
    status, out, err = world.run("grade", "demo", world.student(BAD), "--format", "json")
    document = json.loads(out)
    jsonschema.validate(document, SCHEMA)
    assert (status, err, document["verdict"], document["submission"]["name"]) == (1, "", "failed", "alice")


def no_sandbox(exercise: Exercise, submission: Submission, seed: int) -> Report:
    raise SandboxError("no sandbox can be used here")


def a_bug(exercise: Exercise, submission: Submission, seed: int) -> Report:
    raise ZeroDivisionError("a bug")


def told_by_report(exercise: Exercise, submission: Submission, seed: int) -> Report:
    return replace(honest(exercise, submission, seed), verdict=Verdict.ERROR, score=None, error="cut off")


@pytest.mark.parametrize(
    ("grade", "error"), [(no_sandbox, "no sandbox can be"), (a_bug, "internal error"), (told_by_report, "cut off")]
)
def test_json_without_a_grade_is_a_document_too(
    world: World, grade: Callable[[Exercise, Submission, int], Report], error: str
) -> None:
    world.grade = grade
    status, out, err = world.run("grade", "demo", world.student(), "--format", "json", "--seed", 5)
    document = json.loads(out)
    jsonschema.validate(document, SCHEMA)
    assert status == 3
    assert (document["verdict"], document["score"], document["seed"]) == ("error", None, 5)
    assert error in document["error"]
    assert error in err
    assert err.startswith("grader: ")


@pytest.mark.parametrize("arguments", [("dmeo", "x"), ("demo", "nowhere")])
def test_json_of_what_cannot_be_graded_as_given(world: World, arguments: tuple[str, str]) -> None:
    status, out, _ = world.run("grade", *arguments, "--format", "json")
    document = json.loads(out)
    jsonschema.validate(document, SCHEMA)
    assert (status, document["verdict"], document["exercise"]["id"]) == (2, "error", arguments[0])


@pytest.mark.parametrize("there", [False, True])
def test_a_page_is_written_beside_the_report(world: World, there: bool) -> None:
    page = world.root / "out" / "page.html"
    page.parent.mkdir()
    if there:
        page.write_text("an old one")
        page.chmod(0o640)
    status, out, err = world.run("grade", "demo", world.student(BAD), "--html", page)
    assert (status, err) == (1, "")
    assert "score 0 of 5" in out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert os.listdir(page.parent) == ["page.html"]
    assert page.stat().st_mode & 0o777 == (0o640 if there else 0o666 & ~current_umask())


def current_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_page_goes_where_a_link_leads_and_into_what_is_no_file(world: World) -> None:
    (world.root / "link.html").symlink_to(world.root / "real.html")
    assert world.run("grade", "demo", world.student(), "--html", world.root / "link.html")[0] == 0
    assert (world.root / "link.html").is_symlink()
    assert (world.root / "real.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert world.run("grade", "demo", world.student(), "--html", "/dev/null")[0] == 0
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize("name", ["nowhere/page.html", ".", "x" * 300, "evil\x1b[2J/x"])
def test_a_page_that_cannot_be_written_is_told_in_one_line_and_nothing_is_lost(world: World, name: str) -> None:
    status, out, err = world.run("grade", "demo", world.student(), "--html", world.root / name, "--format", "json")
    assert status == 2
    assert json.loads(out)["verdict"] == "passed"
    assert err.startswith(f"grader: cannot write {world.root}")
    assert err.count("\n") == 1
    assert "\x1b" not in err
    assert not list(world.root.rglob("*.partial"))


def test_an_old_page_stays_where_the_new_one_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    page = world.root / "page.html"
    page.write_text("an old one")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    status, _, err = world.run("grade", "demo", world.student(), "--html", page)
    assert (status, err) == (2, f"grader: cannot write {page}: no space left on device\n")
    assert page.read_text() == "an old one"
    assert not list(world.root.glob(".*"))


def test_a_page_tells_also_that_no_grade_was_given(world: World) -> None:
    world.grade = no_sandbox
    status, _, err = world.run("grade", "demo", world.student(), "--html", "page.html")
    assert status == 3
    assert "no sandbox can be used here" in (world.root / "page.html").read_text(encoding="utf-8")
    assert err.count("\n") == 1


def test_a_timeline_is_printed_below_the_report_where_there_is_one(world: World) -> None:
    status, out, _ = world.run("grade", "demo", world.student(BAD), "--timeline")
    assert status == 1
    assert out.splitlines()[-1].startswith("no timeline:")


def test_a_report_with_an_error_exits_3(world: World) -> None:
    world.grade = told_by_report
    status, out, _ = world.run("grade", "demo", world.student())
    assert status == 3
    assert "no grade was given" in out


def test_color_is_for_terminals_unless_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = world.student()
    assert "\x1b" not in world.run("grade", "demo", path)[1]
    assert "\x1b" in world.run("grade", "demo", path, "--color", "always")[1]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" in world.run("grade", "demo", path)[1]
    assert "\x1b" not in world.run("grade", "demo", path, "--color", "never")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in world.run("grade", "demo", path)[1]


def test_progress_is_told_only_at_a_terminal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    master, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as stderr, os.fdopen(master, "rb"):
        monkeypatch.setattr(sys, "stderr", stderr)
        assert cli.main(["grade", "demo", str(world.student())]) == 0
    assert callable(world.progress)


# --- list, show, start, schema ---------------------------------------------------------------------


def test_list_shows_what_there_is(world: World) -> None:
    status, out, _ = world.run("list")
    assert status == 0
    assert all(part in out for part in ("demo", "A demonstration", "pipes, fork", "●●○○○", "5"))


def test_list_shows_the_broken_ones_and_exits_2(world: World) -> None:
    world.broken["awry"] = SpecError(("awry/exercise.yaml:3: unknown key 'ponts'", "more"))
    status, out, err = world.run("list")
    assert status == 2
    assert "demo" in out
    assert "broken: awry/exercise.yaml:3:" in " ".join(out.split())
    assert "1 broken: awry" in err
    status, out, _ = world.run("list", "--format", "json")
    document = json.loads(out)
    assert status == 2
    assert [(one["id"], len(one["problems"])) for one in document["exercises"]] == [("demo", 0), ("awry", 2)]


def test_list_makes_the_table_of_a_readme(world: World) -> None:
    status, out, _ = world.run("list", "--format", "markdown")
    assert status == 0
    assert out.splitlines() == [
        "| # | exercise | what it is about | topics | level | after |",
        "|---|---|---|---|---|---|",
        "| 5 | [`demo`](exercises/demo/README.md) | A demonstration | pipes, fork | ●●○○○ |  |",
    ]


def test_the_readme_of_this_repository_has_the_table_of_its_exercises(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("<!-- the table: make readme -->\n")[2].partition("<!-- end of the table -->\n")[0]
    assert cli.main(["list", "--course", str(ROOT), "--format", "markdown"]) == 0
    assert table == capsys.readouterr().out, "make readme writes it anew"


def test_show_prints_the_statement(world: World) -> None:
    status, out, _ = world.run("show", "demo")
    assert (status, out) == (0, "# Demo\n\nHand in demo.c.\n")
    status, out, _ = world.run("show", "demo", "--color", "always")
    assert status == 0
    assert "to begin: grader start demo" in out
    assert "# Demo" not in out


def test_show_without_a_statement_is_a_spec_error(world: World) -> None:
    (world.exercise.root / "README.md").unlink()
    status, _, err = world.run("show", "demo")
    assert status == 2
    assert "README.md:1: the statement is missing" in err


def test_start_copies_what_a_student_needs(world: World) -> None:
    write_tree(world.exercise.root, {"given/demo.h": "int x;\n"})
    world.exercise = replace(world.exercise, given=("demo.h",))
    status, out, _ = world.run("start", "demo")
    assert status == 0
    assert sorted(path.name for path in Path("demo").iterdir()) == ["README.md", "demo.c", "demo.h"]
    assert Path("demo/demo.c").read_bytes() == (world.exercise.root / "starter/demo.c").read_bytes()
    assert "grader grade demo demo" in out


def test_start_never_overwrites_and_then_writes_nothing(world: World) -> None:
    write_tree(world.root / "mine", {"demo.c": "three hours of work"})
    status, out, err = world.run("start", "demo", "mine")
    assert (status, out) == (2, "")
    assert "mine already has demo.c: nothing was written" in err
    assert [path.name for path in Path("mine").iterdir()] == ["demo.c"]
    assert Path("mine/demo.c").read_text() == "three hours of work"


def test_start_does_not_write_through_a_dangling_link(world: World) -> None:
    Path("mine").mkdir()
    Path("mine/demo.c").symlink_to("../elsewhere.c")
    assert world.run("start", "demo", "mine")[0] == 2
    assert not Path("elsewhere.c").exists()


def test_start_into_what_is_a_file(world: World) -> None:
    write_tree(world.root, {"mine": "a file"})
    status, _, err = world.run("start", "demo", "mine")
    assert status == 2
    assert "cannot write to mine" in err


@pytest.mark.parametrize("of", ["report", "exercise", "config"])
def test_schemas_are_schemas(world: World, of: str) -> None:
    status, out, _ = world.run("schema", of)
    assert status == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(out))


# --- batch and verify --------------------------------------------------------------------------------


def test_batch_grades_writes_and_goes_on(world: World) -> None:
    write_tree(world.root / "in", {"alice/demo/demo.c": GOOD, "bob/demo/demo.c": BAD, "carol/dmeo/demo.c": GOOD})
    status, out, err = world.run("batch", "in", "-o", "out", "--jobs", 2)
    assert status == 0
    assert "2 submissions: 1 passed, 1 failed, 0 without a grade (0 were graded before)" in out
    assert "carol: no exercise is called dmeo" in err
    assert "/2] bob/demo failed 0/5" in err
    assert sorted(path.name for path in Path("out").iterdir()) == [".lock", "junit.xml", "reports", "results.csv"]
    assert Path("out/results.csv").read_text().splitlines()[2].startswith("bob,demo,failed,0,5,works tidy,")
    status, out, _ = world.run("batch", "in", "-o", "out")
    assert status == 0
    assert "(2 were graded before)" in out
    assert len(world.asked) == 2
    assert Path("out/results.csv").read_text().count("\n") == 3


def test_a_batch_without_some_grades_exits_3(world: World) -> None:
    write_tree(world.root / "in", {"alice/demo/demo.c": GOOD})
    world.grade = no_sandbox
    status, out, err = world.run("batch", "in", "-o", "out")
    assert status == 3
    assert "1 without a grade" in out
    assert "no grade for alice/demo: no sandbox can be used here" in err
    assert "alice,demo,error,,5," in Path("out/results.csv").read_text()


def test_ctrl_c_in_a_batch_keeps_what_is_done(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(world.root / "in", {"alice/demo/demo.c": GOOD, "bob/demo/demo.c": GOOD})
    shown: list[str] = []

    def interrupt_after_one(text: str) -> None:
        shown.append(text)
        if len(shown) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("grader.cli.batch.complain", interrupt_after_one)
    status, _, err = world.run("batch", "in", "-o", "out", "--jobs", 1)
    assert status == 130
    assert "interrupted: 1 of 2 are done and kept; run the same command again to go on" in err
    assert world.backend.closed == 1
    assert Path("out/reports/alice/demo.json").exists()


def test_verify_proves_a_sound_exercise(world: World) -> None:
    status, out, _ = world.run("verify", "demo", "--repeat", 2, "--load", 1, "--seed", 9)
    assert status == 0
    assert "  ✓ wrong/bad.c is caught every time by works (2 trials, 1 of them under load)" in out
    assert "again with the same seeds: --seed 9 --repeat 2 --load 1" in out
    assert "✗" not in out
    assert world.backend.closed == 1


def test_verify_names_what_does_not_hold(world: World) -> None:
    write_tree(world.exercise.root, {"reference/demo.c": BAD})
    status, out, _ = world.run("verify", "--repeat", 1, "--load", 0)
    assert status == 1
    assert "  ✗ reference compiles without warnings, and passes every time: it fails works" in out
    repeated, told = out.splitlines()[-2:]
    assert repeated.startswith("demo: ✗ reference compiles without warnings, and passes every time: it fails works")
    assert told.startswith("1 of 8 do not hold")


def test_verify_without_a_sandbox_exits_3(world: World) -> None:
    world.grade = no_sandbox
    status, out, _ = world.run("verify", "demo", "--repeat", 1, "--load", 0)
    assert status == 3
    assert "  ! reference" in out


def test_verify_tells_all_problems_of_a_broken_spec_and_exits_2(world: World) -> None:
    world.broken["awry"] = SpecError(("a:1: one", "a:2: two"))
    status, _, err = world.run("verify", "--repeat", 1, "--load", 0)
    assert status == 2
    assert "grader: a:1: one\ngrader: a:2: two\n" in err


# --- doctor and completion ---------------------------------------------------------------------------


def test_doctor_has_a_line_for_each_thing(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    class Sandboxes:
        @hookspecs.hookimpl
        def grader_backends(self, settings: SandboxSettings) -> list[Any]:
            return [world.backend]

    loading.load(()).register(Sandboxes())
    status, out, _ = world.run("doctor")
    assert status == 0, out
    for what in ("python", "gcc", "sanitizers", "cache", "course", "sandbox fake", "sandbox"):
        assert f"✓ {what}: " in out
    world.backend.reason = "user namespaces are switched off"
    status, out, _ = world.run("doctor")
    assert status == 3
    assert "sandbox fake: user namespaces are switched off" in out
    assert "✗ sandbox: none can be used" in out


def test_doctor_says_what_to_install() -> None:
    found = list(doctor.compilers(None))
    assert [item.well for item in found] == [False]
    assert "apt install gcc" in found[0].told
    assert "/nonexistent/gcc" in next(doctor.compilers("/nonexistent/gcc")).told


def complete(*words: str, current: str) -> list[str]:
    found = ShellComplete(cli.group, {}, "grader", "_X").get_completions(list(words), current)
    return [item.value for item in found]


def test_names_are_completed(world: World) -> None:
    assert complete(current="gr") == ["grade"]
    assert complete("grade", current="d") == ["demo"]
    assert complete("grade", "demo", "x", "--case", current="") == ["works"]
    assert complete("grade", "demo", "x", "--format", current="j") == ["json", "junit"]
    assert complete("grade", "demo", "x", "--format", current="h") == ["html"]
    assert "--html" in complete("grade", "demo", "x", current="--h")
    assert complete("grade", "demo", "x", "--sandbox", current="a") == ["auto"]
    assert complete("grade", "nowhere", "x", "--case", current="") == []


def test_a_failing_compiler_in_the_report_is_shown_as_the_student_knows_it(world: World) -> None:
    def uncompiled(exercise: Exercise, submission: Submission, seed: int) -> Report:
        build = BuildResult("plain", False, ("gcc", "demo.c"), "demo.c:1:1: error: expected ';'\n", 0.1)
        return replace(honest(exercise, submission, seed), verdict=Verdict.FAILED, builds=(build,), items=(), score=0.0)

    world.grade = uncompiled
    status, out, _ = world.run("grade", "demo", world.student())
    assert status == 1
    assert "demo.c:1:1: error: expected ';'" in out
