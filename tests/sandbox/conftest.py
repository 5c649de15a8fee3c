"""A tiny course in a temporary directory, and one sandbox backend that grades everything in it.

GRADER_TEST_SANDBOX=docker (or inplace) in the environment plays all of it there instead of on `local`.

A behaviour is a folder of tests/sandbox/cases: main.c, and expected.yaml, which says what its cases are
(as exercise.yaml does) and what must be told of them:

  cases: [{id, steps, limits, ...}]   by default one, `main`: start main, finish it
  limits, flags, values, checks:      as in exercise.yaml
  sanitize: true                      also grade the sanitized build
  schedules, faults:                  as in exercise.yaml
  expect: {case: {...}}               of each case, by default of `main`:
    checks: [stuck]                   the checks that fail, no more and no fewer; [] for none
    some: [a, b]                      in place of checks, where it is a matter of luck: at least one of these
    says: [text, ...]                 each is in a finding's message, seen text, details or locations
  checks, some, says                  short for expect: {main: {checks, some, says}}
  leaves: [{kind, name, facts}]       what the census finds, no more and no less
  only: [local]                       the sandboxes of which it is true; by default all
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from driver import procfs
from grader.backends.docker import owners
from grader.backends.docker.backend import DockerBackend
from grader.backends.local import LocalBackend
from grader.cli.common import Course, open_course
from grader.engine import choose_backend
from grader.errors import SandboxError
from grader.model import Backend, ItemResult, Report, Style
from grader.submissions import read_submission

SANDBOX = os.environ.get("GRADER_TEST_SANDBOX", "local")
ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "grader" / "report_schema.json").read_text(encoding="utf-8"))
CASES = Path(__file__).parent / "cases"
CLEAN = ["-std=gnu17", "-g", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
RIGHT = "int main(void)\n{\n    return 0;\n}\n"
_OTHERS = ("because", "hint", "title", "points")


def write_course(root: Path) -> Path:
    """A course with the repository's plugins and no exercise yet."""
    (root / "exercises").mkdir(parents=True)
    settings = {"format": 1, "plugins": [str(ROOT / "plugins")], "flags": CLEAN, "sandbox": SANDBOX}
    (root / "grader.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    return root


def write_exercise(course: Path, name: str, about: Mapping[str, Any], reference: str = RIGHT) -> str:
    """An exercise of one program, `main`, from what about says of its cases; returns its name."""
    cases = about.get("cases") or [{"id": "main", **{key: about[key] for key in ("steps", "values") if key in about}}]
    spec = {
        "format": 1,
        "title": "A behaviour",
        "submit": ["main.c"],
        "build": {"main": "main.c"},
        "flags": about.get("flags", []),
        "limits": about.get("limits", {}),
        "sanitize": "all" if about.get("sanitize") else "none",
        **{key: about[key] for key in ("schedules", "faults") if key in about},
        "cases": [
            {
                "steps": [{"start": {"main": ["./main"]}}, {"finish": {"main": {}}}],
                **dict.fromkeys(_OTHERS, "words"),
                "points": 1,
                **case,
            }
            for case in cases
        ],
    }
    folder = course / "exercises" / name
    (folder / "reference").mkdir(parents=True)
    (folder / "reference" / "main.c").write_text(reference, encoding="utf-8")
    (folder / "exercise.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    return name


@dataclass
class World:
    """The course, and the backend that all tests of a session share."""

    root: Path
    course: Course
    backend: Backend
    made: set[str] = field(default_factory=set)

    def grade(
        self, name: str, about: Mapping[str, Any], source: Path | str, *, seconds: float = 60.0, late: bool = False
    ) -> Report:
        """Grade main.c (a folder, or the text of it) as the exercise that about describes.

        seconds: a guard against a hang, never a measurement. late: see CasePlan.
        """
        name = name.replace("_", "-")
        if name not in self.made:
            self.made.add(write_exercise(self.root, name, about))
            self.course = open_course(self.root)  # it lists its exercises once
        exercise = self.course.exercise(name)
        if isinstance(source, str):
            folder = self.root / f"{name}-submission"
            folder.mkdir(exist_ok=True)
            (folder / "main.c").write_text(source, encoding="utf-8")
            source = folder
        submission = read_submission(exercise, source)
        engine = self.course.engine(self.backend, exercise)
        guard = threading.Timer(seconds, self.backend.close)
        guard.start()
        try:
            report = engine.grade(exercise, submission, seed=1, sanitize=bool(about.get("sanitize")), late=late)
        finally:
            guard.cancel()
        check_rendering(self.course, report)
        return report

    def assert_works(self) -> None:
        """The next submission on the same backend is graded right, and nobody is left."""
        about = {"steps": [{"start": {"main": ["./main"]}}, {"finish": {"main": {"stdout": "42\n"}}}]}
        right = '#include <stdio.h>\nint main(void)\n{\n    return puts("42") == EOF;\n}\n'
        wrong = right.replace("42", "41")
        assert self.grade("right", about, right).verdict.value == "passed"
        assert [item.verdict.value for item in self.grade("wrong", about, wrong).items] == ["failed"]
        self.assert_nobody_left()

    def assert_nobody_left(self) -> None:
        """Nothing that the backend made is left (what is killed takes a moment to come down).

        But for what waits for the next submission: one process, which has no children, or some containers.
        """
        deadline = time.monotonic() + 30
        while (left := self._left()) and time.monotonic() < deadline:
            time.sleep(0.002)
        assert left == []

    def _left(self) -> list[str]:
        if isinstance(self.backend, DockerBackend):
            return self._containers(self.backend)
        if not isinstance(self.backend, LocalBackend):
            return []
        spare = self.backend._spare
        waiting = spare.pid if spare is not None else 0
        return [found for found in survivors(self.zygote) if found.split()[0] != str(waiting)]

    @staticmethod
    def _containers(backend: DockerBackend) -> list[str]:
        """Those of this process, if there are more than its pool may keep ready or be making."""
        assert backend._operation is not None
        mine = owners.labels()[owners.OWNER]
        found = [container.id for container in owners.held(backend._operation.client) if container.owner == mine]
        return found if len(found) > backend._settings.jobs + 1 else []

    @property
    def zygote(self) -> int:
        assert isinstance(self.backend, LocalBackend)
        assert self.backend._zygote is not None
        return self.backend._zygote.pid


def survivors(zygote: int) -> list[str]:
    """Living processes that a zygote made: its children, or whoever has one of its uids (confine.identity)."""
    first = 0x70000000 + 2 * ((zygote % (1 << 22)) * 64)
    found = []
    for pid in procfs.pids():
        stat = procfs.stat(pid)
        try:
            owner = os.stat(f"/proc/{pid}").st_uid
        except OSError:
            continue
        if stat is not None and stat.state not in "ZX" and (stat.ppid == zygote or first <= owner < first + 128):
            found.append(f"{pid} {stat.comm} {stat.state}")
    return found


def check_rendering(course: Course, report: Report) -> None:
    """The JSON report is what docs/report.md says, and every other format can be rendered."""
    for form in course.formats().values():
        text = form.render(report, Style())
        assert "\x1b" not in text, form.name
        assert "\x00" not in text, form.name
    document = json.loads(course.formats()["json"].render(report, Style()))
    jsonschema.validate(document, SCHEMA)


def told(item: ItemResult) -> str:
    """Everything that the findings of an item say."""
    parts: list[str] = []
    for finding in item.findings:
        parts += [finding.message, finding.seen or "", *finding.details, *(str(place) for place in finding.locations)]
    return "\n".join(parts)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = write_course(tmp_path_factory.mktemp("course"))
    course = open_course(root)
    try:
        backend = choose_backend(course.plugins.hook, course.config.sandbox, SANDBOX)
    except SandboxError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    yield World(root, course, backend)
    backend.close()
