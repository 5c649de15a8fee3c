"""Check `build`: the submission compiles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from grader import BuildObservation, Ended, Exercise, Finding, Location, Verdict, hookimpl

_DIAGNOSTIC = re.compile(
    r"^(?P<file>[^:\s][^:\n]*):(?P<line>\d{1,9}):(?:(?P<column>\d{1,9}):)? (?:fatal )?error: (?P<text>.*)$",
    re.MULTILINE,
)
_UNDEFINED = re.compile(
    r"^.*?(?P<file>[\w.-]+\.c):(?P<line>\d{1,9}): (?P<text>undefined reference to .*)$", re.MULTILINE
)
# Where no line of the source is named: main() is missing, the compiler's own limits were reached.
_OTHERWISE = re.compile(r"undefined reference to .*|.*out of memory.*|.*error: .*|.*error.*", re.IGNORECASE)
_MULTIPLE = re.compile(r"multiple definition of .*")
_UNENDED = {
    Ended.CPU: "the compiler was still busy when its CPU time was used up",
    Ended.WALL: "the compiler did not come to an end",
    Ended.STUCK: "the compiler waits for something that never comes",
    Ended.MEMORY: "the compiler needed more memory than a program of this size can need",
    Ended.FLOOD: "the compiler printed more messages than are kept",
}


@hookimpl
def grader_checks() -> Mapping[str, str]:
    """The checks of this plugin."""
    return {
        "build": "the submission compiles",
    }


@hookimpl
def grader_check_build(exercise: Exercise, build: BuildObservation) -> Iterator[Finding]:
    """Tell what the compiler said first, on the student's line."""
    if build.ok:
        return
    printed = build.output.decode("utf-8", "replace")
    locations, first = _errors(printed)
    if build.died:
        words = f"the compiler ended ({build.died}) and gave no reason, twice (is the machine short of memory?)"
        yield Finding("build", f"the {build.name} build fails on this machine: {words}", Verdict.ERROR)
        return
    if build.name != "plain" and not _by_the_student(exercise, build, locations):
        yield Finding("build", f"the {build.name} build fails on this machine: {printed.strip()[:400]}", Verdict.ERROR)
        return
    if build.ended is not Ended.DONE:
        message = _UNENDED.get(build.ended, "the compiler was stopped")
        because = "A build has limits of its own; a few hundred lines of C compile within a second."
        hint = "Is there an #include of something that is not a header, or a macro that expands without end?"
    else:
        message = f"{exercise.submit[0] if len(exercise.submit) == 1 else 'the program'} does not compile: {first}"
        because = "Only a program that compiles can be tried."
        hint = "Start with the first error: those below it often come from it."
    yield Finding(
        "build",
        message,
        locations=locations,
        because=because,
        hint=hint,
        replay=build.argv[-1] if build.argv else "",
        details=tuple(printed.splitlines()[:60]),
        data={"ended": build.ended.value},
    )


def _by_the_student(exercise: Exercise, build: BuildObservation, locations: tuple[Location, ...]) -> bool:
    """Is it the student's doing that another build than the plain one fails?

    That one went well. A partner is made of the exercise's own sources, whatever they are called; under
    the sanitizers, and traced, it is the student's if a line of theirs is named, or what they wrote exhausted a limit.
    """
    if build.name not in ("sanitized", "traced"):
        return False
    return any(place.file in exercise.submit for place in locations) or build.ended not in (Ended.DONE, Ended.WALL)


def _errors(printed: str) -> tuple[tuple[Location, ...], str]:
    found = list(_DIAGNOSTIC.finditer(printed)) or list(_UNDEFINED.finditer(printed))
    locations = tuple(
        Location(match["file"], int(match["line"]), int(match.groupdict().get("column") or 0)) for match in found[:10]
    )
    if found:
        return locations, found[0]["text"].strip()
    multiple = _MULTIPLE.search(printed)
    if multiple:
        return (), multiple[0]
    told = _OTHERWISE.search(printed)
    return (), (told[0].strip() if told else "the compiler gave no reason")
