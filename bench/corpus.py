"""The corpus of small programs, wrong and right, through the whole grader: `python -m bench.corpus`.

    python -m bench.corpus [CORPUS] [--runs N] [--load N] [--flags -O2] [--cpus 0] [--sandbox NAME] [--only TEXT]

CORPUS (our own, tests/corpus, if none is named) has race/{bad,ok}/*.c and stuck/{dead,live}/*.c, each a program by
itself, and race/u.h; the first line of a program of ours says what is wrong, or why it is right. Each is the submission
of an exercise that starts it, expects that it ends with status 0, and searches schedules. A wrong one must fail in
every run, a right one in none. What is remembered between gradings is switched off. Of the dead ones it is also told
after how many milliseconds they were known to be.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from grader import config, engine, hookimpl, plugins, spec
from grader.model import CaseSpec, Exercise, Report, Submission, Verdict
from grader.submissions import digest_of
from grader.verify import cpu_load
from grader.wire import CaseObservation, Ended

COURSE = Path(__file__).resolve().parent.parent
OWN = COURSE / "tests" / "corpus"
# One for each family of calls, wrong and right: those that the test suite plays, and `make bench` shows.
SHORT = (
    *("bad/read_before_lock", "bad/semaphore_of_two", "bad/condition_without_state", "bad/split_section"),
    *("bad/snprintf_in_handler", "bad/order_of_three_locks", "bad/message_before_data"),
    *("ok/condition_producer_consumer", "ok/robust_mutex", "ok/poll_tells", "ok/self_pipe", "ok/fences"),
    *("ok/two_semaphores_in_one_call", "ok/stdio_over_pipes", "dead/sibling_write_end", "live/interval_timer"),
)
# What a right one of the corpus prints is its own affair, but for wrong ones that do nothing worse than that.
PRINTS = {"b25_atomic_load_store": "4\n"}
# Started as two programs at once, with these arguments.
PAIRS = {"o35_two_programs": (("w",), ("r",))}


@dataclass(frozen=True)
class Program:
    """One program of the corpus. wrong: whether it must fail."""

    name: str
    source: Path
    kind: str  # race or stuck
    wrong: bool

    @property
    def place(self) -> str:
        """Where it lies in its corpus, for example race/bad/nolock."""
        return "/".join(self.source.with_suffix("").parts[-3:])


def programs(corpus: Path) -> Iterator[Program]:
    """All of a corpus, in order."""
    for kind, folder, wrong in (
        ("race", "bad", True),
        ("race", "ok", False),
        ("stuck", "dead", True),
        ("stuck", "live", False),
    ):
        for source in sorted((corpus / kind / folder).glob("*.c")):
            yield Program(source.stem, source, kind, wrong)


def _text(program: Program) -> bytes:
    """The source, which finds the header beside it here."""
    return re.sub(rb'"[./a-z]*/u\.h"', b'"u.h"', program.source.read_bytes())


def exercise_folder(root: Path, program: Program, corpus: Path) -> Path:
    """An exercise whose submission is one program."""
    folder = root / "exercises" / program.name.replace("_", "-").lower()
    for name in ("given", "reference"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "given" / "u.h").write_bytes((corpus / "race" / "u.h").read_bytes())
    (folder / "reference" / "main.c").write_bytes(_text(program))
    starts = PAIRS.get(program.name, ((),))
    names = ["main"] if len(starts) == 1 else [f"main{number}" for number in range(1, len(starts) + 1)]
    expected = {"exit": 0, **({"stdout": PRINTS[program.name]} if program.name in PRINTS else {})}
    steps: list[dict[str, object]] = [
        {"start": {name: ["./main", *argv]}} for name, argv in zip(names, starts, strict=True)
    ]
    steps += [{"finish": {name: expected}} for name in names]
    case = {"id": "runs", "title": "runs to its end", "points": 1, "leaves": ["*"], "steps": steps}
    (folder / "exercise.yaml").write_text(
        yaml.safe_dump(
            {
                "format": 1,
                "title": program.name,
                "submit": ["main.c"],
                "given": ["u.h"],
                "build": {"main": {"sources": ["main.c"], "flags": ["-lrt"]}},
                "limits": {"processes": 100},
                "schedules": "search" if program.kind == "race" else [],
                "cases": [{**case, "because": "It must.", "hint": "What holds it?"}],
            }
        ),
        encoding="utf-8",
    )
    return folder


class Recorder:
    """Keeps what the driver told of each plain case."""

    def __init__(self) -> None:
        self.seen: list[CaseObservation] = []

    @hookimpl
    def grader_check_case(self, case: CaseSpec, observation: CaseObservation) -> Sequence[object]:  # noqa: ARG002
        self.seen.append(observation)
        return ()


class Corpus:
    """A course of one exercise for each program, and the engine that grades it."""

    def __init__(self, corpus: Path, root: Path, flags: Sequence[str], sandbox: str) -> None:
        self.corpus, self.root = corpus, root
        settings = {"format": 1, "exercises": ["exercises"], "flags": ["-std=gnu17", "-g", "-w", "-pthread", *flags]}
        (root / "exercises").mkdir()
        (root / "grader.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        self.config = replace(config.load_config(root, root), plugins=(COURSE / "plugins",))
        self.manager = plugins.load(self.config.plugins)
        self.recorder = Recorder()
        self.manager.register(self.recorder)
        self.backend = engine.choose_backend(self.manager.hook, self.config.sandbox, sandbox)
        self.engine = engine.Engine(self.manager.hook, self.config, self.backend)

    def exercise(self, program: Program) -> Exercise:
        """The exercise that a program is the submission of."""
        return spec.load_exercise(exercise_folder(self.root, program, self.corpus), None, self.config.limits)

    def grade(self, exercise: Exercise, program: Program, seed: int) -> Report:
        """Grade it once."""
        files = {"main.c": _text(program)}
        submission = Submission(program.name, program.source, files, digest_of(files))
        return self.engine.grade(exercise, submission, seed=seed, sanitize=False)


def _told(report: Report) -> str:
    """What failed, shortly: the checks that found something."""
    found = [finding for item in report.items for finding in item.findings if finding.verdict is Verdict.FAILED]
    found += [finding for finding in report.findings if finding.verdict is Verdict.FAILED]
    return " ".join(sorted({str(finding.data.get("kind", finding.check)) for finding in found})) or "nothing"


@dataclass
class Outcome:
    """What some gradings of one program came to."""

    program: Program
    runs: int
    failed: int
    seconds: float  # of each
    told: Counter[str]

    @property
    def wrong_verdicts(self) -> int:
        """How often it should have been told otherwise."""
        return abs(self.failed - (self.runs if self.program.wrong else 0))


def play(corpus: Corpus, program: Program, runs: int, decided: list[float]) -> Outcome:
    """Grade one program some times; what it took to decide that it is dead goes into `decided`."""
    exercise = corpus.exercise(program)
    told: Counter[str] = Counter()
    failed, began = 0, time.monotonic()
    for seed in range(runs):
        corpus.recorder.seen.clear()
        report = corpus.grade(exercise, program, seed)
        failed += report.verdict is Verdict.FAILED
        told[_told(report) if report.verdict is not Verdict.ERROR else f"OURS {report.error[:80]}"] += 1
        plain = [one for one in corpus.recorder.seen if one.build == "plain"]
        decided += [one.seconds for one in plain if one.ended is Ended.STUCK and program.kind == "stuck"]
    return Outcome(program, runs, failed, (time.monotonic() - began) / runs, told)


def table(title: str, outcomes: Sequence[Outcome], decided: Sequence[float]) -> Table:
    """What came of each, and in the end how soon those that were dead were known to be."""
    made = Table(title=title)
    for heading in ("", "must", "failed", "s", "what failed"):
        made.add_column(heading, justify="right" if heading in ("failed", "s") else "left")
    for one in outcomes:
        words = ", ".join(f"{what} ({count})" if count < one.runs else what for what, count in one.told.most_common())
        mark = " ✗" if one.wrong_verdicts else ""
        must = "fail" if one.program.wrong else "pass"
        made.add_row(one.program.name, must, f"{one.failed}/{one.runs}{mark}", f"{one.seconds:.2f}", words)
    made.caption = f"wrong verdicts: {sum(one.wrong_verdicts for one in outcomes)}"
    if decided:
        median, most = (round(seconds * 1000) for seconds in (statistics.median(decided), max(decided)))
        made.caption += f"; dead after {median} ms (median), {most} ms at the most, in {len(decided)} cases"
    return made


def short(runs: int) -> Table:
    """The short corpus, for `make bench`."""
    decided: list[float] = []
    with tempfile.TemporaryDirectory(prefix="grader-corpus-") as name:
        corpus = Corpus(OWN, Path(name), ["-O1"], "local")
        try:
            chosen = [program for program in programs(OWN) if program.place.partition("/")[2] in SHORT]
            outcomes = [play(corpus, program, runs, decided) for program in chosen]
        finally:
            corpus.backend.close()
    return table(f"a short corpus of programs, {runs} runs each (python -m bench.corpus: all)", outcomes, decided)


def main() -> int:
    """Entry of the command."""
    parser = argparse.ArgumentParser(prog="python -m bench.corpus")
    parser.add_argument("corpus", nargs="?", type=Path, default=OWN)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--load", type=int, default=0, help="so many CPU hogs beside")
    parser.add_argument("--flags", default="-O1", help="of the compiler")
    parser.add_argument("--cpus", default="", help="only these processors, for example 0")
    parser.add_argument("--sandbox", default="local")
    parser.add_argument("--only", default="", help="programs whose place has this, for example race/ok/mutex")
    given = parser.parse_args()
    if given.cpus:
        os.sched_setaffinity(0, {int(cpu) for cpu in given.cpus.split(",")})
    if not given.corpus.is_dir():
        print(f"there is no corpus {given.corpus}", file=sys.stderr)
        return 2
    outcomes: list[Outcome] = []
    decided: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="grader-corpus-") as name,
        cpu_load(given.load) if given.load else contextlib.nullcontext(),
    ):
        corpus = Corpus(given.corpus, Path(name), given.flags.split(), given.sandbox)
        try:
            chosen = [program for program in programs(given.corpus) if given.only in program.place]
            outcomes = [play(corpus, program, given.runs, decided) for program in chosen]
        finally:
            corpus.backend.close()
    title = f"{given.corpus.name}: {given.runs} runs each, {given.flags}, {given.load} hogs, {given.sandbox}"
    Console(width=140 if not sys.stdout.isatty() else None).print(table(title, outcomes, decided))
    return 1 if any(one.wrong_verdicts for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
