"""What an attack is, and what must become of it: read from the first comment of each program.

A line ` * @row NAME` says which row of the table of threats it belongs to (ROWS), and there may be several. The others:

  @exercise NAME      of course/exercises; one-case where it is not said
  @right              all points: what it does is no fault
  @points N           exactly so many, or N..M; 0 where it is not said
  @fails A B          the checks of which something is told as the submission's fault, no more and no fewer
  @fails-some A B     in place of it, where it is a matter of luck: at least one of these, and no other; `output`
                      where neither is said
  @says WORDS         stand in what the report tells, in any case of letters; may be repeated
  @not-on BACKENDS    where it cannot be tried
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"
SUMMARY = re.compile(r"tried (\d+), held (\d+)")

# The rows of the table in security.md, by a word for each.
ROWS = {
    "bombs": "fork bomb; vfork/clone/thread bomb",
    "memory": "memory bomb, 50 hogs at once",
    "filling": "filling disk, inodes, /dev/shm, /dev/mqueue",
    "output": "1 GB of stdout; endless stderr; output to a peer's pty",
    "kill": "kill or SIGSTOP of the driver or shim; kill(-1)",
    "ptrace": "ptrace, /proc/PID/mem, pidfd_getfd, the driver's descriptors",
    "result": "printing a perfect result JSON; writing to inherited descriptors",
    "daemons": "daemons (setsid, double fork), respawners, processes ignoring signals",
    "hostile-files": "a FIFO, symlink, device, directory or sparse 10 GiB file where the grader reads afterwards",
    "replace": "replacing its own binary, the partner's binary or the source between cases",
    "include": "#include / .incbin / #embed of hidden files, /proc/self, /etc/shadow; __TIMESTAMP__ tricks",
    "compiler": 'include of "/dev/zero", macro bombs, huge initialisers, huge error output, early constructors',
    "network": "network, AF_VSOCK, AF_NETLINK, abstract sockets to outside",
    "kernel": "mount, user namespaces, bpf, io_uring, keyctl, perf, userfaultfd, clone3",
    "tables": "exhausting SysV and mqueue tables",
    "priorities": "scheduler priorities, rlimit raising, core dumps",
    "timing": "sleeping until a limit, burning CPU in one process to starve a peer",
    "detect": "detecting the grader (env, argv, cwd, pid numbers) and behaving only then",
    "hard-coded": "hard-coded answers",
    "archives": "path traversal, links, devices, bombs, 100,000 files, names with newlines or terminal escapes",
    "escapes": "terminal escapes, HTML, XML control characters, ::error, CSV formulas in output and names",
}


@dataclass(frozen=True)
class Attack:
    """One hostile submission, and what must be told of it. points: lowest and highest; None: all that there are."""

    name: str
    rows: tuple[str, ...]
    exercise: str = "one-case"
    points: tuple[float, float] | None = (0, 0)
    fails: frozenset[str] = frozenset({"output"})
    luck: bool = False
    says: tuple[str, ...] = ()
    not_on: frozenset[str] = frozenset()
    source: Path | None = None
    summary: bool = False
    student: str = field(default="")

    def problems(self, report: Mapping[str, Any]) -> list[str]:
        """What in a report (grader.report/1) is not as it must be."""
        told = told_of(report)
        found = []
        if report["verdict"] == "error":
            found.append(f"no grade was given: {report['error']}")
            return found
        lowest, highest = self.points or (report["max_score"],) * 2
        if not lowest <= report["score"] <= highest:
            found.append(f"{report['score']:g} points, not {lowest:g} to {highest:g}")
        checks = {finding["check"] for finding in findings_of(report) if finding["verdict"] == "failed"}
        right = (
            (not checks or bool(checks & self.fails)) and checks <= self.fails if self.luck else checks == self.fails
        )
        if not right:
            found.append(f"told: {sorted(checks)}; wanted {'some of ' if self.luck else ''}{sorted(self.fails)}")
        found += [f"nobody says {words!r}" for words in self.says if words.lower() not in told.lower()]
        found += sorted(set(re.findall(r"BREACH: .*", told)))[:20]
        held = SUMMARY.findall(told)
        if self.summary and (not held or any(tried != kept or tried == "0" for tried, kept in held)):
            found.append(f"it did not say that it tried, and everything held: {held}")
        return found


def findings_of(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All findings, of the whole and of each item."""
    return [*report["findings"], *(finding for item in report["items"] for finding in item["findings"])]


def told_of(report: Mapping[str, Any]) -> str:
    """What a report tells of what was seen; not the lines of source and compiler messages that it quotes."""
    parts: list[str] = []
    for finding in findings_of(report):
        parts += [finding["message"], finding["seen"] or "", finding["hint"]]
        parts += [] if finding["check"] == "build" else finding["details"]
    return "\n".join(parts)


def read_program(source: Path) -> Attack:
    """An attack from the first comment of its program."""
    text = source.read_text(encoding="utf-8")
    comment = text[: text.index("*/")]
    said: dict[str, list[str]] = {}
    for key, value in re.findall(r"^ \* @([a-z-]+) ?(.*)$", comment, re.MULTILINE):
        said.setdefault(key, []).append(value.strip())
    unknown = said.keys() - {"row", "exercise", "right", "points", "fails", "fails-some", "says", "not-on"}
    if {"fails", "fails-some"} <= said.keys():
        raise ValueError(f"{source}: fails and fails-some")
    if unknown or not set(said["row"]) <= ROWS.keys():
        raise ValueError(f"{source}: unknown {sorted(unknown)} or row {said['row']}")
    right, luck = "right" in said, "fails-some" in said
    low, _, high = said.get("points", ["0"])[0].partition("..")
    fails = " ".join(said.get("fails", said.get("fails-some", [] if right else ["output"])))
    return Attack(
        name=source.stem,
        rows=tuple(said["row"]),
        exercise=said.get("exercise", ["one-case"])[0],
        points=None if right else (float(low), float(high or low)),
        fails=frozenset(fails.split()),
        luck=luck,
        says=tuple(said.get("says", ())),
        not_on=frozenset(" ".join(said.get("not-on", ())).split()),
        source=source,
        summary="return done();" in text,
    )


def programs() -> Iterable[Attack]:
    """The attacks that are programs."""
    return [read_program(source) for source in sorted(PROGRAMS.glob("*.c"))]
