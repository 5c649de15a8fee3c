"""Grades DIR/STUDENT/EXERCISE/files in parallel, and can be run again until all is graded.

The story: `find_jobs` walks the directory; `run` grades what is missing or changed, each
submission ending as one JSON report, written atomically the moment it is known; `entries` reads
those reports back, for the files about the whole batch. The stored reports are the only memory:
a batch that was killed loses at most what was running.

An error of ours is tried once more in a fresh sandbox. If it comes again the report says so, has
no score, and the next run grades that submission again. One bad submission never stops a batch.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import itertools
import json
import os
import queue
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from grader import __version__, wire
from grader.errors import GraderError, UsageError
from grader.model import BatchEntry, BatchReport, Exercise, Report, Submission, Verdict
from grader.submissions import (
    SubmissionError,
    fault_digest,
    printable,
    read_submission,
    refused,
    with_excerpts,
)

T = TypeVar("T")
R = TypeVar("R")

SCHEMA = "grader.report/1"
NAME_LIMIT = 200  # bytes of a file name that is made from a student's
# What in an exercise's folder has no say in how a submission is graded.
_NOT_GRADING = {"README.md", "DESIGN.md", "starter", "wrong", "right", "__pycache__"}

Grade = Callable[[Exercise, Submission, int], Report]


class ResultsError(GraderError):
    """The results cannot be written (a full disk): ours; what was written before is kept."""

    exit_status = 3


@dataclass(frozen=True)
class Job:
    """One submission to grade. target: where its report is kept."""

    student: str
    exercise: str
    path: Path
    target: Path

    @property
    def name(self) -> str:
        """STUDENT/EXERCISE, safe to print."""
        return f"{printable(self.student)}/{self.exercise}"


@dataclass(frozen=True)
class Settings:
    """How a batch is run. seed None: whatever seed a kept report had is good, new ones get fresh_seed."""

    jobs: int
    fresh_seed: int
    seed: int | None = None
    fresh: bool = False  # grade again what has been graded
    sanitize: bool = True
    trace: bool = True


@dataclass(frozen=True)
class Outcome:
    """One submission that is done with. kept: its report was there already and still holds."""

    job: Job
    verdict: Verdict
    score: float | None
    max_score: float
    seconds: float
    kept: bool
    told: str = ""


# --- what there is to grade ----------------------------------------------------------------


def find_jobs(directory: Path, results: Path, slugs: Iterable[str]) -> tuple[list[Job], list[str]]:
    """The submissions of a directory, and notes on what in it is none. UsageError if it cannot be read."""
    known = set(slugs)
    jobs: list[Job] = []
    notes: list[str] = []
    try:
        students = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"cannot read {printable(directory)}: {(error.strerror or '').lower()}") from None
    for student in students:
        if _same(student.path, results):
            continue
        hidden = student.name.startswith(".")  # .git, .DS_Store: not worth a note
        why = _no_folder(student)
        if why and hidden:
            continue
        if why:
            notes.append(f"{printable(student.name)} is {why}: not graded")
            continue
        found = _submissions(student, known, [] if hidden else notes)
        if not found and not hidden:
            notes.append(f"{printable(student.name)} has handed in nothing that this course knows")
        folder = results / "reports" / folder_name(student.name)
        jobs += [Job(student.name, slug, Path(student.path) / slug, folder / f"{slug}.json") for slug in found]
    return jobs, notes


def _submissions(student: os.DirEntry[str], known: set[str], notes: list[str]) -> list[str]:
    try:
        names = sorted(entry.name for entry in itertools.islice(os.scandir(student.path), 10_000))
    except OSError as error:
        notes.append(f"{printable(student.name)} cannot be read: {(error.strerror or '').lower()}")
        return []
    unknown = [name for name in names if name not in known and not name.startswith(".")]
    if unknown:
        more = f" and {len(unknown) - 5:,} more" if len(unknown) > 5 else ""
        listed = ", ".join(printable(name) for name in unknown[:5])
        notes.append(f"{printable(student.name)}: no exercise is called {listed}{more}")
    return [name for name in names if name in known]


def _no_folder(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "a symbolic link"
    return "" if entry.is_dir(follow_symlinks=False) else "no directory"


def _same(path: str, other: Path) -> bool:
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


def folder_name(student: str) -> str:
    """A file name for a student's: harmless in a shell and on a terminal, and different for different students."""
    made = "".join(
        char if (char.isascii() and (char.isalnum() or char in "_@+ ")) or (i and char in "-.") else _percent(char)
        for i, char in enumerate(student)
    )
    if made.endswith(" "):
        made = made[:-1] + "%20"
    if len(made) <= NAME_LIMIT:
        return made
    return made[: NAME_LIMIT - 17].rstrip("%") + "~" + hashlib.sha256(os.fsencode(student)).hexdigest()[:16]


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in os.fsencode(char))


