"""Small exercises, reports and engines that tests of several modules share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.model import (
    BuildResult,
    CaseSpec,
    CheckSpec,
    Exercise,
    Finding,
    ItemResult,
    Program,
    Report,
    Submission,
    Verdict,
)
from grader.wire import Limits

GOOD = "int main(void) { return 0; } /* good */\n"
BAD = "int main(void) { return 1; } /* bad */\n"
UNDONE = "int main(void) { return 2; } /* to do */\n"


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def an_exercise(root: Path, *, submit: tuple[str, ...] = ("demo.c",), slug: str = "demo") -> Exercise:
    """A complete folder with one case and one scored check, and the Exercise that a loader makes of it."""
    first = submit[0]
    folder = root / slug
    rest = {f"{part}/{name}": GOOD for part in ("starter", "reference") for name in submit[1:]}
    write_tree(
        folder,
        {
            "exercise.yaml": "format: 1\n",
            "README.md": f"# Demo\n\nHand in {', '.join(submit)}.\n",
            "DESIGN.md": "why\n",
            f"starter/{first}": UNDONE,
            f"reference/{first}": GOOD,
            f"wrong/bad{'.c' if len(submit) == 1 else '/' + first}": BAD,
            **rest,
        },
    )
    return Exercise(
        slug=slug,
        root=folder,
        source=folder / "exercise.yaml",
        title="A demonstration",
        teaches=("pipes", "fork"),
        difficulty=2,
        order=5,
        submit=submit,
        programs=(Program("demo", submit),),
        limits=Limits(),
        cases=(CaseSpec("works", "does its work", 4.0, (), "work matters.", "Work."),),
        checks={"tidy": CheckSpec("tidy", "leaves nothing", 1.0, "tidiness matters.", "Unlink.")},
        wrong={"bad.c" if len(submit) == 1 else "bad": ("works",)},
    )


def a_report(
    exercise: Exercise, submission: Submission, seed: int, *, failing: Mapping[str, str] | None = None
) -> Report:
    """A report in which the items of `failing` (id -> message) failed."""
    failing = failing or {}
    items = []
    for name, title, kind, points in (
        *((case.id, case.title, "case", case.points) for case in exercise.cases),
        *((check.name, check.title, "check", check.points) for check in exercise.checks.values()),
    ):
        findings = (Finding("output", failing[name], hint="Look again."),) if name in failing else ()
        verdict = Verdict.FAILED if findings else Verdict.PASSED
        items.append(
            ItemResult(name, title, kind, verdict, 0.0 if findings else points, points, findings, seconds=0.25)
        )
    return Report(
        exercise=exercise.slug,
        title=exercise.title,
        submission=submission.name,
        digest=submission.digest,
        verdict=Verdict.FAILED if failing else Verdict.PASSED,
        score=sum(item.points for item in items),
        max_score=exercise.points,
        seed=seed,
        sandbox="fake",
        version="0.1.0",
        builds=(BuildResult("plain", True, ("gcc", *exercise.submit), "", 0.1),),
        items=tuple(items),
        seconds=0.5,
    )


def honest(exercise: Exercise, submission: Submission, seed: int) -> Report:
    """Grades by the comments in the source: 'good' passes, anything else fails everything."""
    good = all(b"good" in content for content in submission.files.values())
    failing = {} if good else {"works": "it exited with status 1", "tidy": "it left a FIFO"}
    return a_report(exercise, submission, seed, failing=failing)


@dataclass
class Grading:
    """A grade function that remembers what it was asked."""

    answer: Callable[[Exercise, Submission, int], Report] = honest
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, exercise: Exercise, submission: Submission, seed: int) -> Report:
        self.asked.append((submission.name, seed))
        return self.answer(exercise, submission, seed)
