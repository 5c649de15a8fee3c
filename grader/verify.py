"""Proofs about an exercise: it accepts every right solution and rejects every wrong one, every time.

The story: `trials` lists which solutions are graded, how often and with which seeds; someone
grades them (some while `cpu_load` keeps the processors busy); `judge` turns the reports into proofs,
next to those of `examine`, which only reads the folder. All but cpu_load is free of side effects.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from grader.errors import GraderError
from grader.model import Exercise, Finding, Report, Submission, Verdict
from grader.submissions import SubmissionError, printable, read_solution

KNOWN = frozenset(
    {
        "exercise.yaml",
        "README.md",
        "DESIGN.md",
        "starter",
        "reference",
        "wrong",
        "right",
        "given",
        "drive.py",
        "plugin.py",
        "__pycache__",
    }
)
NEEDED = ("README.md", "DESIGN.md", "starter", "reference", "wrong")

_BUILDS = ("plain", "sanitized", "traced")  # in the order of their price
_LUCK = 20  # times that the plain build may catch by chance what it has missed before

# Ends by itself when whoever started it has gone, however that ended.
_HOG = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(10**6):\n        pass\n"


class Role(Enum):
    """What a solution in the exercise's folder is there for."""

    STARTER = "starter"
    REFERENCE = "reference"
    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True)
class Solution:
    """One solution of the exercise's folder. path: relative to it. fault: why it cannot be graded."""

    role: Role
    path: str
    submission: Submission | None
    fault: str = ""


@dataclass(frozen=True)
class Scope:
    """How much of an exercise is played: these cases (all, if empty), and the sanitized and traced builds or not.

    late: before each step the driver waits until the programs have come as far as they can.
    """

    cases: frozenset[str] = frozenset()
    sanitize: bool = True
    trace: bool = True
    late: bool = False


WHOLE = Scope()
PLAIN_FIRST = Scope(sanitize=False, trace=False)
LATE = Scope(sanitize=False, trace=False, late=True)  # fails where a case needs a step to come before something else


@dataclass(frozen=True)
class Trial:
    """One grading of one solution. loaded: while the processors are kept busy."""

    exercise: Exercise
    solution: Solution
    seed: int
    loaded: bool
    scope: Scope = WHOLE


