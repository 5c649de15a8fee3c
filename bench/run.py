"""Measures the grader on this machine, and sets the figures beside their targets: `make bench`.

    python -m bench.run [--runs N]

Everything is a median of interleaved runs, so that a machine that gets slower or faster meanwhile does so
for all. Exits with 0 also where a target is missed: figures are told, not enforced.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import corpus, course, docker, floor
from bench.cpu import Clock, clock
from grader import config, engine, hookimpl, planning, plugins, resources, spec
from grader.backends.local import LocalBackend
from grader.model import Backend, CaseSpec, Exercise, Style
from grader.submissions import read_submission, with_excerpts
from grader.wire import BuildObservation, BuildPlan, CaseObservation, CasePlan, Ended, Finish, Limits, Plan, Start

COURSE = Path(__file__).resolve().parent.parent
MEASURED = "fifo-reader"
STUCK = (("shm-counter", "no-setval.c"), ("fifo-reader", "opens-read-write.c"))
RATIO, HELP, STUCK_MORE = 1.3, 0.150, 0.250
_PAIRS = 3  # of floor and grade, for each run of the others
_AFTER = 0.015  # seconds


class Recorder:
    """A plugin that keeps what the driver told of each build and case."""

    def __init__(self) -> None:
        self.builds: list[BuildObservation] = []
        self.seen: list[CaseObservation] = []

    @hookimpl
    def grader_check_build(self, build: BuildObservation) -> Iterable[Any]:
        self.builds.append(build)
        return ()

    @hookimpl
    def grader_check_case(self, case: CaseSpec, observation: CaseObservation) -> Iterable[Any]:  # noqa: ARG002
        self.seen.append(observation)
        return ()

    def take(self) -> list[CaseObservation]:
        seen, self.seen, self.builds = self.seen, [], []
        return seen


@dataclass
class Series:
    """Wall and CPU seconds of repeated runs of one thing."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self, clock: Clock, action: Callable[[], object], *, after: float = 0.0) -> None:
        """after: seconds in which CPU time still counts to it: a sandbox comes down, the next one is made ready."""
        used, began = clock(), time.perf_counter()
        action()
        self.wall.append(time.perf_counter() - began)
        time.sleep(after)
        self.cpu.append(clock() - used)

    def over(self, base: Series) -> tuple[float, float]:
        """Ratios of wall and CPU time to that of another one, of which each run was followed by one of this.

        Medians of the pairs: this machine may be half as fast a second later.
        """
        pairs = (zip(self.wall, base.wall, strict=True), zip(self.cpu, base.cpu, strict=True))
        wall, cpu = (statistics.median(one / other for one, other in pair) for pair in pairs)
        return wall, cpu


class Bench:
    """One course, opened once, and a warm sandbox: as `grader batch` has them."""

    def __init__(self) -> None:
        self.config = config.load_config(COURSE, COURSE)
        self.manager = plugins.load(self.config.plugins)
        self.recorder = Recorder()
        self.manager.register(self.recorder)
        self.backend: Backend = engine.choose_backend(self.manager.hook, self.config.sandbox, "local")
        self.engine = engine.Engine(self.manager.hook, self.config, self.backend)
        offered = [item for items in self.manager.hook.grader_report_formats() for item in items]
        self.text = next(item for item in offered if item.name == "text")
        folders = spec.find_exercises(self.config.exercises)
        self.exercises = {slug: spec.load_exercise(path, None, self.config.limits) for slug, path in folders.items()}

    def grade(self, exercise: Exercise, path: Path, *, sanitize: bool = False, seed: int = 1) -> None:
        submission = read_submission(exercise, path)
        # What schedules and faults cost, course.tracing tells.
        report = self.engine.grade(exercise, submission, seed=seed, sanitize=sanitize, trace=False)
        self.text.render(with_excerpts(report, submission), Style())

    def plans(self, exercise: Exercise, seed: int) -> tuple[CasePlan, ...]:
        return tuple(planning.plan_case(exercise, case, build=planning.PLAIN, seed=seed)[0] for case in exercise.cases)

    def play(self, *cases: CasePlan) -> list[CaseObservation]:
        """Cases that start programs of the system, straight through a sandbox."""
        sandbox = self.backend.open()
        try:
            seen = sandbox.run(Plan((BuildPlan(planning.PLAIN, (), (), Limits()),), cases))
            return [observation for observation in seen if isinstance(observation, CaseObservation)]
        finally:
            sandbox.close()

    def clone(self) -> None:
        """A sandbox from nothing but the zygote, its empty plan, and its end."""
        assert isinstance(self.backend, LocalBackend)
        sandbox = self.backend._fresh()
        try:
            list(sandbox.run(Plan((), ())))
        finally:
            sandbox.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the grader on this machine.")
    parser.add_argument("--runs", type=int, default=15, metavar="N", help="runs of each measurement [15]")
    runs = parser.parse_args().runs
    faulthandler.dump_traceback_later(900, exit=True)
    console = Console(width=max(100, shutil.get_terminal_size((100, 40)).columns), highlight=False)
    with clock() as (cpu, counted):
        bench = Bench()
        try:
            load, version = os.getloadavg()[0], sys.version.split()[0]
            console.print(
                f"{os.cpu_count()} CPUs, load {load:.1f}, Python {version}, {runs} runs; CPU time: {counted}\n"
            )
            console.print(*grading(bench, cpu, runs), sep="\n")
            console.print(command_line(runs))
            console.print(stuck(bench, runs))
            console.print(course.references(bench.engine, bench.exercises, min(runs, 5)))
            console.print(course.tracing(bench.engine, bench.exercises, min(runs, 5)))
            console.print(sandboxes(bench, runs))
            console.print(corpus.short(min(runs, 3)))
            measured = bench.exercises[MEASURED]
            console.print(docker.table(bench.config, bench.engine, measured, runs))
        finally:
            bench.backend.close()
    return 0