def grading_digest(exercise: Exercise, also: Iterable[Path] = ()) -> str:
    """SHA-256 over all that decides how submissions are graded: where it changes, they are graded again.

    also: further files or folders (grader.yaml, the plugins).
    """
    made = hashlib.sha256()
    entries = sorted(path for path in exercise.root.iterdir() if path.name not in _NOT_GRADING)
    for base in [*entries, *also]:
        inside = sorted(base.rglob("*")) if base.is_dir() else [base]
        for path in inside:
            if path.is_file() and "__pycache__" not in path.parts:
                content = path.read_bytes()
                name = path.relative_to(base.parent).as_posix()
                made.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return made.hexdigest()


# --- grading ---------------------------------------------------------------------------------


def run(
    jobs: Sequence[Job],
    exercises: Mapping[str, Exercise],
    digests: Mapping[str, str],
    grade: Grade,
    write: Callable[[Report], str],
    settings: Settings,
) -> Iterator[Outcome]:
    """Grade all jobs, `settings.jobs` at a time; outcomes come as they are known and stored.

    digests: slug -> grading_digest. write: a report as grader.report/1. Closing the iterator
    abandons what is running. Raises ResultsError where reports cannot be written.
    """
    stop = threading.Event()
    worker = _Worker(exercises, digests, grade, write, settings, stop)
    yield from parallel(jobs, worker, settings.jobs, stop)


@dataclass(frozen=True)
class _Worker:
    exercises: Mapping[str, Exercise]
    digests: Mapping[str, str]
    grade: Grade
    write: Callable[[Report], str]
    settings: Settings
    stop: threading.Event

    def __call__(self, job: Job) -> Outcome:
        exercise = self.exercises[job.exercise]
        submission: Submission | None = None
        fault: Exception | None = None
        try:
            submission = dataclasses.replace(read_job(exercise, job), name=printable(job.student))
            digest = submission.digest
        except SubmissionError as error:
            fault, digest = error, fault_digest(error)
        except (GraderError, OSError) as error:
            fault, digest = error, ""
        kept = self._kept(job, digest)
        if kept is not None:
            return _outcome(job, kept, kept=True)
        if submission is not None:
            report = self._graded(exercise, submission)
        elif isinstance(fault, SubmissionError):
            report = refused(exercise, printable(job.student), fault, seed=self._seed(), version=__version__)
        else:
            report = self._ungraded(exercise, printable(job.student), "", fault)
        report = dataclasses.replace(report, extra={**report.extra, **self._facts(job)})
        if not self.stop.is_set():  # a batch that is being ended stores no error that comes of the ending
            write_atomically(job.target, self.write(report))
        return _outcome(job, report, kept=False)

    def _facts(self, job: Job) -> dict[str, str]:
        """What a stored report must say of how it was graded, that it holds."""
        settings = self.settings
        return {
            "exercise_digest": self.digests[job.exercise],
            "sanitize": str(settings.sanitize).lower(),
            "trace": str(settings.trace).lower(),
        }

    def _seed(self) -> int:
        return self.settings.fresh_seed if self.settings.seed is None else self.settings.seed

    def _kept(self, job: Job, digest: str) -> Report | None:
        """The stored report, if it still tells what grading would tell."""
        if self.settings.fresh or not digest:
            return None
        report = stored(job.target)
        if report is None or report.verdict is Verdict.ERROR or report.version != __version__:
            return None
        same = (
            report.digest == digest
            and all(report.extra.get(name) == value for name, value in self._facts(job).items())
            and self.settings.seed in (None, report.seed)
        )
        return report if same else None

    def _graded(self, exercise: Exercise, submission: Submission) -> Report:
        """The report; an error of ours is tried once more, in a fresh sandbox."""
        for attempt in (1, 2):
            try:
                report = self.grade(exercise, submission, self._seed())
            except Exception as error:  # noqa: BLE001  # whatever it is, it is ours, and the batch goes on
                report = self._ungraded(exercise, submission.name, submission.digest, error)
            if report.verdict is not Verdict.ERROR or attempt == 2 or self.stop.is_set():
                break
        return with_excerpts(report, submission)

    def _ungraded(self, exercise: Exercise, name: str, digest: str, error: Exception | None) -> Report:
        told = str(error) if isinstance(error, GraderError) else f"internal error: {type(error).__name__}: {error}"
        return Report(
            exercise=exercise.slug,
            title=exercise.title,
            submission=name,
            digest=digest,
            verdict=Verdict.ERROR,
            score=None,
            max_score=exercise.points,
            seed=self._seed(),
            sandbox="",
            version=__version__,
            error=told,
        )


