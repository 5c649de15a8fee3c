"""Reads what a student handed in: files that may be anything, bounded and never followed out.

Nothing but regular files is opened, no symbolic link is followed, and no file is read beyond
SIZE_LIMIT. Whatever is wrong is a SubmissionError that says what the exercise wants.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import errno
import hashlib
import itertools
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.errors import GraderError, UsageError
from grader.model import Exercise, Finding, ItemResult, Report, Submission, Verdict

SIZE_LIMIT = 1 << 20
LISTED = 10_000  # entries of a directory that are looked at
CONTEXT = 1  # lines round a line that a report quotes

_OURS = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE}
_MAGIC = (
    (b"!<arch>\n", "a static library (ar archive)"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O executable"),
    (b"\xca\xfe\xba\xbe", "a Mach-O executable"),
    (b"MZ", "a Windows executable"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"BZh", "a bzip2 archive"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"{\\rtf", "a rich text document"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
_ELF = {1: "an ELF object file", 2: "an ELF executable", 3: "an ELF executable or shared library", 4: "a core dump"}


class SubmissionError(UsageError):
    """What was handed in cannot be graded as it is.

    student_fault: graded alone, this is a usage error; in a batch the student earns nothing for it.
    """

    student_fault = True


class SubmissionUnreadableError(GraderError):
    """The machine failed to read a submission (too many open files, an I/O error): ours."""

    exit_status = 3


def read_submission(exercise: Exercise, path: Path) -> Submission:
    """The submitted files: from a directory that holds them, or one file under any name.

    Raises SubmissionError where something is missing, or is not C source in a regular file.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        raise _failed(error, f"cannot read {printable(path)}") from None
    if stat.S_ISDIR(status.st_mode):
        files = _from_directory(exercise, path)
    elif len(exercise.submit) > 1:
        raise SubmissionError(
            f"{exercise.slug} takes {len(exercise.submit)} files ({', '.join(exercise.submit)}): "
            f"name the directory that holds them, not {printable(path)}"
        )
    else:
        # A link given on the command line was chosen by whoever typed it; O_NOFOLLOW is for what lies in a directory.
        files = {exercise.submit[0]: _source(str(path), printable(path), status=status)}
    name = path.name or path.resolve().name or str(path)
    if name == "..":
        name = path.resolve().name
    return Submission(name=printable(name), path=path, files=files, digest=digest_of(files))


