"""gcc's real warnings, translated: what is said, in which order, and what no output of a compiler can do."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from grader import BuildObservation, Ended, Finding, Submission
from plugins import advise_warnings
from plugins.advise_warnings import ADVICE, MOST, PLACES

HEAD = """#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <unistd.h>
"""
LINE = HEAD.count("\n") + 1  # of what follows


def submission(*names: str) -> Submission:
    return Submission("ann", Path("ann"), dict.fromkeys(names or ("demo.c",), b""), "0" * 64)


def built(output: bytes, name: str = "plain") -> BuildObservation:
    return BuildObservation(name, Ended.DONE, ok=True, output=output, seconds=0.1)


def compiled(folder: Path, *flags: str, locale: str = "C.UTF-8", **sources: str) -> list[Finding]:
    """The notes on sources (name without .c -> text), compiled as a course compiles them."""
    names = []
    for name, text in sources.items():
        (folder / f"{name}.c").write_text(HEAD + text, encoding="utf-8")
        names.append(f"{name}.c")
    warnings = ("-Wall", "-Wextra", "-Wlogical-op", "-Wduplicated-cond")  # as in grader.yaml
    command = ["gcc", "-std=gnu17", "-g", "-O1", *warnings, *flags, "-c", *names]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, check=True, env={"PATH": "/usr/bin:/bin", "LANG": locale}
    )
    return list(advise_warnings.grader_advise(submission(*names), built(done.stderr)))


@pytest.mark.parametrize(
    ("kind", "source", "said"),
    [
        ("return-local-addr", "int *f(void) { int x = 3; return &x; }", "after that is gone"),
        ("uninitialized", "int f(void) { int fd; return close(fd); }", "fd is used before it has a value"),
        ("format-overflow", 'void f(void) { char b[4]; sprintf(b, "%d", 1234567); puts(b); }', "beyond the end"),
        (
            "implicit-function-declaration",
            "void f(void) { wait(0); }",
            "wait() is called, but no header that was included declares it",
        ),
        ("int-conversion", 'void f(void) { kill(0, "x"); }', "a pointer stands where a number is needed"),
        (
            "incompatible-pointer-types",
            "static void h(int a, int b) { (void)a; (void)b; } void f(struct sigaction *s) { s->sa_handler = h; }",
            "a pointer to one type is used as a pointer to another",
        ),
        (
            "cast-function-type",
            "static int h(int a) { return a; } void f(void) { signal(SIGINT, (void (*)(int))h); }",
            "a cast hides",
        ),
        ("format", 'void f(long n) { printf("%d\\n", n); }', "does not fit its %"),
        ("return-type", "int f(int a) { if (a) return 1; }", "can end without one"),
        ("infinite-recursion", "int f(int a) { return f(a + 1) + 1; }", "calls itself without end"),
        ("sequence-point", "int f(int i) { i = i++ + 1; return i; }", "i is changed and used in one expression"),
        ("sizeof-pointer-memaccess", "void f(struct sigaction *s) { memset(s, 0, sizeof s); }", "sizeof measures"),
        ("memset-transposed-args", "void f(char *s) { memset(s, sizeof(int), 0); }", "are exchanged"),
        ("parentheses-assignment", "int f(int a) { if (a = fork()) return 1; return a; }", "= stands in a condition"),
        ("parentheses", "int f(int a, int b) { return a == 1 & b == 2; }", "does not group as it is indented"),
        ("misleading-indentation", "void f(int a) { if (a)\n f(0);\n f(1); }", "does not group as it is indented"),
        ("empty-body", "void f(int a) { if (a == 1);\n f(2); }", "a semicolon ends the statement"),
        (
            "logical-op",
            "#include <errno.h>\nint f(void) { return errno != EINTR || errno != EAGAIN; }",
            "this && or || always comes out the same",
        ),
        (
            "duplicated-cond",
            "int f(int a) { if (a == 1) return 2; else if (a == 1) return 3; return 4; }",
            "the same condition is asked twice",
        ),
        ("logical-not-parentheses", "int f(int a) { return !a == 3; }", "! applies to the left side only"),
        (
            "implicit-fallthrough",
            "int f(int a) { switch (a) { case 0: a++; case 1: a--; break; } return a; }",
            "a case goes on into the next one",
        ),
        ("address", 'int f(char *s) { return s == "quit"; }', "an address is compared"),
        ("unused-value", "void f(int a) { a == 3; }", "computed and thrown away"),
        ("type-limits", "int f(size_t n) { return n < 0; }", "always comes out the same"),
        ("div-by-zero", "int f(int n) { return n / 0; }", "divides by zero"),
        ("stringop-truncation", 'void f(char *s) { strncpy(s, "abcdef", 3); }', "is cut"),
        ("pointer-to-int-cast", "int f(void) { return (int)shmat(1, 0, 0); }", "of another size"),
        ("sign-compare", "int f(int n) { return n < sizeof(int); }", "a signed and an unsigned number are compared"),
        ("discarded-qualifiers", "char *f(const char *s) { char *t = s; return t; }", "something const"),
        (
            "unused-but-set-variable",
            "void f(void) { int id; id = fork(); }",
            "id is given a value that nobody looks at",
        ),
        ("unused-function", "static void f(int s) { (void)s; }", "f() is never called"),
        ("unused-variable", "void f(void) { int x; }", "x is never used"),
        ("unused-parameter", "void f(int sig) { }", "sig is never used"),
    ],
)
def test_each_kind_is_translated_with_its_line(kind: str, source: str, said: str, tmp_path: Path) -> None:
    notes = [note for note in compiled(tmp_path, demo=source) if kind in note.data["kinds"]]
    (note,) = notes
    assert note.check == "warnings"
    assert said in note.message
    assert note.message.startswith(f"demo.c:{note.locations[0].line}: ")
    assert LINE <= note.locations[0].line <= LINE + 2
    assert note.because
    assert note.hint
    assert "{}" not in note.message
    assert "warning" not in note.message
    assert all(
        text.startswith("gcc at demo.c:") and f"[-W{kind.partition('-assignment')[0]}" in text for text in note.details
    )


def test_the_kinds_of_the_table_have_all_that_is_told() -> None:
    for kind, advice in ADVICE.items():
        assert advice.because
        assert advice.hint
        assert bool(advice.what) == bool(kind)
        assert not advice.what.endswith(".")


def test_unused_result_is_told_where_the_library_asks_for_it(tmp_path: Path) -> None:
    (note,) = compiled(tmp_path, "-D_FORTIFY_SOURCE=2", demo="void f(void) { write(1, f, 1); }")
    assert note.message == f"demo.c:{LINE}: what write() returns is thrown away"


def test_a_warning_inside_of_a_header_is_about_the_students_line(tmp_path: Path) -> None:
    source = 'void f(void) { char b[4];\n strcpy(b, "too long for it"); puts(b); }'
    (note,) = compiled(tmp_path, "-D_FORTIFY_SOURCE=2", "-O2", demo=source)
    assert "beyond the end of an array" in note.message
    assert (note.locations[0].line, note.locations[0].function) == (LINE + 1, "f")


def test_an_unknown_kind_is_told_in_gccs_words(tmp_path: Path) -> None:
    (note,) = compiled(tmp_path, "-Wvla", demo="int f(int n) { int a[n]; a[0] = n; return a[0]; }")
    assert "gcc warns: " in note.message
    assert "[-Wvla]" in note.message
    assert note.because


def test_a_warning_without_a_kind_is_told_too(tmp_path: Path) -> None:
    output = b"demo.c:3:1: warning: something odd\ndemo.c:4:1: warning: something odd [-Wnew-in-gcc-99]\n"
    notes = list(advise_warnings.grader_advise(submission(), built(output)))
    assert [note.message for note in notes] == [
        "demo.c:3: gcc warns: something odd",
        "demo.c:4: gcc warns: something odd [-Wnew-in-gcc-99]",
    ]


def test_quotation_marks_of_either_locale_are_read(tmp_path: Path) -> None:
    for locale in ("C", "C.UTF-8"):
        (note,) = compiled(tmp_path, locale=locale, demo="void f(void) { int x; }")
        assert "x is never used" in note.message
        assert note.locations[0].function == "f"


def test_the_most_dangerous_come_first_and_only_a_handful(tmp_path: Path) -> None:
    source = """void g(int unused) { }
        int *f(int n) { int x = 3; if (n = 2) puts("a"); printf("%s", n); if (n < sizeof n) return 0;
        switch (n) { case 1: n++; case 2: n--; } undeclared(n); return &x; }
        int h(void) { int y; return y; }"""
    notes = compiled(tmp_path, demo=source)
    assert len(notes) == MOST
    assert [note.data["kinds"][0] for note in notes[:3]] == [
        "return-local-addr",
        "uninitialized",
        "implicit-function-declaration",
    ]
    assert not any("unused-parameter" in note.data["kinds"] for note in notes)


def test_one_note_for_a_kind_names_each_line_once(tmp_path: Path) -> None:
    lines = "".join(f"int a{n} = 1;\n" for n in range(PLACES + 3))
    (note,) = compiled(tmp_path, demo=f"void f(void) {{\n{lines}}}")
    assert f"and the like at {PLACES + 2} more lines" in note.message
    assert [place.line for place in note.locations] == list(range(LINE + 1, LINE + 1 + PLACES))
    assert len(note.details) == PLACES
    assert note.data["lines"] == PLACES + 3


def test_a_file_of_two_programs_is_told_of_once() -> None:
    line = b"demo.c:3:1: warning: unused variable 'x' [-Wunused-variable]\n"
    (note,) = advise_warnings.grader_advise(submission(), built(line * 2))
    assert note.data["lines"] == 1
    assert "more" not in note.message


@pytest.mark.parametrize("name", ["sanitized", "traced"])
def test_other_builds_are_silent(name: str) -> None:
    line = b"demo.c:3:1: warning: unused variable 'x' [-Wunused-variable]\n"
    assert list(advise_warnings.grader_advise(submission(), built(line, name))) == []


def test_files_that_are_not_the_students_are_not_theirs_to_mend() -> None:
    line = b"/usr/include/x.h:3:1: warning: odd [-Wcpp]\ngiven.h:3:1: warning: odd [-Wcpp]\n"
    assert list(advise_warnings.grader_advise(submission(), built(line))) == []


@pytest.mark.parametrize(
    "output",
    [
        b"demo.c:1:1: warning: " + b"x" * (1 << 20),
        b"demo.c:1:1: warning: " + b" [-W" * (1 << 18),
        b"demo.c:1:1: warning: " + b"'" * (1 << 20) + b" [-Wunused-variable]",
        b"demo.c" * (1 << 17),
        b"demo.c:" * (1 << 17),
        b": In function '" * (1 << 16),
        b" inlined from '" * (1 << 16),
        b" " * (1 << 20) + b"inlined from 'f' at demo.c:1:1:",
        b"demo.c:1:1: warning: \xff\x00\x1b[2J [-Wcpp]",
        b"demo.c:99999999999999999999:1: warning: x [-Wcpp]\n",
        b"\n" * (1 << 20),
        b"".join(b"demo.c:%d:1: warning: a%d [-Wk%d]\n" % (n, n, n) for n in range(30_000)),
        b"".join(b"demo.c:%d:1: warning: unused variable 'a' [-Wunused-variable]\n" % n for n in range(15_000)),
    ],
    ids=range(13),
)
def test_hostile_output_makes_few_and_short_notes(output: bytes) -> None:
    notes = list(advise_warnings.grader_advise(submission(), built(output)))
    assert len(notes) <= MOST
    for note in notes:
        assert len(note.message) < 500
        assert len(note.locations) <= PLACES
        assert len("".join(note.details)) < 400 * PLACES
        assert len(str(note.data)) < 1000
