"""Check `memory`: nothing for AddressSanitizer and UndefinedBehaviorSanitizer to complain about.

Judges only the sanitized build; the plain one is everybody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from grader import CaseObservation, CaseSpec, Finding, Location, ProcessOutcome, hookimpl

_ASAN = re.compile(r"^==\d+==ERROR: AddressSanitizer: (?P<what>[^\n]*)$", re.MULTILINE)
_ACCESS = re.compile(r"^(?P<access>(?:READ|WRITE) of size \d+)", re.MULTILINE)
_FRAME = re.compile(
    r"^\s+#\d+ 0x[0-9a-f]+ in (?P<function>\S+) (?P<file>[^\s:()]+):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?",
    re.MULTILINE,
)
_UBSAN = re.compile(
    r"^(?P<file>[^\s:]+):(?P<line>\d{1,9}):(?P<column>\d{1,9}): runtime error: (?P<what>.*)$", re.MULTILINE
)
_ADDRESS = re.compile(r"\s*(?:on|at)?\s*(?:unknown )?address 0x[0-9a-f]+.*|\s+\(pc .*")
_WORDS = {
    "stack-buffer-overflow": "reads or writes past the end of an array on the stack",
    "heap-buffer-overflow": "reads or writes past the end of allocated memory",
    "global-buffer-overflow": "reads or writes past the end of a global array",
    "heap-use-after-free": "uses memory after free()",
    "stack-use-after-return": "uses a local variable of a function that has returned",
    "stack-use-after-scope": "uses a local variable outside its block",
    "attempting double-free": "frees the same memory twice",
    "attempting free": "frees memory that malloc() did not give",
    "SEGV": "uses an address that is not its own",
    "stack-overflow": "used up its stack",
    "negative-size-param": "passes a negative size",
    "memcpy-param-overlap": "copies between overlapping places",
    "allocation-size-too-big": "asks for more memory than there can be",
}


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "memory": "nothing for AddressSanitizer and UBSan to complain about",
    }


@hookimpl
def grader_check_case(case: CaseSpec, observation: CaseObservation) -> Iterator[Finding]:
    """Turn what the sanitizers printed into findings on the student's lines."""
    if observation.build != "sanitized":
        return
    for process in observation.processes:
        printed = process.stderr.decode("utf-8", "replace") or ""
        if process.tty:
            printed += process.stdout.decode("utf-8", "replace")
        yield from _asan(process, printed, case)
        yield from _ubsan(process, printed, case)


def _asan(process: ProcessOutcome, printed: str, case: CaseSpec) -> Iterator[Finding]:
    for match in _ASAN.finditer(printed):
        report = printed[match.start() :]
        what = _ADDRESS.sub("", match["what"]).strip()
        words = next((text for key, text in _WORDS.items() if what.startswith(key)), what)
        locations = _frames(report)
        access = _ACCESS.search(report)
        at = f" at {locations[0]}" if locations else ""
        yield Finding(
            "memory",
            f"{process.name} {words}{at}",
            expected="no access outside of memory that belongs to the program",
            seen=f"AddressSanitizer: {what}" + (f", {access['access']}" if access else ""),
            locations=locations[:1],
            because="C does not check: the program reads or destroys whatever lies there, and may still look right.",
            hint="How many bytes does it have, and which index does that line use? Where does the length come from?",
            details=tuple(_trace(report)),
            data={"sanitizer": "address", "kind": what, "case": case.id},
        )
        return  # it ends the program: a second report is another process's


def _ubsan(process: ProcessOutcome, printed: str, case: CaseSpec) -> Iterator[Finding]:
    seen = set()
    for match in _UBSAN.finditer(printed):
        place = Location(_base(match["file"]), int(match["line"]), int(match["column"]))
        if place in seen:
            continue
        seen.add(place)
        yield Finding(
            "memory",
            f"{process.name} does something that C leaves undefined at {place}: {match['what']}",
            expected="only what C defines",
            seen=f"UndefinedBehaviorSanitizer: {match['what']}",
            locations=(place,),
            because="The compiler may assume that this never happens, and make anything of it.",
            hint="Which values can the operands on that line have?",
            data={"sanitizer": "undefined", "case": case.id},
        )


def _frames(report: str) -> tuple[Location, ...]:
    """The student's own frames of the first stack (frames of the C library have no source here)."""
    first = report.split("\n\n", 1)[0]
    return tuple(
        Location(_base(match["file"]), int(match["line"]), int(match["column"] or 0), match["function"])
        for match in _FRAME.finditer(first)
        if "sanitizer" not in match["file"] and not match["file"].startswith("../")
    )


def _trace(report: str) -> Iterator[str]:
    for line in report.splitlines()[:40]:
        if line.startswith(("SUMMARY", "Shadow bytes")):
            return
        yield line


def _base(path: str) -> str:
    """The file as the student knows it: the build directory is ours."""
    return path.rpartition("/")[2]
