"""The HTML page that `grader grade --html FILE` writes beside the report."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from grader.cli import complain
from grader.model import Report, ReportFormat, Style


@dataclass(frozen=True)
class Page:
    """Where it goes, and the format that a plugin offers for it."""

    target: Path
    format: ReportFormat

    def write(self, report: Report) -> bool:
        """Write all of it or nothing. What hinders is told, and False: the report itself is not held up by it."""
        try:
            _write_whole(self.target, self.format.render(report, Style()))
        except OSError as error:
            complain(f"cannot write {self.target}: {(error.strerror or str(error)).lower()}")
            return False
        return True


def _write_whole(target: Path, text: str) -> None:
    """A regular file is replaced when the new one is complete; a terminal, a pipe or a device is written to."""
    content = text.encode("utf-8", "backslashreplace")
    target = Path(os.path.realpath(target))
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if target.exists() and not target.is_file():
        target.write_bytes(content)
        return
    partial = target.with_name(f".grader-{os.getpid()}.partial")
    try:
        with open(partial, "xb") as file:
            if target.exists():
                os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
    except FileExistsError:  # not ours
        raise
    except BaseException:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise
