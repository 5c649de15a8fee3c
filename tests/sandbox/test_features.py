"""What an exercise.yaml says beside steps, played for real: drive, partners, given, needs, leaves, values, limits."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from grader.errors import SandboxError
from grader.model import Report, Verdict
from tests.sandbox.conftest import RIGHT, World, told
from tests.sandbox.course import add_exercise

START: dict[str, Any] = {"start": {"p": ["./main"]}}
ECHO = textwrap.dedent(r"""
    #include <stdio.h>
    int main(void)
    {
        char line[200];
        while (fgets(line, sizeof line, stdin) != NULL) {
            printf("got %s", line);
            fflush(stdout);
        }
        return 0;
    }
    """)
FIFO = '#include <sys/stat.h>\nint main(void)\n{\n    return mkfifo("jobs.fifo", 0600);\n}\n'


def _verdicts(report: Report) -> dict[str, str]:
    return {item.id: item.verdict.value for item in report.items}


# --- drive.py ---------------------------------------------------------------------------------

DRIVE = """
def talk(case):
    case.start(name="p", argv=["./main"], program="main")
    for number in range(case.parameters["n"]):
        case.send(to="p", data=b"%d\\n" % number)
        case.expect(source="p", pattern=f"got {number}\\n")
    case.finish(name="p")


def files(case):
    case.start(name="p", argv=["sh", "-c", "echo one > f"])
    case.finish(name="p")
    if case.contents(path="f") != b"one\\n":
        raise AssertionError("a verb that reads returns what it read")


def waits(case):
    case.start(name="p", argv=["./main"], program="main")
    case.expect(source="p", pattern="prompt")


def asks(case):
    case.start(name="p", argv=["./main"], program="main")
    case.close(name="p.stdin")
    case.expect(source="p", pattern="prompt")


def divides(case):
    case.start(name="p", argv=["./main"], program="main")
    return 1 // 0


def misspells(case):
    case.strat(name="p")


def forgets(case):
    case.send(to="p")


def opens(case):
    open("/no/such/file")