# --- grading against the floor ----------------------------------------------------------------


def grading(bench: Bench, cpu: Clock, runs: int) -> list[Table]:
    exercise = bench.exercises[MEASURED]
    reference = exercise.root / "reference"
    submission = read_submission(exercise, reference)
    build = planning.plan_build(exercise, submission, bench.config)
    cases = bench.plans(exercise, 1)
    base, graded, beside, sanitized, command = Series(), Series(), Series(), Series(), Series()
    spent: list[floor.Spent] = []
    seen: list[list[CaseObservation]] = []
    builds: list[float] = []
    grader = str(Path(sys.executable).parent / "grader")
    argv = [grader, "grade", MEASURED, str(reference), "--no-sanitize", "--no-trace"]
    floor.play(build, cases)
    bench.grade(exercise, reference)
    bench.recorder.take()
    for _ in range(runs):
        for _ in range(_PAIRS):
            base.run(cpu, lambda: spent.append(floor.play(build, cases)), after=_AFTER)
            graded.run(cpu, lambda: bench.grade(exercise, reference), after=_AFTER)
            builds.append(sum(one.seconds for one in bench.recorder.builds))
            seen.append(bench.recorder.take())
        beside.run(cpu, lambda: floor.play(build, cases), after=_AFTER)
        sanitized.run(cpu, lambda: bench.grade(exercise, reference, sanitize=True), after=_AFTER)
        bench.recorder.take()
        command.run(cpu, lambda: _quietly(argv))
    made = Table(title=f"grading the {MEASURED} reference ({len(cases)} cases)", title_justify="left")
    for heading in ("", "wall", "CPU", "wall / floor", "CPU / floor", "target"):
        made.add_column(heading, justify="left" if not heading else "right")
    for name, series, other, target in (
        ("floor: gcc, the same processes and bytes", base, base, 0.0),
        ("grade, in a running process", graded, base, RATIO),
        ("grade with the sanitized build", sanitized, beside, 0.0),
        ("one-shot command, --no-sanitize --no-trace", command, beside, 0.0),
    ):
        wall, used = (statistics.median(values) for values in (series.wall, series.cpu))
        ratios = series.over(other)
        told = _told(max(ratios) <= target, f"≤ {target}") if target else ""
        made.add_row(name, _ms(wall), _ms(used), f"{ratios[0]:.2f}", f"{ratios[1]:.2f}", told)
    return [made, _shares(exercise, spent, seen, builds, graded.wall)]


def _shares(
    exercise: Exercise,
    spent: list[floor.Spent],
    seen: list[list[CaseObservation]],
    builds: list[float],
    walls: list[float],
) -> Table:
    """Where the wall time goes, phase by phase, beside the floor's."""
    made = Table(title="where its wall time goes", title_justify="left")
    for heading in ("", "floor", "grade", "more"):
        made.add_column(heading, justify="left" if not heading else "right")
    rows = [("build", statistics.median(one.build for one in spent), statistics.median(builds))]
    for case in exercise.cases:
        ours = statistics.median(one.seconds for run in seen for one in run if one.id == case.id)
        rows.append((case.id, statistics.median(one.cases[case.id] for one in spent), ours))
    phases = zip(walls, builds, seen, strict=True)
    rest = statistics.median(wall - build - sum(one.seconds for one in run) for wall, build, run in phases)
    rows.append(("sandbox, plan, wire, checks, score, report", 0.0, rest))
    for name, base, ours in rows:
        made.add_row(name, _ms(base), _ms(ours), _ms(ours - base))
    return made


# --- the command line -------------------------------------------------------------------------