@dataclass(frozen=True)
class Tried:
    """A trial and its report; None where the sandbox or the grader failed, and `error` says how."""

    trial: Trial
    report: Report | None
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Proof:
    """One claim about an exercise. verdict: PASSED it holds, FAILED it does not, ERROR it could not be tried."""

    claim: str
    verdict: Verdict
    why: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim is proven."""
        return self.verdict is Verdict.PASSED


def _proof(claim: str, problems: Sequence[str]) -> Proof:
    return Proof(claim, Verdict.FAILED if problems else Verdict.PASSED, "; ".join(problems))


# --- what is proven by reading -----------------------------------------------------------------


def examine(exercise: Exercise) -> list[Proof]:
    """The proofs that need no grading."""
    return [
        _proof("nothing is missing and nothing is stray in the folder", [*_missing(exercise), *_stray(exercise)]),
        _proof("the statement names every file to hand in", _unmentioned(exercise)),
        _proof("every case and check says why it matters and gives a hint", _unexplained(exercise)),
        _proof("the spec says of every wrong solution where it is caught", _unmapped(exercise)),
    ]


def _missing(exercise: Exercise) -> list[str]:
    return [f"{name} is missing" for name in NEEDED if not (exercise.root / name).exists()]


def _stray(exercise: Exercise) -> list[str]:
    root = exercise.root
    stray = [path.name for path in sorted(root.iterdir()) if path.name not in KNOWN]
    sources = {source for program in exercise.programs if program.partner for source in program.sources}
    expected = {
        "starter": {*exercise.submit, "Makefile"},
        "reference": {*exercise.submit, *sources},
        "given": {*exercise.given},
    }
    for name, known in expected.items():
        if (root / name).is_dir():
            stray += [f"{name}/{path.name}" for path in sorted((root / name).iterdir()) if path.name not in known]
    return [f"{printable(name)} does not belong there" for name in stray]


def _unmentioned(exercise: Exercise) -> list[str]:
    try:
        statement = (exercise.root / "README.md").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [f"README.md cannot be read: {error}"]
    return [f"README.md does not mention {name}" for name in exercise.submit if name not in statement]


def _unexplained(exercise: Exercise) -> list[str]:
    items = [(case.id, case.because, case.hint) for case in exercise.cases]
    items += [(check.name, check.because, check.hint) for check in exercise.checks.values()]
    made: list[str] = []
    for name, because, hint in items:
        lacks = [word for word, text in (("because", because), ("hint", hint)) if not text.strip()]
        if lacks:
            made.append(f"{name} has no {' and no '.join(lacks)}")
    return made


def _unmapped(exercise: Exercise) -> list[str]:
    there = {path.name for path in _entries(exercise.root / "wrong")}
    items = {case.id for case in exercise.cases}
    made = [f"wrong/{printable(name)} is not in the spec" for name in sorted(there - set(exercise.wrong))]
    made += [f"wrong/{name} does not exist" for name in exercise.wrong if name not in there]
    made += [f"wrong/{name} names nothing that must catch it" for name, by in exercise.wrong.items() if not by]
    return made if items else [*made, "there is no case"]


# --- what is proven by grading -------------------------------------------------------------------


def solutions(exercise: Exercise) -> list[Solution]:
    """Every solution in the folder: starter, reference, right ones, wrong ones."""
    root = exercise.root
    made = [_solution(exercise, role, root / role.value) for role in (Role.STARTER, Role.REFERENCE)]
    made += [_solution(exercise, Role.RIGHT, path) for path in _entries(root / "right")]
    made += [_solution(exercise, Role.WRONG, root / "wrong" / name) for name in exercise.wrong]
    return made


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.name != "__pycache__")
    except OSError:
        return []


def _solution(exercise: Exercise, role: Role, path: Path) -> Solution:
    name = path.relative_to(exercise.root).as_posix()
    try:
        submission = replace(read_solution(exercise, path), name=name)
    except (SubmissionError, OSError) as error:
        return Solution(role, name, None, str(error))
    return Solution(role, name, submission)


def trials(exercise: Exercise, *, repeat: int, loaded: bool, seed: int) -> list[Trial]:
    """Which solutions to grade, with which seeds.

    The starter once; the reference and right ones `repeat` times, as often again under load, once with a late driver;
    each wrong one `repeat` times, the latter half of them under load. Every repetition has
    a seed of its own, all drawn from `seed`.
    """
    draw = random.Random(f"{seed}/{exercise.slug}")  # noqa: S311  # to replay, not to be secret
    made: list[Trial] = []
    for solution in solutions(exercise):
        if solution.submission is None:
            continue
        if solution.role is Role.STARTER:
            loads = [False]
        elif solution.role is Role.WRONG:
            loads = [loaded and number >= (repeat + 1) // 2 for number in range(repeat)]
        else:
            loads = [False] * repeat + [True] * (repeat if loaded else 0)
        made += [Trial(exercise, solution, draw.randrange(1_000_000), load) for load in loads]
        if solution.role in (Role.REFERENCE, Role.RIGHT):
            made.append(Trial(exercise, solution, draw.randrange(1_000_000), loaded=False, scope=LATE))
    return made


def first_trials(every: Iterable[Trial]) -> list[Trial]:
    """The first trial of each solution: played whole, it shows where a wrong one is caught."""
    firsts: dict[tuple[str, str], Trial] = {}
    for trial in every:
        firsts.setdefault((trial.exercise.slug, trial.solution.path), trial)
    return list(firsts.values())


def narrowed(trial: Trial, first: Tried) -> Trial:
    """A repetition of a wrong solution plays only where the spec says that it is caught.

    That is all that the repetition has to prove, and it makes hundreds of them affordable. Where the plain build is
    enough the first time and not the second, the others are asked, too: see attempt().
    """
    if trial.solution.role is not Role.WRONG or first.report is None:
        return trial
    targets = trial.exercise.wrong[Path(trial.solution.path).name]
    cases: set[str] = set()
    builds: set[str] = set()
    for target in targets:
        found = [pair for pair in _found(first.report) if target in (pair[0], pair[1].check)]
        if not found:
            return trial
        first_build = min((pair[1].build for pair in found), key=_BUILDS.index)
        builds.add(first_build)
        cases |= {case for case, finding in found if finding.build == first_build}
    return replace(trial, scope=Scope(frozenset(cases), sanitize="sanitized" in builds, trace="traced" in builds))


def _found(report: Report) -> list[tuple[str, Finding]]:
    """(case id, finding) of everything that failed in some case."""
    return [
        (str(finding.data.get("case", item.id)) if item.kind == "check" else item.id, finding)
        for item in report.items
        for finding in item.findings
        if finding.verdict is Verdict.FAILED
    ]


def _graded(
    trial: Trial, submission: Submission, grade: Callable[[Exercise, Submission, int, Scope], Report]
) -> Report:
    """The report on a trial. A wrong solution that the plain build shows to be wrong needs no further one.

    Where it does not, it is for the others to catch it. If the plain build does so the second time, that is luck, which
    says nothing of the others: once more, until it is out of luck again.
    """
    scope = trial.scope
    if trial.solution.role is not Role.WRONG:
        return grade(trial.exercise, submission, trial.seed, scope)
    report = grade(trial.exercise, submission, trial.seed, PLAIN_FIRST if scope == WHOLE else scope)
    targets = trial.exercise.wrong[Path(trial.solution.path).name]
    missed = [target for target in targets if not caught(report, target)]
    if not missed or report.verdict is Verdict.ERROR or (scope != WHOLE and scope.trace):
        return report
    for _ in range(_LUCK):
        whole = grade(trial.exercise, submission, trial.seed, WHOLE)
        if not any(
            target in (case, found.check) and found.build == _BUILDS[0]
            for case, found in _found(whole)
            for target in missed
        ):
            return whole
    return report


def attempt(trial: Trial, grade: Callable[[Exercise, Submission, int, Scope], Report]) -> Tried:
    """Grade one trial; a failure of ours becomes its error."""
    assert trial.solution.submission is not None
    try:
        report = _graded(trial, trial.solution.submission, grade)
    except GraderError as error:
        return Tried(trial, None, str(error))
    if report.verdict is Verdict.ERROR:
        return Tried(trial, None, report.error or "the sandbox or the grader failed", report.seconds)
    return Tried(trial, report, "", report.seconds)


def judge(exercise: Exercise, tried: Iterable[Tried]) -> list[Proof]:
    """The proofs that come of all trials of an exercise."""
    tried = list(tried)
    made: list[Proof] = []
    for solution in solutions(exercise):
        own = [one for one in tried if one.trial.solution.path == solution.path]
        made.append(_judge_solution(exercise, solution, own))
    made.append(_judge_coverage(exercise, [one for one in tried if one.trial.solution.role is Role.WRONG]))
    return made


def _judge_coverage(exercise: Exercise, wrong: Sequence[Tried]) -> Proof:
    failed = {item for one in wrong for item in failed_items(one.report)}
    items = [*(case.id for case in exercise.cases), *exercise.checks]
    unfailed = [f"{item} is failed by none" for item in items if item not in failed]
    proof = _proof("every case and scored check is failed by some wrong solution", unfailed)
    if unfailed and any(one.report is None for one in wrong):
        return Proof(proof.claim, Verdict.ERROR, "some wrong solutions could not be graded")
    return proof


_CLAIMS: Mapping[Role, str] = {
    Role.STARTER: "{path} compiles without warnings, and fails",
    Role.REFERENCE: "{path} compiles without warnings, and passes every time",
    Role.RIGHT: "{path} passes every time",
    Role.WRONG: "{path} is caught every time by {by}",
}


def _judge_solution(exercise: Exercise, solution: Solution, tried: Sequence[Tried]) -> Proof:
    by = " and ".join(exercise.wrong.get(Path(solution.path).name, ()))
    claim = _CLAIMS[solution.role].format(path=solution.path, by=by or "nothing")
    if solution.submission is None:
        return Proof(claim, Verdict.FAILED, solution.fault)
    broken = [one for one in tried if one.report is None]
    if broken or not tried:
        why = f"{broken[0].error} (seed {broken[0].trial.seed})" if broken else "was not tried"
        return Proof(claim, Verdict.ERROR, f"{len(broken)} of {len(tried)} trials could not be graded: {why}")
    objections = [(one, _objection(exercise, one)) for one in tried]
    bad = [(one, why) for one, why in objections if why]
    if not bad:
        loads = sum(one.trial.loaded for one in tried)
        under = f", {loads} of them under load" if loads else ""
        return Proof(claim, Verdict.PASSED, f"{len(tried)} {'trial' if len(tried) == 1 else 'trials'}{under}")
    one, why = bad[0]
    load = " (under load)" if one.trial.loaded else ""
    return Proof(claim, Verdict.FAILED, f"{why}{load}; in {len(bad)} of {len(tried)} trials; {replay(one.trial)}")


def replay(trial: Trial) -> str:
    """The command that shows it again."""
    path = printable(os.path.relpath(trial.exercise.root / trial.solution.path))
    late = " --late" if trial.scope.late else ""
    return f"replay: grader grade {trial.exercise.slug} {path} --seed {trial.seed}{late}"


def _objection(exercise: Exercise, tried: Tried) -> str:
    """Why a report is not what it must be; "" if it is."""
    report, role = tried.report, tried.trial.solution.role
    assert report is not None
    plain = [build for build in report.builds if build.name == "plain"]
    if role is Role.WRONG:
        targets = exercise.wrong[Path(tried.trial.solution.path).name]
        return _missed(report, targets)
    if role in (Role.STARTER, Role.REFERENCE):
        if any(not build.ok for build in plain):
            return f"it does not compile: {_first(plain[0].diagnostics)}"
        warned = next((build for build in plain if build.diagnostics.strip()), None)
        if warned is not None:
            return f"the compiler warns: {_first(warned.diagnostics)}"
    if role is Role.STARTER:
        return "it passes" if report.verdict is Verdict.PASSED else ""
    if report.verdict is Verdict.PASSED:
        return ""
    late = ", where each step waits until the programs have come as far as they can" if tried.trial.scope.late else ""
    return f"it fails {_failures(report)}{late}"


def _missed(report: Report, targets: Sequence[str]) -> str:
    if any(not build.ok for build in report.builds if build.name == "plain"):
        return "it does not compile"
    missed = [target for target in targets if not caught(report, target)]
    if not missed:
        return ""
    where = _failures(report) if report.verdict is Verdict.FAILED else "it passes"
    return f"{' and '.join(missed)} did not catch it ({where})"


def caught(report: Report, target: str) -> bool:
    """Whether a case of this id, or a check of this name, found something."""
    if target in failed_items(report):
        return True
    findings = [*report.findings, *(finding for item in report.items for finding in item.findings)]
    return any(
        finding.verdict is Verdict.FAILED and target in (finding.check, finding.data.get("case"))
        for finding in findings
    )


def failed_items(report: Report | None) -> set[str]:
    """Ids of the items that failed."""
    return {item.id for item in report.items if item.verdict is Verdict.FAILED} if report else set()


def _failures(report: Report) -> str:
    parts = [
        f"{item.id}: {item.findings[0].message}" if item.findings else item.id
        for item in report.items
        if item.verdict is Verdict.FAILED
    ]
    parts += [finding.message for finding in report.findings]
    return ", ".join(parts[:3]) or report.verdict.value


def _first(text: str) -> str:
    lines = [line for line in text.splitlines() if ": warning: " in line or "error: " in line]
    return (lines or text.strip().splitlines() or [""])[0]


# --- load ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def cpu_load(hogs: int) -> Iterator[None]:
    """Keep so many processors busy for the time; whatever happens, none is left running."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(hogs):
            running.append(subprocess.Popen([sys.executable, "-I", "-S", "-c", _HOG], stdin=subprocess.DEVNULL))  # noqa: PERF401  # those that started are killed
        yield
    finally:
        for hog in running:
            hog.kill()
        for hog in running:
            hog.wait()