"""


def _drive(world: World, function: str, source: str = ECHO, **more: Any) -> Report:
    case = {"id": "main", "drive": function, "values": {"n": 3}, "leaves": ["f"]}
    name = add_exercise(world, f"drive-{function}", [case], {"drive.py": DRIVE}, **more)
    return world.grade(name, {}, source)


@pytest.mark.parametrize("function", ["talk", "files"])
def test_a_function_of_drive_py_plays_a_case(world: World, function: str) -> None:
    assert _drive(world, function).verdict is Verdict.PASSED


def test_a_driven_case_that_gets_stuck_fails(world: World) -> None:
    report = _drive(world, "waits")
    assert [finding.check for finding in report.items[0].findings] == ["stuck"]
    assert "expect" in told(report.items[0])


def test_a_driven_case_that_cannot_go_on_fails_and_names_the_verb(world: World) -> None:
    report = _drive(world, "asks")
    assert report.verdict is Verdict.FAILED
    (finding,) = report.items[0].findings
    assert finding.check == "steps"
    assert finding.message == "the case could not go on at step 3, expect: the stream ended before"


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ("divides", "drive.py:30: divides: ZeroDivisionError: "),
        ("misspells", "drive.py:34: misspells: AttributeError: no step is called 'strat'; there are blocked, "),
        ("forgets", "drive.py:38: forgets: TypeError: "),
        ("opens", "drive.py:42: opens: FileNotFoundError: "),
    ],
)
def test_a_drive_py_that_raises_is_ours(world: World, function: str, says: str) -> None:
    with pytest.raises(SandboxError) as raised:
        _drive(world, function)
    assert says in str(raised.value)
    assert raised.value.exit_status == 3
    world.assert_works()


# --- partners and given files -------------------------------------------------------------------

PARTNER = (
    '#include "words.h"\n#include <stdio.h>\nint main(void)\n{\n    return puts(WORDS " of the partner") == EOF;\n}\n'
)
SPY = textwrap.dedent(r"""
    #define _GNU_SOURCE
    #include "words.h"
    #include <fcntl.h>
    #include <ftw.h>
    #include <stdio.h>
    #include <string.h>
    #include <unistd.h>
    static int look(const char *path, const struct stat *about, int kind, struct FTW *where)
    {
        static char text[1 << 20], needle[] = "-of the partner";
        (void)where;
        needle[0] = ' ';
        if (kind != FTW_F || !S_ISREG(about->st_mode) || strncmp(path, "/usr", 4) == 0)
            return 0;
        int fd = open(path, O_RDONLY | O_NONBLOCK);
        if (fd < 0)
            return 0;
        ssize_t got = read(fd, text, sizeof text);
        if (got > 0 && memmem(text, (size_t)got, needle, 15) != NULL)
            printf("%s can be read\n", path);
        close(fd);
        return 0;
    }
    int main(void)
    {
        const char *partner = "/programs/partner/tick";
        if (access(partner, X_OK) != 0)
            puts("the partner cannot be executed");
        if (open(partner, O_RDONLY) >= 0)
            puts("the partner can be read");
        const char *places[] = {"/work", "/build", "/programs", "/tmp", "/var/tmp", "/dev/shm", "/etc", "/home"};
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
            nftw(places[i], look, 16, FTW_PHYS);
        return puts(WORDS) == EOF;
    }
    """)


def _partners(world: World, source: str) -> Report:
    steps = [
        {"start": {"t": ["partner:tick"]}},
        {"finish": {"t": {"stdout": "given of the partner\n"}}},
        START,
        {"finish": {"p": {"stdout": "given\n"}}},
    ]
    files = {"reference/tick.c": PARTNER, "given/words.h": '#define WORDS "given"\n'}
    name = add_exercise(
        world, "partners", [{"id": "main", "steps": steps}], files, partners={"tick": "tick.c"}, given=["words.h"]
    )
    return world.grade(name, {}, source)


def test_the_submission_cannot_read_a_partner_nor_its_source(world: World) -> None:
    report = _partners(world, SPY)
    assert report.verdict is Verdict.PASSED, told(report.items[0])


def test_a_given_file_is_not_the_students(world: World) -> None:
    report = _partners(world, RIGHT)
    assert "stdout of p is empty" in told(report.items[0])


def test_a_partner_source_cannot_be_included(world: World) -> None:
    for include in ("tick.c", "../partner/tick.c", "/build/partner/tick.c"):
        report = _partners(world, f'#include "{include}"\n')
        assert "No such file" in report.findings[0].message


# --- needs, leaves, values, limits --------------------------------------------------------------


def test_a_case_is_skipped_where_one_that_it_needs_failed(world: World) -> None:
    fails = [START, {"finish": {"p": {"exit": 7}}}]
    passes = [START, {"finish": "p"}]
    cases = [
        {"id": "later", "needs": ["first"], "steps": passes},
        {"id": "first", "steps": fails},
        {"id": "second", "needs": ["first"], "steps": passes},
        {"id": "third", "needs": ["second"], "steps": fails},
        {"id": "other", "steps": passes},
    ]
    report = world.grade(add_exercise(world, "needs", cases), {}, RIGHT)
    assert _verdicts(report) == {
        "later": "skipped",
        "first": "failed",
        "second": "skipped",
        "third": "skipped",
        "other": "passed",
    }
    assert report.score == 1
    assert "not judged, because first did not pass" in told(report.items[0])


def test_what_may_stay_is_no_leftover(world: World) -> None:
    steps = [START, {"finish": "p"}]
    cases: list[dict[str, Any]] = [
        {"id": "may", "leaves": ["*.fifo"], "steps": steps},
        {"id": "may-by-value", "leaves": ["${name}.fifo"], "values": {"name": "jobs"}, "steps": steps},
        {"id": "may-not", "leaves": ["*.sock"], "steps": steps},
    ]
    report = world.grade(add_exercise(world, "leaves", cases), {}, FIFO)
    assert _verdicts(report) == {"may": "passed", "may-by-value": "passed", "may-not": "failed"}
    assert "left behind: FIFO jobs.fifo" in told(report.items[2])


def test_a_scored_check_takes_the_finding_from_its_case(world: World) -> None:
    check = {"title": "tidy", "points": 2, "because": "of order", "hint": "unlink()"}
    name = add_exercise(
        world, "scored", [{"id": "main", "steps": [START, {"finish": "p"}]}], checks={"no-leftover-ipc": check}
    )
    report = world.grade(name, {}, FIFO)
    assert _verdicts(report) == {"main": "passed", "no-leftover-ipc": "failed"}
    assert (report.score, report.max_score) == (1, 3)


def test_values_are_drawn_from_the_seed(world: World) -> None:
    values = {
        "n": {"integer": [2, 9]},
        "word": {"word": 8},
        "text": {"lines": 2},
        "half": {"compute": "n * 3"},
        "path": "${word}.fifo",
    }
    script = "echo ${n} ${word} ${half} ${path} ${len(text.splitlines())}"
    steps = [
        {"start": {"p": ["sh", "-c", script]}},
        {"finish": {"p": {"stdout": {"regex": r"^[2-9] \w{8} \d+ ${word}\.fifo 2$"}}}},
        {"start": {"q": ["sh", "-c", script]}},
        {"finish": {"q": {"stdout": ""}}},
    ]
    name = add_exercise(world, "values", [{"id": "main", "values": values, "steps": steps}])
    seen = [world.grade(name, {}, RIGHT).items[0].findings[0].seen for _ in range(2)]
    assert seen[0] == seen[1]  # conftest grades with one seed
    assert seen[0]


def test_a_case_has_limits_of_its_own(world: World) -> None:
    steps = [{"start": {"p": ["head", "-c", "5000", "/dev/zero"]}}, {"finish": "p"}]
    cases: list[dict[str, Any]] = [
        {"id": "usual", "steps": steps},
        {"id": "flood", "limits": {"output": "4K"}, "steps": steps},
        {
            "id": "files",
            "limits": {"files": 8},
            "steps": [
                {"start": {"p": ["sh", "-c", "ulimit -n"]}},
                {"finish": {"p": {"stdout": "8\n"}}},
            ],
        },
    ]
    report = world.grade(add_exercise(world, "limits", cases), {}, RIGHT)
    assert _verdicts(report) == {"usual": "passed", "flood": "failed", "files": "passed"}
    assert "p printed without end: more than 4096 bytes" in told(report.items[1])


def test_a_case_is_not_played_after_one_that_it_needs_got_stuck(world: World) -> None:
    stuck = [START, {"expect": {"p": "never"}}]
    cases: list[dict[str, Any]] = [
        {"id": "first", "steps": stuck},
        {"id": "second", "needs": ["first"], "steps": [START, {"finish": "p"}]},
        {"id": "third", "needs": ["second"], "steps": [START, {"finish": "p"}]},
        {"id": "other", "steps": [START, {"finish": "p"}]},
    ]
    report = world.grade(add_exercise(world, "needs-a-stuck-one", cases), {}, ECHO)
    assert _verdicts(report) == {"first": "failed", "second": "skipped", "third": "skipped", "other": "passed"}
    assert [item.seconds > 0 for item in report.items] == [True, False, False, True]
