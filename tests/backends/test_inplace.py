"""The inplace sandbox: where it runs, what it says, what it keeps in, and that nothing is left of it.

Most of these need a place to try it in; this machine is told to be one (GRADER_INPLACE). Attacks are in tests/attacks.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from driver import landlock, procfs
from grader.backends.inplace import InplaceBackend, throwaway
from grader.cli.common import Course, open_course
from grader.model import Report, SandboxSettings
from grader.resources import sandbox_dir
from grader.submissions import read_submission
from grader.wire import Plan
from tests.sandbox.conftest import write_course, write_exercise

ORDINARY = os.geteuid() != 0
WALLS = landlock.version()

pytestmark = pytest.mark.skipif(ORDINARY and WALLS < landlock.SCOPES, reason="an ordinary user needs Landlock 6")


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[InplaceBackend]:
    """A backend that may run here."""
    monkeypatch.setenv("GRADER_INPLACE", "unprotected" if not WALLS else "anywhere")
    made = InplaceBackend(SandboxSettings(sandbox_dir()))
    try:
        if (why := made.unusable()).startswith("a submission could read"):
            pytest.skip(why)  # a checkout that is open to all, under /tmp
        yield made
    finally:
        made.close()


@pytest.fixture
def grade(tmp_path: Path, backend: InplaceBackend) -> Callable[..., Report]:
    """Grades main.c as an exercise of one case; then checks that the next submission is graded right."""
    if why := backend.unusable():
        pytest.skip(why)
    root = write_course(tmp_path / "course")
    names = iter(range(1000))

    def one(source: str, about: dict[str, Any]) -> Report:
        name = write_exercise(root, f"one-{next(names)}", about)
        course: Course = open_course(root)
        exercise = course.exercise(name)
        folder = tmp_path / name
        folder.mkdir()
        (folder / "main.c").write_text(source, encoding="utf-8")
        engine = course.engine(backend, exercise)
        return engine.grade(exercise, read_submission(exercise, folder), seed=1, sanitize=False)

    def run(source: str, about: dict[str, Any] | None = None) -> Report:
        report = one(source, about or {})
        right = '#include <stdio.h>\nint main(void)\n{\n    return puts("42") == EOF;\n}\n'
        after = one(right, {"steps": [{"start": {"main": ["./main"]}}, {"finish": {"main": {"stdout": "42\n"}}}]})
        assert after.verdict.value == "passed"
        return report

    return run


# --- where ------------------------------------------------------------------------------------


def test_a_directory_like_any_other_machine_is_no_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert throwaway(tmp_path) == ""


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (".dockerenv", ""),
        ("run/.containerenv", ""),
        ("autograder/run", ""),
        ("proc/1/environ", "HOME=/\0container=podman\0"),
        ("proc/1/cgroup", "4:memory:/kubepods/besteffort/pod1\n"),
        ("proc/self/mounts", "overlay / overlay rw,relatime 0 0\n"),
    ],
)
def test_containers_are_recognised(tmp_path: Path, file: str, content: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(content, encoding="ascii")
    assert throwaway(tmp_path)


def test_elsewhere_it_refuses_in_one_line_and_says_how_to_insist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADER_INPLACE", raising=False)
    monkeypatch.setattr("grader.backends.inplace.throwaway", lambda: "")
    why = InplaceBackend(SandboxSettings(sandbox_dir())).unusable()
    assert "GRADER_INPLACE=anywhere" in why
    assert "\n" not in why


def test_a_word_that_it_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADER_INPLACE", raising=False)
    monkeypatch.setattr("grader.backends.inplace.throwaway", lambda: "")
    settings = SandboxSettings(sandbox_dir(), options={"inplace": "everywhere"})
    assert "'everywhere'" in InplaceBackend(settings).unusable()


def test_what_it_cannot_defend_is_one_line(backend: InplaceBackend) -> None:
    assert backend.unusable() == ""
    assert "network" in backend.caveats
    assert "\n" not in backend.caveats


# --- who gets at what ---------------------------------------------------------------------------

HEAD = """#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
"""
TAIL = "    return 0;\n}\n"


def printed(line: str) -> dict[str, Any]:
    """An exercise whose program must print that line and exit with 0."""
    return {"steps": [{"start": {"main": ["./main"]}}, {"finish": {"main": {"stdout": f"{line}\n", "exit": 0}}}]}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("    int r = kill(getppid(), SIGKILL);\n", id="kill"),
        pytest.param("    int r = kill(getppid(), SIGSTOP);\n", id="stop"),
        pytest.param("    int r = (int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);\n", id="trace"),
        pytest.param(
            '    char path[64];\n    snprintf(path, sizeof path, "/proc/%d/mem", getppid());\n'
            "    int r = open(path, O_RDONLY);\n",
            id="memory",
        ),
        pytest.param(
            '    char path[64];\n    snprintf(path, sizeof path, "/proc/%d/environ", getppid());\n'
            "    int r = open(path, O_RDONLY);\n",
            id="environment",
        ),
        pytest.param(
            f'    int r = open("{sandbox_dir().parent}/exercises/fifo-reader/exercise.yaml", O_RDONLY);\n', id="course"
        ),
        pytest.param('    int r = open("/proc/self/exe", O_RDWR);\n', id="own-program"),
    ],
)
def test_nobody_reaches_the_driver_or_the_course(grade: Callable[..., Report], body: str) -> None:
    report = grade(HEAD + body + '    puts(r < 0 ? "refused" : "done");\n' + TAIL, printed("refused"))
    assert report.verdict.value == "passed", report


def test_two_programs_of_a_case_may_signal_each_other(grade: Callable[..., Report]) -> None:
    source = (
        "#include <signal.h>\n#include <stdlib.h>\n#include <unistd.h>\n"
        "int main(int argc, char *argv[])\n{\n"
        "    if (argc > 1)\n        return kill(atoi(argv[1]), SIGTERM);\n    pause();\n    return 0;\n}\n"
    )
    steps = [
        {"start": {"one": ["./main"]}},
        {"blocked": {"one": "signal"}},
        {"start": {"two": ["./main", "%{one.pid}"]}},
        {"finish": {"two": {"exit": 0}}},
        {"finish": {"one": {"signal": "SIGTERM"}}},
    ]
    assert grade(source, {"steps": steps}).verdict.value == "passed"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("    kill(-1, SIGKILL);\n    pause();\n", id="kill-everybody"),
        pytest.param("    for (;;)\n        fork();\n", id="fork-bomb"),
        pytest.param(
            "    if (fork() == 0) {\n        setsid();\n        if (fork() == 0)\n            for (;;)\n"
            "                pause();\n        _exit(0);\n    }\n    wait(NULL);\n",
            id="daemon",
        ),
        pytest.param(
            "    if (fork() == 0) {\n        setsid();\n        prctl(PR_SET_DUMPABLE, 0);\n        for (;;)\n"
            "            pause();\n    }\n",
            id="daemon-not-to-be-looked-at",
        ),
        pytest.param(
            "    for (;;) {\n        if (fork() != 0)\n            _exit(0);\n        setsid();\n    }\n",
            id="respawner",
        ),
    ],
)
def test_who_goes_wild_fails_and_is_ended(grade: Callable[..., Report], body: str) -> None:
    about = {"limits": {"cpu": "2s", "wall": "10s"}, "steps": printed("")["steps"]}
    report = grade(HEAD + body + TAIL, about)
    assert report.verdict.value == "failed", report
    assert report.error == ""


def test_who_kills_the_nursery_harms_itself_alone(grade: Callable[..., Report]) -> None:
    if not ORDINARY:
        pytest.skip("root has none")
    steps = [
        {"start": {"one": ["./main"]}},
        {"finish": {"one": {}}},
        {"start": {"two": ["./main"]}},
        {"finish": {"two": {}}},
    ]
    report = grade(
        HEAD + "    for (int pid = getpid(); pid > 2; pid--)\n        kill(pid - 1, SIGKILL);\n" + TAIL,
        {"steps": steps},
    )
    assert report.verdict.value == "failed", report


# --- afterwards -----------------------------------------------------------------------------------


@pytest.fixture
def base(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where sandboxes are made, by nobody but this test. Asked for before `backend`."""
    made = Path(tempfile.mkdtemp(dir="/var/tmp"))
    made.chmod(0o711)
    monkeypatch.setenv("TMPDIR", str(made))
    yield made
    made.rmdir()


