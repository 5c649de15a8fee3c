"""The same program earns the same in every sandbox: verdicts, points and checks do not depend on where it ran."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GRADER = Path(sys.executable).parent / "grader"
# Those of `make demo`, and one of each other kind of ending.
PROGRAMS = (
    "shm-counter/reference/shm_counter.c",
    "shm-counter/wrong/no-rmid.c",
    "shm-counter/wrong/no-setval.c",
    "fifo-reader/wrong/opens-read-write.c",
    "sig-counter/right/self-pipe.c",
    "sig-counter/wrong/spins-at-end.c",
)


def grade(program: str, sandbox: str) -> dict[str, Any]:
    slug = program.partition("/")[0]
    argv = [str(GRADER), "grade", slug, str(ROOT / "exercises" / program), "--sandbox", sandbox, "--seed", "7"]
    done = subprocess.run([*argv, "--format", "json"], cwd=ROOT, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(done.stdout)
    return {
        "status": done.returncode,
        "verdict": report["verdict"],
        "score": report["score"],
        "items": [
            (item["id"], item["verdict"], item["points"], sorted(finding["check"] for finding in item["findings"]))
            for item in report["items"]
        ],
    }


@functools.cache
def docker_is_missing() -> str:
    """Why the docker sandbox cannot be tried; in CI that is a failure for root, who could have it."""
    done = subprocess.run([GRADER, "sandbox", "build"], cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


@pytest.mark.timeout(300)
@pytest.mark.parametrize("program", PROGRAMS)
def test_docker_and_local_agree(program: str) -> None:
    if why := docker_is_missing():
        if os.environ.get("CI") and os.geteuid() == 0:
            pytest.fail(why)
        pytest.skip(why)
    assert grade(program, "docker") == grade(program, "local")