def read_solution(exercise: Exercise, path: Path) -> Submission:
    """The same; but a folder in the exercise's own wrong/ or right/ need hold only what differs from the reference."""
    own = [(exercise.root / name).resolve() for name in ("wrong", "right")]
    if not os.path.isdir(path) or path.resolve().parent not in own:
        return read_submission(exercise, path)
    files = {**_from_directory(exercise, exercise.root / "reference"), **_from_directory(exercise, path, whole=False)}
    return Submission(name=printable(path.resolve().name), path=path, files=files, digest=digest_of(files))


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over names and bytes, in the order of the names; lengths keep them apart."""
    made = hashlib.sha256()
    for name in sorted(files):
        encoded = os.fsencode(name)
        made.update(b"%d:%s%d:" % (len(encoded), encoded, len(files[name])))
        made.update(files[name])
    return made.hexdigest()


def ignored_files(exercise: Exercise, path: Path) -> tuple[str, ...]:
    """Names of other files in a submitted directory, which are not graded: for a note to the student.

    What the exercise itself put there (statement, headers, programs) and hidden files are not named.
    """
    if not path.is_dir():
        return ()
    known = {*exercise.submit, *exercise.given, *(program.name for program in exercise.programs)}
    known |= {"README.md", "Makefile"}
    names = (name for name in _names(path) if name not in known and not name.startswith("."))
    return tuple(printable(name) for name in sorted(names) if not name.endswith(".o"))


def printable(name: object) -> str:
    """A name or path for a message: one line, control characters and bytes that are no UTF-8 escaped."""
    text = str(name)
    if text.isprintable():
        return text
    raw = (char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return "".join(f"\\x{char[-2:]}" if char.startswith("\\udc") else char for char in raw)


# --- reports about submissions --------------------------------------------------------------


def refused(exercise: Exercise, name: str, error: SubmissionError, *, seed: int, version: str) -> Report:
    """The report of a batch about a submission that cannot be graded as it is: nothing earned, and why.

    Its digest is one of the fault, so that a submission is graded as soon as the fault is gone.
    """
    finding = Finding(
        check="build",
        message=str(error),
        because="only the files that the exercise names are graded, and they must be C source.",
        hint=f"Hand in exactly: {', '.join(exercise.submit)}.",
    )
    items = [ItemResult(c.id, c.title, "case", Verdict.SKIPPED, 0.0, c.points, (), c.because) for c in exercise.cases]
    items += [
        ItemResult(c.name, c.title, "check", Verdict.SKIPPED, 0.0, c.points, (), c.because)
        for c in exercise.checks.values()
    ]
    return Report(
        exercise=exercise.slug,
        title=exercise.title,
        submission=name,
        digest=fault_digest(error),
        verdict=Verdict.FAILED,
        score=0.0,
        max_score=exercise.points,
        seed=seed,
        sandbox="",
        version=version,
        items=tuple(items),
        findings=(finding,),
    )


def fault_digest(error: SubmissionError) -> str:
    """Stands for the digest of a submission that cannot be read."""
    return hashlib.sha256(f"fault: {error}".encode("utf-8", "backslashreplace")).hexdigest()


def with_excerpts(report: Report, submission: Submission) -> Report:
    """The report with the source lines that its findings point at, in data["excerpts"] of each.

    An excerpt: {"file", "line": the line meant, "first": number of the first line quoted, "text": [lines]}.
    """
    sources = {name: content.decode("utf-8", "replace").split("\n") for name, content in submission.files.items()}

    def quoted(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return tuple(_with_excerpt(finding, sources) for finding in findings)

    items = tuple(
        dataclasses.replace(item, findings=quoted(item.findings), notes=quoted(item.notes))
        if any(finding.locations for finding in (*item.findings, *item.notes))
        else item
        for item in report.items
    )
    return dataclasses.replace(report, items=items, findings=quoted(report.findings), notes=quoted(report.notes))


def _with_excerpt(finding: Finding, sources: Mapping[str, Sequence[str]]) -> Finding:
    if "excerpts" in finding.data:
        return finding
    made: list[dict[str, Any]] = []
    for place in finding.locations:
        lines = sources.get(place.file, ())
        if 0 < place.line <= len(lines):
            first = max(1, place.line - CONTEXT)
            text = list(lines[first - 1 : place.line + CONTEXT])
            made.append({"file": place.file, "line": place.line, "first": first, "text": text})
    return dataclasses.replace(finding, data={**finding.data, "excerpts": made}) if made else finding


# --- reading ---------------------------------------------------------------------------------


def _from_directory(exercise: Exercise, path: Path, *, whole: bool = True) -> dict[str, bytes]:
    """The submitted files; whole: all of them must be there."""
    try:
        directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _failed(error, f"cannot read {printable(path)}") from None
    try:
        files: dict[str, bytes] = {}
        for name in exercise.submit:
            try:
                status = os.stat(name, dir_fd=directory, follow_symlinks=False)
            except FileNotFoundError:
                if not whole:
                    continue
                raise _missing(exercise, path, name) from None
            except OSError as error:
                raise _failed(error, f"cannot read {name}") from None
            files[name] = _source(name, name, status=status, directory=directory)
        return files
    finally:
        os.close(directory)


def _source(name: str, called: str, *, status: os.stat_result, directory: int | None = None) -> bytes:
    """The content of a file that is C source as far as one can tell without compiling it."""
    _regular(name, called, status, directory)
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    if directory is not None:
        flags |= os.O_NOFOLLOW
    try:
        descriptor = os.open(name, flags, dir_fd=directory)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise SubmissionError(f"{called} is a symbolic link: hand in the file itself") from None
        raise _failed(error, f"cannot read {called}") from None
    try:
        _regular(name, called, os.fstat(descriptor), None)  # it may have been exchanged meanwhile
        content = _bounded(descriptor, called)
    except OSError as error:
        raise _failed(error, f"cannot read {called}") from None
    finally:
        os.close(descriptor)
    _c_source(content, called)
    return content


def _regular(name: str, called: str, status: os.stat_result, directory: int | None) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFREG:
        if status.st_size > SIZE_LIMIT:
            raise _too_large(called, status.st_size)
        return
    if kind == stat.S_IFLNK:
        target = ""
        with contextlib.suppress(OSError):
            target = f" (to {printable(os.readlink(name, dir_fd=directory))})"
        raise SubmissionError(f"{called} is a symbolic link{target}: hand in the file itself")
    words = {
        stat.S_IFDIR: "a directory",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    raise SubmissionError(f"{called} is {words.get(kind, 'no regular file')}: hand in a regular file with C source")


def _bounded(descriptor: int, called: str) -> bytes:
    with open(descriptor, "rb", closefd=False) as stream:
        content = stream.read(SIZE_LIMIT + 1)
    if len(content) > SIZE_LIMIT:
        raise _too_large(called, os.fstat(descriptor).st_size)
    return content


def _c_source(content: bytes, called: str) -> None:
    kind = _binary(content)
    if kind:
        raise SubmissionError(f"{called} is {kind}, not C source: hand in the source")
    at = content.find(b"\0")
    if at >= 0:
        line = content.count(b"\n", 0, at) + 1
        raise SubmissionError(f"{called}:{line}: holds a NUL byte (byte {at:,} of the file): hand in plain C source")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise SubmissionError(
            f"{called}:{line}:{column}: byte 0x{content[error.start]:02x} is not UTF-8: save the file as UTF-8"
        ) from None


def _binary(content: bytes) -> str:
    if content.startswith(b"\x7fELF"):
        return _ELF.get(int.from_bytes(content[16:17], "little"), "an ELF file") + " (a compiled program)"
    return next((words for magic, words in _MAGIC if content.startswith(magic)), "")


def _too_large(called: str, size: int) -> SubmissionError:
    return SubmissionError(f"{called} is too large: {size:,} bytes; a source file may have {SIZE_LIMIT:,}")


def _missing(exercise: Exercise, path: Path, name: str) -> SubmissionError:
    """What is missing, what the exercise wants, and which file there was probably meant."""
    there = [entry for entry in _names(path) if not entry.startswith(".")]
    wants = f"{exercise.slug} wants {', '.join(exercise.submit)}"
    close = _meant(name, [entry for entry in there if entry not in exercise.submit])
    if close:
        meant = f"did you mean {printable(close)}? rename it to {name}"
        if len(exercise.submit) == 1:
            meant += f", or name that file instead of the directory: {printable(path / close)}"
        return SubmissionError(f"no {name} in {printable(path)} ({wants}); {meant}")
    sources = [entry for entry in sorted(there) if entry.endswith((".c", ".h"))]
    found = f"it holds {_few(sources or sorted(there))}" if there else "it is empty"
    return SubmissionError(f"no {name} in {printable(path)} ({wants}); {found}")


def _meant(name: str, there: Sequence[str]) -> str:
    same = [entry for entry in there if entry.casefold() == name.casefold()]
    same += difflib.get_close_matches(name, there, n=1, cutoff=0.6)
    sources = [entry for entry in there if entry.endswith(".c")]
    return same[0] if same else sources[0] if len(sources) == 1 else ""


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(printable(name) for name in names[:5])
    return f"{shown} and {len(names) - 5:,} more" if len(names) > 5 else shown


def _names(path: Path) -> Iterator[str]:
    try:
        with os.scandir(path) as entries:
            yield from [entry.name for entry in itertools.islice(entries, LISTED)]
    except OSError:
        return


def _failed(error: OSError | ValueError, what: str) -> GraderError:
    if isinstance(error, OSError) and error.errno in _OURS:
        return SubmissionUnreadableError(f"{what}: {error.strerror}")
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return SubmissionError(f"{what}: {(reason or 'not possible').lower()}")