def read_job(exercise: Exercise, job: Job) -> Submission:
    """The submission of a job; unlike on the command line, its folder may not be a link or a file."""
    status = os.lstat(job.path)
    if not stat.S_ISDIR(status.st_mode):
        kind = "a symbolic link" if stat.S_ISLNK(status.st_mode) else "no directory"
        raise SubmissionError(f"{exercise.slug} is {kind}: hand in a directory that holds {', '.join(exercise.submit)}")
    return read_submission(exercise, job.path)


def _outcome(job: Job, report: Report, *, kept: bool) -> Outcome:
    told = report.error or next((finding.message for finding in report.findings), "")
    return Outcome(job, report.verdict, report.score, report.max_score, report.seconds, kept, told)


def parallel(items: Iterable[T], work: Callable[[T], R], jobs: int, stop: threading.Event | None = None) -> Iterator[R]:
    """work(item) for each, by so many threads; results as they come.

    An exception of `work` is raised here and ends the rest, as does closing the iterator. The threads
    are daemons: one that hangs in a sandbox does not keep the command from ending.
    """
    todo: queue.SimpleQueue[T] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[R, None] | tuple[None, BaseException]] = queue.SimpleQueue()
    stop = stop or threading.Event()
    count = 0
    for item in items:
        todo.put(item)
        count += 1

    def loop() -> None:
        while not stop.is_set():
            try:
                item = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((work(item), None))
            except BaseException as error:  # noqa: BLE001  # handed to whoever waits
                done.put((None, error))

    try:
        for number in range(min(jobs, count)):
            threading.Thread(target=loop, name=f"grader-{number}", daemon=True).start()
        for _ in range(count):
            result, error = done.get()
            if error is not None:
                raise error
            yield result  # type: ignore[misc]  # where there is no error there is a result
    finally:
        stop.set()


# --- what is stored ----------------------------------------------------------------------------


@contextlib.contextmanager
def locked(results: Path) -> Iterator[None]:
    """Make the results directory ours for the time: two batches must not write to the same one."""
    try:
        (results / "reports").mkdir(parents=True, exist_ok=True)
        descriptor = os.open(results / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"cannot write to {printable(results)}: {(error.strerror or '').lower()}") from None
    except OSError as error:
        raise ResultsError(f"cannot write to {printable(results)}: {(error.strerror or '').lower()}") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(f"another batch is writing to {printable(results)}") from None
        yield
    finally:
        os.close(descriptor)


def write_atomically(target: Path, text: str) -> None:
    """The whole file or none of it, on disk before it has its name. ResultsError."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise ResultsError(
            f"cannot write {printable(target)}: {(error.strerror or str(error)).lower()}; what was graded before "
            "is kept: make room there and run the same command again"
        ) from None


def stored(target: Path) -> Report | None:
    """The report that is kept there, if there is one that can be read."""
    try:
        return report_from_json(target.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def report_from_json(text: str) -> Report:
    """A report from a document of the schema grader.report/1. ValueError where it is none."""
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError(f"not a document of the schema {SCHEMA}")
    try:
        flat: dict[str, Any] = {
            **document,
            "exercise": document["exercise"]["id"],
            "title": document["exercise"]["title"],
            "submission": document["submission"]["name"],
            "digest": document["submission"]["digest"],
            "version": document["grader"],
            "items": [_flat_item(item) for item in document["items"]],
        }
        report: Report = wire.build(Report, flat)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a document of the schema {SCHEMA}: {error!r}") from None
    return report


def _flat_item(item: dict[str, Any]) -> dict[str, Any]:
    """An item as the model has it: a timeline is its events."""
    timeline = item.get("timeline")
    return {**item, "timeline": None if timeline is None else timeline["events"]}


def entries(jobs: Iterable[Job]) -> list[BatchEntry]:
    """What is stored of all jobs, in their order."""
    made = ((job, stored(job.target)) for job in jobs)
    return [BatchEntry(printable(job.student), job.exercise, report) for job, report in made if report is not None]


def write_reports(results: Path, reports: Iterable[BatchReport], about: Sequence[BatchEntry]) -> list[Path]:
    """Write the files about the whole batch; where they are. ResultsError."""
    made: list[Path] = []
    for report in reports:
        target = results / report.filename
        write_atomically(target, report.render(about))
        made.append(target)
    return made
