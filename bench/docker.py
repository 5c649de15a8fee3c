"""The Docker sandbox beside the local one: a pooled grade, a cold one, and a hundred in a row.

CPU time is the whole machine's (/proc/stat): what the engine spends is nobody's child of ours.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from rich.table import Table

from bench.cpu import machine
from grader import engine, plugins
from grader.backends.docker import owners
from grader.backends.docker.backend import DockerBackend
from grader.config import Config
from grader.engine import Engine
from grader.errors import SandboxError
from grader.model import Exercise, Report, Verdict
from grader.submissions import read_submission

POOLED, COLD = 1.3, 0.8
_MANY, _AT_ONCE = 100, 2


def table(config: Config, local: Engine, exercise: Exercise, runs: int) -> Table:
    """local: an engine on the local sandbox, warm."""
    hook = plugins.load(config.plugins).hook  # without the bench's recorder, whose memory grows
    made = Table(title=f"the {exercise.slug} reference in containers", title_justify="left")
    for heading in ("", "wall", "CPU of the machine", "beside local", "target"):
        made.add_column(heading, justify="left" if not heading else "right")
    backend = DockerBackend(replace(config.sandbox, jobs=_AT_ONCE))
    if reason := backend.unusable():
        made.add_row(f"not measured: {reason}")
        return made
    try:
        docker = Engine(hook, config, backend)
        here, pooled, cold = _Series(), _Series(), _Series()
        for _ in range(runs):
            here.run(lambda: _grade(local, exercise))
            _until_full(backend)
            pooled.run(lambda: _grade(docker, exercise))
        for _ in range(max(3, runs // 3)):
            alone = DockerBackend(replace(config.sandbox, jobs=1))
            cold.run(lambda alone=alone: _grade_and_close(hook, config, alone, exercise))  # type: ignore[misc]
        base = here.wall()
        made.add_row("local", *here.told(), "", "")
        made.add_row(
            "docker, pooled",
            *pooled.told(),
            f"{pooled.wall() / base:.2f}",
            _mark(pooled.wall() / base <= POOLED, f"≤ {POOLED}"),
        )
        more = cold.wall() - base
        made.add_row(
            "docker, cold: connected, started, removed",
            *cold.told(),
            f"+{more:.2f} s",
            _mark(more <= COLD, f"≤ +{COLD} s"),
        )
        made.add_row(*_many(docker, backend, exercise))
    except SandboxError as error:
        made.add_row(f"ended: {error}")
    finally:
        backend.close()
    return made


class _Series:
    """Wall and CPU seconds of repeated runs of one thing."""

    def __init__(self) -> None:
        self._walls: list[float] = []
        self._used: list[float] = []

    def run(self, action: Callable[[], object]) -> None:
        used, began = machine(), time.perf_counter()
        action()
        self._walls.append(time.perf_counter() - began)
        self._used.append(machine() - used)

    def wall(self) -> float:
        return statistics.median(self._walls)

    def told(self) -> tuple[str, str]:
        return f"{self.wall() * 1000:.0f} ms", f"{statistics.mean(self._used) * 1000:.0f} ms"


def _grade(chosen: Engine, exercise: Exercise) -> Report:
    submission = read_submission(exercise, exercise.root / "reference")
    report = chosen.grade(exercise, submission, seed=1, sanitize=False, trace=False)
    if report.verdict is not Verdict.PASSED:
        raise SandboxError(f"the reference did not pass: {report.error or report.verdict.value}")
    return report


def _grade_and_close(hook: object, config: Config, backend: DockerBackend, exercise: Exercise) -> None:
    try:
        if reason := backend.unusable():
            raise SandboxError(reason)
        _grade(engine.Engine(hook, config, backend), exercise)
    finally:
        backend.close()


def _until_full(backend: DockerBackend) -> None:
    """A pooled grade is one that finds its container ready; how fast they come is the last row's matter."""
    assert backend._operation is not None
    backend._operation.pool.await_full()


def _many(docker: Engine, backend: DockerBackend, exercise: Exercise) -> tuple[str, ...]:
    """A hundred submissions, two at a time: throughput, memory of this process, containers left."""
    with ThreadPoolExecutor(_AT_ONCE) as workers:  # what is kept for good is there after the first few
        list(workers.map(lambda _: _grade(docker, exercise), range(_MANY // 5)))
    gc.collect()
    before, used, began = _resident(), machine(), time.perf_counter()
    with ThreadPoolExecutor(_AT_ONCE) as workers:
        list(workers.map(lambda _: _grade(docker, exercise), range(_MANY)))
    seconds, spent = time.perf_counter() - began, machine() - used
    gc.collect()
    grown = (_resident() - before) / 1024
    assert backend._operation is not None
    client, mine = backend._operation.client, owners.labels()[owners.OWNER]
    backend._operation.pool.close()
    left = [found for found in owners.held(client) if found.owner == mine]
    name = f"{_MANY} submissions, {_AT_ONCE} at a time: {_MANY / seconds:.1f} a second"
    return (
        f"{name}; {len(left)} containers left; the grader's memory grew by {grown:.1f} MiB",
        f"{seconds / _MANY * 1000:.0f} ms each",
        f"{spent / _MANY * 1000:.0f} ms each",
        "",
        _mark(not left and grown < 8, "none left, memory flat"),
    )


def _resident() -> int:
    """KiB of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def _mark(met: bool, target: str) -> str:
    return f"{'✓' if met else '✗'} {target}"