def test_nothing_is_left_when_the_grader_is_killed(base: Path) -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom grader.backends.inplace import InplaceBackend\n"
        "from grader.model import SandboxSettings\nfrom grader.wire import Plan\n"
        f"backend = InplaceBackend(SandboxSettings(Path({str(sandbox_dir())!r})))\n"
        "sandbox = backend.open()\nlist(sandbox.run(Plan((), ())))\n"
        "print(backend._mother.pid, flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as grader:
        assert grader.stdout is not None
        mother = int(grader.stdout.readline())
        assert list(base.iterdir()) != []
        grader.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while (seen := procfs.stat(mother)) is not None and seen.living and time.monotonic() < deadline:
        time.sleep(0.01)
    assert seen is None or not seen.living
    assert list(base.iterdir()) == []


def test_a_driver_that_is_killed_is_ours_and_the_next_sandbox_works(backend: InplaceBackend) -> None:
    assert backend.unusable() == ""
    sandbox = backend.open()
    list(sandbox.run(Plan((), ())))
    os.kill(sandbox.pid, signal.SIGKILL)
    with pytest.raises(Exception, match="driver died"):
        list(sandbox.run(Plan((), ())))
    sandbox.close()
    again = backend.open()
    list(again.run(Plan((), ())))
    again.close()


def test_one_at_a_time(base: Path, backend: InplaceBackend) -> None:
    """The lock is held until a sandbox is cleaned away: its directory is gone by then."""
    assert backend.unusable() == ""
    for _ in range(3):
        sandbox = backend.open()
        assert len(list(base.iterdir())) == 1
        list(sandbox.run(Plan((), ())))
        sandbox.close()
    backend.open().close()
    backend.close()
    assert list(base.iterdir()) == []
