"""One batch of all attacks for each backend that this machine has, shared by all tests and workers of a run.

GRADER_TEST_SANDBOXES=local,docker says which backends are tried; the suite run as root and as an ordinary user makes
`local` two of them. GRADER_ATTACK_SUMMARY=FILE has the figures written to a file.
"""

from __future__ import annotations

import dataclasses
import fcntl
import functools
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.world import ROOT, Host, Outcome, surroundings

BACKENDS = ("local", "docker")
_TEST = re.compile(r"test_attacks\.py::test_attack\[(\w+)-(\w+)\]")


def chosen() -> list[str]:
    """The backends that are to be tried."""
    named = os.environ.get("GRADER_TEST_SANDBOXES", "")
    return [name for name in BACKENDS if not named or name in named.split(",")]


@functools.cache
def unusable(backend: str) -> str:
    """Why a backend cannot be tried here; empty where it can: it grades the exercise's own reference."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom grader.cli.common import open_course\n"
        "from grader.errors import SandboxError, UsageError\n"
        "course = open_course(Path(sys.argv[1]))\n"
        "try:\n    with course.backend(sys.argv[2]):\n        pass\n"
        "except (SandboxError, UsageError) as error:\n    print(error)\n    sys.exit(3)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT / "tests/attacks/course"), backend],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode not in (0, 3):
        raise RuntimeError(done.stderr)
    return "" if done.returncode == 0 else done.stdout.strip() or "unusable"


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The outcome of the batch on a backend: whoever asks first has it run, the others wait for that."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    @functools.cache
    def outcome(backend: str) -> Outcome:
        needed = os.environ.get("CI") and (backend == "local" or os.geteuid() == 0)
        if (why := unusable(backend)) and needed:
            pytest.fail(why)
        if why:
            pytest.skip(why)
        kept = shared / f"attacks-{backend}.json"
        with (shared / f"attacks-{backend}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                made = Host(shared / f"attacks-{backend}").batch(backend)
                kept.write_text(json.dumps(dataclasses.asdict(made), default=str), encoding="utf-8")
        stored = json.loads(kept.read_text(encoding="utf-8"))
        stored["root"] = Path(stored["root"])
        stored["right"] = [tuple(pair) for pair in stored["right"]]
        return Outcome(**stored)

    return outcome


@pytest.fixture(params=chosen())
def backend(request: pytest.FixtureRequest) -> str:
    """The name of a backend."""
    name: str = request.param
    return name


@pytest.fixture
def outcome(backend: str, outcomes: Any) -> Outcome:
    """What became of the attacks on the backend."""
    made: Outcome = outcomes(backend)
    return made


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """N tried, M through, for each backend."""
    tried: Counter[str] = Counter()
    through: Counter[str] = Counter()
    for status in ("passed", "failed"):
        for report in terminalreporter.stats.get(status, ()):
            match = _TEST.search(getattr(report, "nodeid", ""))
            if match and report.when == "call":
                tried[match[1]] += 1
                through[match[1]] += status == "failed"
    user = "root" if os.geteuid() == 0 else "an ordinary user"
    for name in sorted(tried):
        terminalreporter.write_line(f"attacks on {name} as {user}: {tried[name]} tried, {through[name]} through")
    file = os.environ.get("GRADER_ATTACK_SUMMARY")
    if file and tried:
        figures = {name: {"tried": tried[name], "through": through[name]} for name in sorted(tried)}
        Path(file).write_text(json.dumps(figures) + "\n", encoding="utf-8")