def command_line(runs: int) -> Table:
    series = Series()
    argv = [str(Path(sys.executable).parent / "grader"), "--help"]
    for _ in range(runs):
        series.run(time.process_time, lambda: _quietly(argv))
    wall = statistics.median(series.wall)
    made = Table(title="command line", title_justify="left")
    for heading in ("", "wall", "target"):
        made.add_column(heading, justify="left" if not heading else "right")
    made.add_row("grader --help", _ms(wall), _told(wall <= HELP, f"≤ {_ms(HELP)}"))
    return made


def _quietly(argv: list[str]) -> None:
    # With compiled modules, as everybody has them from the second time on.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(argv, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


# --- stuck ------------------------------------------------------------------------------------


def stuck(bench: Bench, runs: int) -> Table:
    made = Table(title="stuck cases: seconds of the case, right and stuck", title_justify="left")
    for heading in ("", "right", "stuck", "more", "target"):
        made.add_column(heading, justify="left" if not heading else "right")
    ends, waits = (_plain_case(argv) for argv in (("true",), ("sleep", "infinity")))
    pairs = [(bench.play(ends)[0], bench.play(waits)[0]) for _ in range(runs)]
    if all(wait.ended is Ended.STUCK for _, wait in pairs):
        right, wrong = (statistics.median(one.seconds for one in some) for some in zip(*pairs, strict=True))
        made.add_row("a program that ends at once, and one that waits for ever", *_beside(right, wrong))
    else:
        made.add_row("a program that waits for ever", "", f"ended: {pairs[0][1].ended.value}", "", "✗")
    for slug, name in STUCK:
        exercise = bench.exercises[slug]
        wrong_source = exercise.root / "wrong" / name
        good: dict[str, list[float]] = {}
        bad: dict[str, list[float]] = {}
        for _ in range(max(3, runs // 3)):
            bench.grade(exercise, exercise.root / "reference")
            for one in bench.recorder.take():
                good.setdefault(one.id, []).append(one.seconds)
            bench.grade(exercise, wrong_source)
            for one in bench.recorder.take():
                if one.ended is Ended.STUCK:
                    bad.setdefault(one.id, []).append(one.seconds)
        for case, seconds in bad.items():
            made.add_row(f"{slug}/wrong/{name}: {case}", *_beside(*map(statistics.median, (good[case], seconds))))
    return made


def _plain_case(argv: tuple[str, ...]) -> CasePlan:
    return CasePlan("plain", planning.PLAIN, (Start("program", argv), Finish("program")), Limits())


def _beside(right: float, wrong: float) -> tuple[str, str, str, str]:
    more = wrong - right
    return _ms(right), _ms(wrong), _ms(more), _told(more <= STUCK_MORE, f"≤ {_ms(STUCK_MORE)}")


# --- sandboxes --------------------------------------------------------------------------------


def sandboxes(bench: Bench, runs: int) -> Table:
    """The time until a driver could take its first plan, and all is gone again."""
    driver = f"import sys; sys.path[:0] = [{str(COURSE)!r}, {str(resources.sandbox_dir())!r}]; import driver.session"
    python = [sys.executable, "-I", "-c", driver]
    spaces = ["--user", "--map-root-user", "--mount", "--pid", "--ipc", "--net", "--uts", "--cgroup", "--fork"]
    unshare = ["unshare", *spaces, "--mount-proc", "--"]
    bwrap = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    ways: list[tuple[str, Callable[[], object]]] = [
        ("clone of the warm zygote, root and mounts made, first answer", bench.clone),
        ("the same, made ready while another was used", bench.play),
        ("unshare, nothing mounted, /bin/true", lambda: _quietly([*unshare, "true"])),
        ("unshare, nothing mounted, a Python driver imported", lambda: _quietly([*unshare, *python])),
    ]
    if shutil.which("bwrap"):
        ways.append(("bwrap, /bin/true", lambda: _quietly([*bwrap, "true"])))
        ways.append(("bwrap, a Python driver imported", lambda: _quietly([*bwrap, *python])))
    made = Table(title="one sandbox, opened and closed", title_justify="left")
    for heading in ("", "wall"):
        made.add_column(heading, justify="left" if not heading else "right")
    series = [Series() for _ in ways]
    for _ in range(runs):
        for (_, action), one in zip(ways, series, strict=True):
            with contextlib.suppress(subprocess.CalledProcessError):  # refused on this machine: told below
                one.run(time.process_time, action)
    for (name, _), one in zip(ways, series, strict=True):
        made.add_row(name, _ms(statistics.median(one.wall)) if one.wall else "refused here")
    if not shutil.which("bwrap"):
        made.add_row("bwrap", "not installed")
    return made


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _told(met: bool, target: str) -> str:
    return f"{'✓' if met else '✗'} {target}"


if __name__ == "__main__":
    sys.exit(main())
